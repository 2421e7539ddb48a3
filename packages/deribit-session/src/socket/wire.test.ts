import { DeribitVenue, type DeribitVenueOptions, Link, memoryFetch, memoryWebSocket } from "@x/venue-sims";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { DeribitError } from "../errors.ts";
import { createDeribitHttp } from "../http/http.ts";
import { connectDeribit } from "./connect.ts";

const { clientId, clientSecret } = DeribitVenue.defaults;
const links: Link[] = [];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
	for (const link of links.splice(0)) link.close();
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
});

async function connect(options: DeribitVenueOptions = {}) {
	const venue = new DeribitVenue(options);
	const link = new Link(venue);
	links.push(link);
	const open = () => connectDeribit({ WebSocket: memoryWebSocket(link) });
	const pull = (fault: string, args = {}): unknown => link.faults[fault]?.(args);
	return { venue, link, pull, open, connection: await open() };
}

const failure = (promise: Promise<unknown>): Promise<DeribitError> =>
	promise.then(
		() => expect.fail("it succeeded"),
		(error: DeribitError) => error,
	);

describe("what the venue does in more than one way", () => {
	it("is the same to a caller: replies without the us members and without testnet", async () => {
		const { connection } = await connect({ stamps: false });
		await connection.authenticate({ clientId, clientSecret });
		expect(await connection.request("private/enable_cancel_on_disconnect")).toBe("ok");
		expect(await connection.request("private/get_cancel_on_disconnect")).toEqual({
			scope: "connection",
			enabled: true,
		});
	});

	it.each(["true", "partial", "false", true, false])("locked is given as it came: %j", async (statusLocked) => {
		const { connection, link } = await connect({ statusLocked });
		expect(await connection.request("public/status")).toEqual({ locked: statusLocked });
		const http = createDeribitHttp({ fetch: memoryFetch(link) });
		expect(await http.request("public/status")).toEqual({ locked: statusLocked });
	});

	it.each([
		["before an authentication 13009, or 10000", { unauthorizedCode: 10000 }, 10000],
		["before an authentication 13009, or 10000", {}, 13009],
	])("is told with what to do: %s", async (_, options, code) => {
		const { connection } = await connect(options);
		expect(await failure(connection.request("private/get_cancel_on_disconnect"))).toMatchObject({
			venueCode: code,
			message: expect.stringContaining("authenticate this connection first"),
		});
	});

	it("an exception can be asked for, whatever code the venue has for it", async () => {
		const { connection } = await connect({ exceptionCode: 11094 });
		expect(await failure(connection.request("public/test", { expected_result: "exception" }))).toMatchObject({
			kind: "venue",
			venueCode: 11094,
		});
	});

	it("channels that the venue dropped without a word are missing in the result", async () => {
		const { connection } = await connect();
		const channels = ["no.such.channel", "platform_state.public_methods_state"];
		expect(await connection.call("public/subscribe", { channels })).toEqual(["platform_state.public_methods_state"]);
	});
});

describe("state of a connection", () => {
	it("ends with it: heartbeat, switch, authentication and subscriptions are all to be made again", async () => {
		const { connection, open, venue, pull } = await connect();
		await connection.authenticate({ clientId, clientSecret });
		await connection.request("public/set_heartbeat", { interval: 30 });
		await connection.request("private/enable_cancel_on_disconnect");
		await connection.call("public/subscribe", { channels: ["platform_state"] });
		await connection.disconnect();
		const next = await open();
		expect(next.authorization).toBeUndefined();
		expect(next.cancelOnDisconnect).toBeUndefined();
		expect(venue.truth().connections).toMatchObject([{ authenticated: false, armed: false, heartbeatSeconds: null }]);
		expect(pull("announceMaintenance")).toBe(0);
	});

	it("is nobody else's: the orders of another connection stay when this one dies", async () => {
		const { connection, open, venue } = await connect();
		const other = await open();
		for (const each of [connection, other]) {
			await each.authenticate({ clientId, clientSecret });
			await each.request("private/enable_cancel_on_disconnect");
			await each.call("private/buy", { instrument_name: "BTC-PERPETUAL", amount: 10 });
		}
		await connection.disconnect();
		expect(venue.orders()).toMatchObject([{ state: "cancelled" }, { state: "open" }]);
		expect(other.ended.aborted).toBe(false);
	});

	it("with scope account later connections start armed, which each has to read back for itself", async () => {
		const { connection, open } = await connect();
		await connection.authenticate({ clientId, clientSecret });
		await connection.request("private/enable_cancel_on_disconnect", { scope: "account" });
		const next = await open();
		await next.authenticate({ clientId, clientSecret });
		expect(next.cancelOnDisconnect).toBeUndefined();
		await next.request("private/get_cancel_on_disconnect", { scope: "connection" });
		expect(next.cancelOnDisconnect).toBe(true);
	});

	it("mass quotes need the switch: 13042 without it", async () => {
		const { connection } = await connect();
		await connection.authenticate({ clientId, clientSecret });
		expect(await failure(connection.call("private/mass_quote"))).toMatchObject({
			venueCode: 13042,
			message: expect.stringContaining("enable cancel-on-disconnect for this connection first"),
		});
	});
});

describe("a silent connection", () => {
	it("without heartbeats is cut after 60 s, and says that it was silence", async () => {
		const { connection } = await connect();
		await connection.authenticate({ clientId, clientSecret });
		await connection.request("private/enable_cancel_on_disconnect");
		await vi.advanceTimersByTimeAsync(59_999);
		expect(connection.ended.aborted).toBe(false);
		await vi.advanceTimersByTimeAsync(1);
		expect(connection.ended.reason).toMatchObject({
			why: "silence",
			closeCode: 1006,
			cancelOnDisconnectFired: "likely",
		});
	});

	it("that is only listened to is closed by the venue after ten minutes, and says the same", async () => {
		const { connection, pull } = await connect();
		await connection.call("public/subscribe", { channels: ["platform_state"] });
		for (let minute = 0; minute < 20; minute += 1) {
			await vi.advanceTimersByTimeAsync(30_000);
			pull("announceMaintenance", { on: false });
		}
		await vi.advanceTimersByTimeAsync(0);
		expect(connection.ended.reason).toMatchObject({ why: "silence", closeCode: 1000 });
	});

	it("with heartbeats lives", async () => {
		const { connection } = await connect();
		await connection.request("public/set_heartbeat", { interval: 30 });
		await vi.advanceTimersByTimeAsync(3_600_000);
		expect(connection.ended.aborted).toBe(false);
	});
});
