import { DeribitVenue, type DeribitVenueOptions, Link, memoryWebSocket } from "@x/venue-sims";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { SessionError } from "../../session-error.ts";
import { type DeribitSessionOptions, deribit } from "./index.ts";

const { clientId, clientSecret } = DeribitVenue.defaults;
const links: Link[] = [];
const never = new AbortController().signal;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
	for (const link of links.splice(0)) link.close();
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
});

function stage(options: Partial<DeribitSessionOptions> = {}, venueOptions: DeribitVenueOptions = {}) {
	const venue = new DeribitVenue(venueOptions);
	const link = new Link(venue);
	links.push(link);
	const session = deribit({ clientId, clientSecret, WebSocket: memoryWebSocket(link), ...options });
	const pull = (lever: string, args = {}): unknown => link.levers[lever]?.(args);
	const asked = (): string[] => venue.received.map(({ method }) => method);
	const isArmed = (): boolean[] =>
		(pull("truth") as { connections: { armed: boolean }[] }).connections.map(({ armed }) => armed);
	return { venue, link, session, pull, asked, isArmed };
}

/** The error that a promise fails with; runs the clock meanwhile. */
async function failure(promise: Promise<unknown>, ms = 0): Promise<SessionError> {
	const outcome = promise.then(
		() => expect.fail("it succeeded"),
		(error: SessionError) => error,
	);
	await vi.advanceTimersByTimeAsync(ms);
	return outcome;
}

describe("open", () => {
	it("authenticates, sets the heartbeat, arms, reads back and asks for news of breaks, in that order", async () => {
		const { session, asked, isArmed } = stage();
		const lease = await session.open(never);
		expect(asked()).toEqual([
			"public/auth",
			"public/set_heartbeat",
			"private/enable_cancel_on_disconnect",
			"private/get_cancel_on_disconnect",
			"public/subscribe",
		]);
		expect(lease).toMatchObject({
			ttlMs: 40_000,
			protection: { state: "armed", scope: "connection", exposureMs: 69_000, verifiedAt: Date.now() },
		});
		expect(isArmed()).toEqual([true]);
		expect(session.handle?.authorization?.scope).toContain("account:read_write");
	});

	it("with scope account reads back the account and this very connection", async () => {
		const { session, venue, pull } = stage({ scope: "account" });
		expect((await session.open(never)).protection).toMatchObject({ state: "armed", scope: "account" });
		expect(venue.received.slice(-3, -1).map(({ params }) => params)).toEqual([
			{ scope: "connection" },
			{ scope: "account" },
		]);
		expect(pull("truth")).toMatchObject({ accountArmed: true, connections: [{ armed: true }] });
	});

	it("says how long ago its last answered question was sent: what came after proves no life", async () => {
		const { session, pull } = stage();
		pull("suppressAnswers", { methods: ["public/subscribe"] });
		const opening = session.open(never);
		await vi.advanceTimersByTimeAsync(3_000);
		expect(await opening).toMatchObject({ ageMs: 3_000, protection: { verifiedAt: Date.now() - 3_000 } });
	});

	it("is never alive on an ok that armed nothing", async () => {
		const { session, pull, link } = stage();
		pull("lieOnEnable");
		const error = await failure(session.open(never));
		expect(error).toMatchObject({ disposition: { action: "retry" } });
		expect(error.message).toContain("arming was acknowledged and did not work");
		expect(session.handle).toBeUndefined();
		expect(link.connections).toBe(0);
	});

	it("is never alive when the account is armed but this connection is not", async () => {
		const { session, pull } = stage({ scope: "account" }, { accountArmed: false });
		pull("lieOnEnable");
		expect(await failure(session.open(never))).toMatchObject({ disposition: { action: "retry" } });
	});

	it.each([
		["arming fails with 10049", "failArming", { action: "retry" }],
		["the credentials are revoked", "revoke", { action: "fatal" }],
		["the platform is down", "maintenance", { action: "retry" }],
		["too many calls were made", "rateLimit", { action: "wait", forMs: 10_000 }],
	])("when %s asks for the right thing next and leaves nothing behind", async (_, lever, disposition) => {
		const { session, pull, link } = stage();
		pull(lever);
		expect(await failure(session.open(never))).toMatchObject({ name: "SessionError", disposition });
		expect(session.handle).toBeUndefined();
		expect(link.connections).toBe(0);
	});

	it("is fatal with a key that cannot arm, and says what it was granted", async () => {
		const { session, asked } = stage({}, { keyScope: "trade:read_write account:read" });
		const error = await failure(session.open(never));
		expect(error).toMatchObject({ disposition: { action: "fatal" } });
		expect(error.message).toContain("granted account:read trade:read_write and needs account:read_write");
		expect(asked()).toEqual(["public/auth"]);
	});

	it("is fatal with an address that cannot be", async () => {
		const { session } = stage({ url: "http://www.deribit.com" });
		expect(await failure(session.open(never))).toMatchObject({ disposition: { action: "fatal" } });
	});

	it.each([
		"public/auth",
		"public/set_heartbeat",
		"private/enable_cancel_on_disconnect",
		"private/get_cancel_on_disconnect",
	])("fails, to be tried again, when %s is not answered", async (method) => {
		const { session, pull, link } = stage();
		pull("suppressAnswers", { methods: [method] });
		const error = await failure(session.open(never), 10_000);
		expect(error).toMatchObject({ disposition: { action: "retry" }, cause: { kind: "timeout", method } });
		await vi.advanceTimersByTimeAsync(0);
		expect(link.connections).toBe(0);
	});

	it("that is aborted at any step leaves no connection and no handle", async () => {
		for (let steps = 0; steps < 40; steps += 1) {
			const { session, link } = stage();
			const controller = new AbortController();
			const opening = session.open(controller.signal).catch(() => "failed");
			for (let step = 0; step < steps; step += 1) await Promise.resolve();
			controller.abort();
			const outcome = await opening;
			await vi.advanceTimersByTimeAsync(0);
			expect(link.connections, `after ${steps} steps`).toBe(outcome === "failed" ? 0 : 1);
			expect(session.handle === undefined).toBe(outcome === "failed");
		}
	});

	it("drops what an earlier open left", async () => {
		const { session, link, venue, pull } = stage();
		const first = await session.open(never);
		const handle = session.handle;
		pull("place");
		await session.open(never);
		await vi.advanceTimersByTimeAsync(0);
		expect(session.handle).not.toBe(handle);
		expect(first.ended?.aborted).toBe(true);
		expect(link.connections).toBe(1);
		expect(venue.orders()).toMatchObject([{ state: "cancelled" }]);
	});

	it("that is overtaken by another or by a close is thrown away", async () => {
		const { session, link, pull } = stage();
		const overtaken = session.open(never).catch((error: Error) => error.message);
		await session.open(never);
		expect(await overtaken).toContain("came too late");
		const late = session.open(never).catch((error: Error) => error.message);
		expect(await session.close("keep")).toMatchObject({ orders: "unknown" });
		expect(await late).toContain("came too late");
		await vi.advanceTimersByTimeAsync(0);
		expect([link.connections, session.handle, pull("truth")]).toMatchObject([0, undefined, { connections: [] }]);
	});
});
