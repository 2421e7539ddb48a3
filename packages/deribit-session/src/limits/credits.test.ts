import { DeribitVenue, type DeribitVenueOptions, Link, memoryWebSocket } from "@x/venue-sims";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { DeribitError } from "../errors.ts";
import type { DeribitSocketOptions } from "../options.ts";
import { connectDeribit } from "../socket/connect.ts";
import { creditClassOf, DeribitCredits } from "./credits.ts";

const { clientId, clientSecret } = DeribitVenue.defaults;
const links: Link[] = [];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
	for (const link of links.splice(0)) link.close();
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
});

async function connect(options: DeribitSocketOptions = {}, venueOptions: DeribitVenueOptions = {}) {
	const venue = new DeribitVenue(venueOptions);
	const link = new Link(venue);
	links.push(link);
	const open = () => connectDeribit({ WebSocket: memoryWebSocket(link), ...options });
	const triggerFault = (fault: string, args = {}): unknown => link.faults[fault]?.(args);
	const countOf = (method: string): number => venue.received.filter((each) => each.method === method).length;
	return { venue, link, open, triggerFault, countOf, connection: await open() };
}

const failure = (promise: Promise<unknown>): Promise<DeribitError> =>
	promise.then(
		() => expect.fail("it succeeded"),
		(error: DeribitError) => error,
	);

describe("DeribitCredits", () => {
	it("starts at 50 000, deducts 500 per call and refills at 10 000 per second up to the pool size", async () => {
		const credits = new DeribitCredits();
		expect(credits.left).toBe(50_000);
		credits.spend();
		expect(credits.left).toBe(49_500);
		await vi.advanceTimersByTimeAsync(20);
		expect(credits.left).toBe(49_700);
		await vi.advanceTimersByTimeAsync(1_000);
		expect(credits.left).toBe(50_000);
	});

	it("waitMs returns the exact wait when calls are queued and the reserve is kept", async () => {
		const credits = new DeribitCredits({ pool: 2_000, perSecond: 1_000, perCall: 500, reserve: 1_000 });
		credits.spend();
		expect(credits.waitMs()).toBe(0);
		credits.spend();
		expect(credits.waitMs()).toBe(500);
		expect(credits.waitMs(true)).toBe(0);
		const dequeue = credits.enqueue(false, () => undefined);
		expect(credits.waitMs()).toBe(1_000);
		expect(credits.waitMs(true)).toBe(0);
		dequeue();
		dequeue();
		expect(credits.waitMs()).toBe(500);
	});

	it("serves queued calls in order, urgent calls first", async () => {
		const credits = new DeribitCredits({ pool: 1_000, perSecond: 1_000, perCall: 500, reserve: 500 });
		credits.drain();
		const order: string[] = [];
		for (const name of ["a", "b"]) credits.enqueue(false, () => order.push(name));
		for (const name of ["c", "d"]) credits.enqueue(true, () => order.push(name));
		await vi.advanceTimersByTimeAsync(499);
		expect(order).toEqual([]);
		await vi.advanceTimersByTimeAsync(1);
		expect(order).toEqual(["c"]);
		await vi.advanceTimersByTimeAsync(500);
		expect(order).toEqual(["c", "d"]);
		await vi.advanceTimersByTimeAsync(1_000);
		expect(order).toEqual(["c", "d", "a"]);
		await vi.advanceTimersByTimeAsync(500);
		expect(order).toEqual(["c", "d", "a", "b"]);
	});

	it.each([
		["pool", { pool: 0 }],
		["perSecond", { perSecond: Number.NaN }],
		["perCall", { perCall: -1 }],
		["reserve", { reserve: 49_501 }],
	])("rejects %s when it is out of range", (name, options) => {
		expect(() => new DeribitCredits(options)).toThrow(new RegExp(`option credits.${name} must be`));
	});

	it("counts subscribe calls in a separate pool of 30 000 at 3 000 per call", async () => {
		const credits = new DeribitCredits();
		const { subscriptions } = credits;
		expect(credits.subscriptions).toBe(subscriptions);
		for (let call = 0; call < 10; call += 1) {
			expect(subscriptions.waitMs()).toBe(0);
			subscriptions.spend();
		}
		expect([subscriptions.left, subscriptions.waitMs(), credits.left]).toEqual([0, 300, 50_000]);
		await vi.advanceTimersByTimeAsync(10_000);
		expect(subscriptions.left).toBe(30_000);
		credits.drain();
		expect([credits.left, subscriptions.left]).toEqual([0, 0]);
		expect(new DeribitCredits({ subscriptions: { perCall: 10_000 } }).subscriptions.waitMs()).toBe(0);
		expect(["public/subscribe", "private/subscribe", "public/unsubscribe"].map(creditClassOf)).toEqual([
			"subscription",
			"subscription",
			"ordinary",
		]);
	});

	it("creditClassOf classifies order calls as free and mass cancels as urgent", () => {
		expect(["private/buy", "private/cancel", "private/edit"].map(creditClassOf)).toEqual(["none", "none", "none"]);
		expect(["private/cancel_all", "private/cancel_all_by_currency"].map(creditClassOf)).toEqual(["urgent", "urgent"]);
		expect(["public/test", "private/get_open_orders", "private/buyer"].map(creditClassOf)).toEqual([
			"ordinary",
			"ordinary",
			"ordinary",
		]);
	});
});

describe("DeribitConnection", () => {
	it("stays below the rate limit when 400 calls are made at once", async () => {
		const { connection, countOf } = await connect({ callTimeoutMs: 60_000 });
		await connection.authenticate({ clientId, clientSecret });
		const calls = Promise.all(Array.from({ length: 400 }, () => connection.request("public/get_time")));
		await vi.advanceTimersByTimeAsync(0);
		// 50 000 less the login, less the reserve of 3 000.
		expect(countOf("public/get_time")).toBe(93);
		await vi.advanceTimersByTimeAsync(1_000);
		expect(countOf("public/get_time")).toBe(113);
		await vi.advanceTimersByTimeAsync(15_000);
		expect(await calls).toHaveLength(400);
		expect(connection.ended.aborted).toBe(false);
	});

	it("stays below the subscription limit when 30 subscribe calls are made at once", async () => {
		const { connection, countOf } = await connect();
		const channels = ["platform_state"];
		const calls = Promise.all(Array.from({ length: 30 }, () => connection.call("public/subscribe", { channels })));
		await vi.advanceTimersByTimeAsync(0);
		expect(countOf("public/subscribe")).toBe(10);
		await connection.request("public/test");
		await vi.advanceTimersByTimeAsync(1_000);
		expect(countOf("public/subscribe")).toBe(13);
		await vi.advanceTimersByTimeAsync(6_000);
		expect(await calls).toHaveLength(30);
		expect(connection.ended.aborted).toBe(false);
	});

	it("fails a call with retryAfterMs when whenCreditsAreSpent is refuse", async () => {
		const { connection, countOf } = await connect({ whenCreditsAreSpent: "refuse" });
		const calls = await Promise.allSettled(Array.from({ length: 100 }, () => connection.request("public/get_time")));
		const refused = calls.flatMap((call) => (call.status === "rejected" ? [call.reason as DeribitError] : []));
		expect(refused).toHaveLength(6);
		expect(refused[0]).toMatchObject({ kind: "credits", call: "public/get_time", retryAfterMs: 50 });
		expect(refused[0]?.message).toContain("Retry in 50 ms");
		expect(countOf("public/get_time")).toBe(94);
		await vi.advanceTimersByTimeAsync(49);
		expect(await failure(connection.request("public/get_time"))).toMatchObject({ retryAfterMs: 1 });
		await vi.advanceTimersByTimeAsync(1);
		await connection.request("public/get_time");
	});

	it("fails a call immediately when the credits come after its deadline", async () => {
		const { connection } = await connect();
		void Promise.allSettled(Array.from({ length: 294 }, () => connection.request("public/get_time")));
		expect(await failure(connection.request("public/get_time"))).toMatchObject({
			kind: "credits",
			retryAfterMs: 10_050,
		});
		await vi.advanceTimersByTimeAsync(10_000);
	});

	it("answers test_request and sends mass cancels from the reserve when other calls are queued", async () => {
		const small = { pool: 2_000, perSecond: 1, perCall: 500, reserve: 1_500 };
		const { connection, countOf } = await connect(
			{ credits: new DeribitCredits(small), callTimeoutMs: 600_000 },
			{ transportIdleMs: 1e9 },
		);
		await connection.authenticate({ clientId, clientSecret });
		await connection.request("public/set_heartbeat", { interval: 10 }, { fromReserve: true });
		const waiting = connection.request("public/get_time", undefined, { timeoutMs: 599_999 }).catch(() => undefined);
		const cancelled = await connection.call("private/cancel_all");
		expect(cancelled).toBe(0);
		await vi.advanceTimersByTimeAsync(120_000);
		// The pool is nearly empty, and each test_request was still answered.
		expect(connection.ended.aborted).toBe(false);
		expect([countOf("public/get_time"), countOf("public/test")]).toEqual([0, 11]);
		await connection.disconnect();
		await waiting;
	});

	it("does not send a queued call when it is aborted or the connection is closing", async () => {
		const { connection, countOf } = await connect();
		await connection.authenticate({ clientId, clientSecret });
		void Promise.allSettled(Array.from({ length: 93 }, () => connection.request("public/get_time")));
		const controller = new AbortController();
		const aborted = failure(connection.request("public/status", undefined, { signal: controller.signal }));
		const late = failure(connection.request("public/status", undefined, { timeoutMs: 200 }));
		controller.abort();
		expect(await aborted).toMatchObject({ kind: "aborted" });
		const closing = connection.logout();
		expect(await late).toMatchObject({ kind: "closed", why: "logout" });
		await closing;
		await vi.advanceTimersByTimeAsync(1_000);
		expect(countOf("public/status")).toBe(0);
	});

	it("empties the pool when the venue replies 10028", async () => {
		const { connection, triggerFault, countOf } = await connect({}, { closeOnRateLimit: false });
		await connection.authenticate({ clientId, clientSecret });
		triggerFault("rateLimit");
		expect(await failure(connection.call("private/get_open_orders"))).toMatchObject({ venueCode: 10028 });
		const call = connection.request("public/status");
		await vi.advanceTimersByTimeAsync(349);
		expect(countOf("public/status")).toBe(0);
		await vi.advanceTimersByTimeAsync(1);
		expect(countOf("public/status")).toBe(1);
		await call;
	});

	it("shares the credits with another connection when both get the same DeribitCredits", async () => {
		const credits = new DeribitCredits();
		const { connection, open, countOf } = await connect({ credits, whenCreditsAreSpent: "refuse" });
		const other = await open();
		const calls = Array.from({ length: 60 }, () => [connection, other].map((each) => each.request("public/get_time")));
		await Promise.allSettled(calls.flat());
		expect(countOf("public/get_time")).toBe(94);
	});
});
