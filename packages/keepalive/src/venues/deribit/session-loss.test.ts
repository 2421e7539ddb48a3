import { DeribitVenue, type DeribitVenueOptions, Link, memoryWebSocket } from "@x/venue-sims";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { keepalive } from "../../keeper.ts";
import { type DeribitLoss, type DeribitSession, type DeribitSessionOptions, deribit } from "./index.ts";

const { clientId, clientSecret } = DeribitVenue.defaults;
const links: Link[] = [];
const never = new AbortController().signal;
const order = { instrument_name: "BTC-PERPETUAL", amount: 10 };

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
	return { venue, link, session, pull };
}

async function place(session: DeribitSession, count: number): Promise<string[]> {
	for (let placed = 0; placed < count; placed += 1) await session.requireArmed().call("private/buy", order);
	return session.requireArmed().openOrderIds();
}

describe("after a loss", () => {
	it("the session says which orders may have been cancelled, before the next open and after it", async () => {
		const { session, link } = stage();
		await session.open(never);
		expect(session.losses).toEqual([]);
		const orderIds = await place(session, 2);
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		const loss = { endedAt: Date.now(), why: "network", cancelOnDisconnectFired: "likely", orderIds };
		expect(session.losses).toEqual([loss]);
		await session.open(never);
		expect(session.losses).toEqual([loss]);
		expect(structuredClone(session.losses)).toEqual([loss]);
	});

	it("forgets none over several, and starts anew once a connection has held", async () => {
		const { session, link, pull } = stage();
		await session.open(never);
		await place(session, 1);
		pull("rateLimit");
		await session.handle?.call("private/get_open_orders").catch(() => undefined);
		await vi.advanceTimersByTimeAsync(1_000);
		await session.open(never);
		link.halfOpen();
		await session.open(never);
		expect(session.losses).toMatchObject([{ why: "disconnect", cancelOnDisconnectFired: "likely", orderIds: [] }]);
		link.drop();
		await vi.advanceTimersByTimeAsync(3_000);
		await session.open(never);
		expect(session.losses).toMatchObject([{ why: "network" }]);
	});

	it("one that was left on request is among them, by how it was left", async () => {
		const { session } = stage();
		await session.open(never);
		await place(session, 1);
		await session.close("keep");
		await session.open(never);
		expect(session.losses).toMatchObject([{ why: "logout", cancelOnDisconnectFired: "no" }]);
	});

	it("the reason of the end names the orders, ten at most", async () => {
		const { session, link } = stage();
		const first = await session.open(never);
		await place(session, 2);
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		expect(first.ended?.reason.message).toMatch(/are probably cancelled: SIM-1, SIM-2$/);
		const second = await session.open(never);
		await place(session, 12);
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		expect(second.ended?.reason.message).toMatch(/SIM-12 and 2 more$/);
		expect(second.ended?.reason.disposition).toEqual({ action: "retry" });
	});
});

describe("reconcile", () => {
	it("runs over the new connection, armed and read back, before the session is alive, and not without a loss", async () => {
		const seen: unknown[] = [];
		const { session, venue, link } = stage({
			reconcile: async (losses, connection) => {
				seen.push([session.handle, venue.truth().connections[0]?.armed, losses.flatMap(({ orderIds }) => orderIds)]);
				seen.push(await connection.call("private/get_open_orders"));
			},
		});
		await session.open(never);
		expect(seen).toEqual([]);
		await place(session, 2);
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		await session.open(never);
		expect(seen).toEqual([[undefined, true, ["SIM-1", "SIM-2"]], []]);
		expect(venue.received.at(-1)?.method).toBe("private/get_cancel_on_disconnect");
	});

	it("that fails keeps the session from opening, and is told of the same losses and its own orders again", async () => {
		const told: (readonly DeribitLoss[])[] = [];
		const { session, link } = stage({
			reconcile: async (losses, connection) => {
				told.push(losses);
				await connection.call("private/buy", order);
				if (told.length === 1) throw new Error("not yet");
			},
		});
		await session.open(never);
		await place(session, 1);
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		await expect(session.open(never)).rejects.toMatchObject({
			disposition: { action: "retry" },
			cause: { message: "not yet" },
		});
		expect(session.handle).toBeUndefined();
		await session.open(never);
		expect(told[1]?.map(({ orderIds }) => orderIds)).toEqual([["SIM-1"], ["SIM-2"]]);
	});

	it("that switches the protection off keeps the session from opening", async () => {
		const { session, link, pull } = stage({ reconcile: () => pull("disarmAll") });
		await session.open(never);
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		await expect(session.open(never)).rejects.toMatchObject({ disposition: { action: "retry" } });
	});

	it("has to be a function", () => {
		// @ts-expect-error: it is not.
		expect(() => stage({ reconcile: true })).toThrow(/option reconcile must be a function/);
	});
});

describe("maintenance", () => {
	it("of 45 minutes is waited out: one try a minute, one login before and one after, never two connections", async () => {
		const venue = new DeribitVenue();
		const link = new Link(venue);
		links.push(link);
		let tries = 0;
		let most = 0;
		class Counted extends memoryWebSocket(link) {
			constructor(url: string | URL) {
				super(url);
				tries += 1;
				most = Math.max(most, link.connections);
			}
		}
		const keeper = keepalive([deribit({ clientId, clientSecret, WebSocket: Counted })]);
		const waits: unknown[] = [];
		keeper.onStatus(({ status }) => {
			if (status.state === "waiting") waits.push(status.why);
		});
		await vi.advanceTimersByTimeAsync(1_000);
		link.levers["maintenance"]?.({});
		await vi.advanceTimersByTimeAsync(45 * 60_000);
		expect(keeper.snapshot()["deribit"]?.status.state).toBe("waiting");
		expect([...new Set(waits)]).toEqual(["venue"]);
		expect(tries).toBe(46);
		link.levers["maintenance"]?.({ on: false });
		await vi.advanceTimersByTimeAsync(60_000);
		expect(keeper.snapshot()["deribit"]?.status).toMatchObject({ state: "alive", protection: { state: "armed" } });
		expect(venue.received.filter(({ method }) => method === "public/auth")).toHaveLength(2);
		expect(most).toBe(0);
		await keeper.stop({ orders: "keep" });
	});

	it("ends with the first connection that holds: a later refusal is tried again soon", async () => {
		const { session, link, pull } = stage();
		await session.open(never);
		pull("maintenance");
		await vi.advanceTimersByTimeAsync(0);
		await expect(session.open(never)).rejects.toMatchObject({ disposition: { action: "wait", forMs: 60_000 } });
		pull("maintenance", { on: false });
		await session.open(never);
		link.partition();
		const opening = session.open(never).catch((error: unknown) => error);
		await vi.advanceTimersByTimeAsync(10_000);
		expect(await opening).toMatchObject({ disposition: { action: "retry" } });
	});

	it("is not taken for one for ever: two hours after it was announced a refusal is tried again soon", async () => {
		const { session, pull } = stage();
		await session.open(never);
		pull("maintenance");
		await vi.advanceTimersByTimeAsync(2 * 60 * 60_000);
		await expect(session.open(never)).rejects.toMatchObject({ disposition: { action: "retry" } });
	});

	it("news that cannot be had does not keep a session from opening", async () => {
		const { session, pull } = stage();
		pull("suppressAnswers", { methods: ["public/subscribe"] });
		const opening = session.open(never);
		await vi.advanceTimersByTimeAsync(3_000);
		expect((await opening).protection).toMatchObject({ state: "armed" });
		expect(session.requireArmed()).toBe(session.handle);
	});
});

it("even with heartbeats a day apart something is sent well within the 60 s after which a silent line is cut", async () => {
	const { venue, link } = stage();
	const session = deribit({ clientId, clientSecret, WebSocket: memoryWebSocket(link), intervalSeconds: 86_400 });
	const keeper = keepalive([session]);
	await vi.advanceTimersByTimeAsync(2 * 3_600_000);
	const { tally, status } = keeper.snapshot()["deribit"] ?? {};
	expect([status?.state, tally?.losses]).toEqual(["alive", 0]);
	const gaps = venue.received.slice(1).map(({ at }, index) => at - (venue.received[index]?.at ?? at));
	expect(Math.max(...gaps)).toBeLessThanOrEqual(20_000);
	expect(session.warnings).toHaveLength(1);
	expect(session.exposure).toEqual({ processDeathMs: 0, networkDeathMs: 198_720_000 });
	await keeper.stop({ orders: "keep" });
});
