import { expect, it } from "vitest";
import { Journal } from "../journal.ts";
import { socketClass } from "../network/sim-socket.ts";
import { deribitSetup } from "../venues/deribit.ts";
import { ibkrSetup } from "../venues/ibkr.ts";
import { seeded } from "../world/seeded-random.ts";
import { World } from "../world/world.ts";
import { TrafficInvariants } from "./traffic-invariants.ts";

const refusal = '{"jsonrpc":"2.0","id":1,"error":{"message":"invalid_credentials","code":13004},"testnet":false}';
const login = '{"jsonrpc":"2.0","id":1,"method":"public/auth","params":{}}';

/** The TrafficInvariants of a Deribit session, and a list of the rules that were violated so far. */
function judge(): { traffic: TrafficInvariants; rules: () => string[] } {
	const world = new World(1_000_000);
	const journal = new Journal(() => world.now);
	const setup = deribitSetup(world, journal, seeded(1), 0);
	return {
		traffic: new TrafficInvariants(setup, world, journal),
		rules: () => journal.violations.map(({ rule }) => rule),
	};
}

it("TrafficInvariants reports a login after two refused logins, and does not count logins that got no answer", () => {
	const { traffic, rules } = judge();
	traffic.frameSent(login);
	traffic.frameReceived(refusal);
	for (let unanswered = 0; unanswered < 3; unanswered += 1) traffic.frameSent(login);
	expect(rules()).toEqual([]);
	traffic.frameReceived(refusal);
	expect(rules()).toEqual([]);
	traffic.frameSent(login);
	expect(rules()).toEqual(["e-logins-after-13004"]);
});

it("TrafficInvariants allows a login by refresh token after the venue has refused the key", () => {
	const { traffic, rules } = judge();
	const renewal = login.replace("{}", '{"grant_type":"refresh_token","refresh_token":"r"}');
	for (let refusals = 0; refusals < 2; refusals += 1) traffic.frameReceived(refusal);
	for (let tries = 0; tries < 9; tries += 1) traffic.frameSent(renewal);
	expect(rules()).toEqual([]);
	traffic.frameSent(login);
	expect(rules()).toEqual(["e-logins-after-13004"]);
});

it("TrafficInvariants allows another login if the reply that refused the previous login arrived incomplete", () => {
	const { traffic, rules } = judge();
	traffic.frameSent(login);
	traffic.frameReceived(refusal.slice(0, -5));
	for (let tries = 0; tries < 9; tries += 1) traffic.frameSent(login);
	expect(rules()).toEqual([]);
});

it("TrafficInvariants forgets earlier refusals after a successful login", () => {
	const { traffic, rules } = judge();
	traffic.frameReceived(refusal);
	traffic.frameReceived('{"jsonrpc":"2.0","id":2,"result":{"access_token":"a"}}');
	traffic.frameReceived(refusal);
	traffic.frameSent(login);
	expect(rules()).toEqual([]);
});

it("deribitSetup reports that recovery is impossible from the announcement of maintenance until its end is announced or two hours have passed", async () => {
	const world = new World(1_000_000);
	const journal = new Journal(() => world.now);
	const setup = deribitSetup(world, journal, seeded(1), 0);
	const traffic = new TrafficInvariants(setup, world, journal);
	const frame = (maintenance: boolean): string => JSON.stringify({ params: { data: { maintenance } } });
	expect(setup.isAble()).toBe(true);
	traffic.frameReceived(frame(true));
	expect(setup.isAble()).toBe(false);
	traffic.frameReceived(frame(false).slice(0, -1));
	expect(setup.isAble()).toBe(false);
	traffic.frameReceived(frame(false));
	expect(setup.isAble()).toBe(true);
	traffic.frameReceived(frame(true));
	await world.run(7_200_000);
	expect(setup.isAble()).toBe(false);
	await world.run(7_200_001);
	expect(setup.isAble()).toBe(true);
});

/**
 * The TrafficInvariants of an IBKR session whose process started ten minutes ago. So a penalty for exceeding the rate limit must be the
 * fault of this process.
 */
async function boxJudge() {
	const world = new World(1_000_000);
	const journal = new Journal(() => world.now);
	const traffic = new TrafficInvariants(ibkrSetup(world, journal, seeded(1), 0), world, journal);
	traffic.processStarted();
	await world.run(600_000);
	const after = async (ms: number, status: number, isDelayed = false): Promise<void> => {
		await world.run(world.now + ms);
		traffic.callArrived("/v1/api/tickle", status, isDelayed);
	};
	return { traffic, after, rules: () => journal.violations.map(({ rule }) => rule) };
}

it("TrafficInvariants reports a rate-limit penalty that a call of the session has caused, even if the answer to the call is lost", async () => {
	const { after, rules } = await boxJudge();
	await after(60_000, 200);
	await after(500, 429);
	expect(rules()).toEqual(["e-boxed-by-own-pace"]);
});

it("TrafficInvariants does not report a rate-limit penalty within 70 s after a network delay, because the delay may bring calls too close together", async () => {
	for (const [ms, broken] of [
		[70_000, []],
		[70_001, ["e-boxed-by-own-pace"]],
	] as const) {
		const { after, rules } = await boxJudge();
		await after(1, 200, true);
		await after(ms, 429);
		expect(rules()).toEqual(broken);
	}
});

it("TrafficInvariants does not report a call that is refused while an earlier rate-limit penalty lasts", async () => {
	const { traffic, after, rules } = await boxJudge();
	traffic.venueBlocked(185_000);
	await after(185_000, 429);
	expect(rules()).toEqual([]);
	await after(1, 429);
	expect(rules()).toEqual(["e-boxed-by-own-pace"]);
});

it("TrafficInvariants reports the 23rd token request of a worker in ten minutes, and counts from 0 for a new worker", () => {
	const { traffic, rules } = judge();
	const request = (times: number): void => {
		for (let made = 0; made < times; made += 1) traffic.callArrived("/oauth2/api/v1/token", undefined, false);
	};
	request(22);
	traffic.workerStarted();
	request(22);
	expect(rules()).toEqual([]);
	request(1);
	expect(rules()).toEqual(["e-tokens"]);
});

it.each([
	["reports", 5_001, ["e-connections"]],
	["allows", 5_000, []],
] as const)(
	"TrafficInvariants %s a third connection %i ms after a stall (a replaced connection may take 5 s to close)",
	async (_, ms, expected) => {
		const world = new World(1_000_000);
		const journal = new Journal(() => world.now);
		const setup = deribitSetup(world, journal, seeded(1), 0);
		const traffic = new TrafficInvariants(setup, world, journal);
		const Socket = socketClass(setup.route);
		for (let count = 0; count < 2; count += 1) new Socket("wss://www.deribit.com/ws/api/v2");
		await world.run(1_000);
		world.machine.stall(100, false);
		const { disturbedAt } = world.machine;
		await world.run(disturbedAt + ms);
		traffic.handshakeSent("/ws/api/v2");
		expect(journal.violations.map(({ rule }) => rule)).toEqual(expected);
	},
);
