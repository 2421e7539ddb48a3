import { DeribitVenue, type DeribitVenueOptions, Link, memoryWebSocket } from "@x/venue-sims";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { DeribitError } from "../errors.ts";
import type { DeribitSocketOptions } from "../options.ts";
import { connectDeribit } from "../socket/connect.ts";
import { connectFake } from "../testing/fake-socket.ts";
import { DeribitCredits } from "./credit-rate-limiter.ts";

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
	const open = (via?: (socket: typeof WebSocket) => typeof WebSocket) => {
		const WebSocket = memoryWebSocket(link);
		return connectDeribit({ WebSocket: via ? via(WebSocket) : WebSocket, ...options });
	};
	const triggerFault = (fault: keyof typeof link.faults, args = {}): unknown => link.faults[fault](args);
	const countOf = (method: string): number => venue.received.filter((each) => each.method === method).length;
	return { venue, link, open, triggerFault, countOf, connection: await open() };
}

/** Delays each frame by a random time, and keeps the frames in order. */
const delayed =
	(delayMs: () => number) =>
	(Socket: typeof WebSocket): typeof WebSocket =>
		class extends Socket {
			#lastAt = 0;

			override send(data: string): void {
				this.#lastAt = Math.max(this.#lastAt, performance.now() + delayMs());
				setTimeout(() => super.send(data), this.#lastAt - performance.now());
			}
		};

const failure = (promise: Promise<unknown>): Promise<DeribitError> =>
	promise.then(
		() => expect.fail("it succeeded"),
		(error: DeribitError) => error,
	);

const call = "public/get_time";

describe("DeribitCredits", () => {
	it("DeribitCredits starts with 50 000 credits, deducts 500 per call, and refills 10 000 per second up to the pool size", async () => {
		const credits = new DeribitCredits();
		expect(credits.left).toBe(50_000);
		credits.spend(call);
		expect(credits.left).toBe(49_500);
		await vi.advanceTimersByTimeAsync(20);
		expect(credits.left).toBe(49_700);
		await vi.advanceTimersByTimeAsync(1_000);
		expect(credits.left).toBe(50_000);
	});

	it("DeribitCredits.waitMs includes the wait for queued calls, and never counts the safety margin; only urgent calls may use the reserve", async () => {
		const credits = new DeribitCredits({ pool: 2_100, perSecond: 1_000, perCall: 500, reserve: 1_000, jitterMs: 100 });
		credits.spend(call);
		expect(credits.waitMs(call)).toBe(0);
		credits.spend(call);
		expect(credits.waitMs(call)).toBe(500);
		expect(credits.waitMs(call, true)).toBe(0);
		const dequeue = credits.enqueue(call, false, () => undefined);
		expect(credits.waitMs(call)).toBe(1_000);
		expect(credits.waitMs(call, true)).toBe(0);
		dequeue();
		dequeue();
		expect(credits.waitMs(call)).toBe(500);
	});

	it("DeribitCredits lets only urgent calls spend the reserve, and no call spend the safety margin", () => {
		const credits = new DeribitCredits();
		const countUntilSpent = (method: string, fromReserve: boolean): number => {
			let calls = 0;
			for (; credits.waitMs(method, fromReserve) === 0; calls += 1) credits.spend(method);
			return calls;
		};
		// 88 calls cost 44 000 credits. That is the full pool of 50 000, less the reserve (3 000) and the margin (3 000,
		// the refill of 300 ms).
		expect([countUntilSpent(call, false), credits.left]).toEqual([88, 6_000]);
		expect([countUntilSpent("private/cancel_all", false), credits.left]).toEqual([6, 3_000]);
		expect([countUntilSpent(call, true), credits.left]).toEqual([0, 3_000]);
		// A reply to test_request is sent even when no credits are left.
		credits.spend("public/test");
		expect(credits.left).toBe(2_500);
	});

	it("DeribitCredits sends queued calls in order, but urgent calls before all others", async () => {
		const credits = new DeribitCredits({ pool: 1_000, perSecond: 1_000, perCall: 500, reserve: 500, jitterMs: 0 });
		credits.drain();
		const order: string[] = [];
		for (const name of ["a", "b"]) credits.enqueue(call, false, () => order.push(name));
		for (const name of ["c", "d"]) credits.enqueue(call, true, () => order.push(name));
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
		["reserve", { reserve: -1 }],
		["jitterMs", { jitterMs: -1 }],
		["pool", { reserve: 46_501 }],
		["pools.subscribe.pool", { pools: { subscribe: { pool: 5_999 } } }],
	])("DeribitCredits rejects a value of the option %s that is out of range", (name, options) => {
		expect(() => new DeribitCredits(options)).toThrow(new RegExp(`option credits.${name} must be`));
	});

	// The pool sizes and costs are those that Deribit documents. The bursts are smaller than documented, because a safety
	// margin of 3 000 credits is never spent.
	it.each([
		["public/subscribe", 9, 3_000],
		["private/subscribe", 9, 3_000],
		["public/get_instruments", 49, 10_000],
		["private/get_transaction_log", 7, 10_000],
		["private/move_positions", 5, 100_000],
	])(
		"DeribitCredits has a separate pool for %s, which allows %i calls at once at a cost of %i credits each",
		async (method, burst, cost) => {
			const credits = new DeribitCredits();
			for (let sent = 0; sent < burst; sent += 1) {
				expect(credits.waitMs(method)).toBe(0);
				credits.spend(method);
			}
			const waitMs = credits.waitMs(method);
			expect(waitMs).toBeGreaterThan(0);
			expect(waitMs).toBeLessThanOrEqual(cost / 10);
			expect(credits.left).toBe(50_000);
			await vi.advanceTimersByTimeAsync(waitMs);
			expect(credits.waitMs(method)).toBe(0);
			credits.drain();
			expect([credits.left, credits.waitMs(method)]).toEqual([0, (cost + 3_000) / 10]);
		},
	);

	it("DeribitCredits deducts public/subscribe and private/subscribe from the same pool", () => {
		const credits = new DeribitCredits();
		for (let sent = 0; sent < 9; sent += 1) credits.spend(sent % 2 ? "public/subscribe" : "private/subscribe");
		expect(credits.waitMs("public/subscribe")).toBe(300);
		expect(credits.waitMs("public/unsubscribe")).toBe(0);
		expect(new DeribitCredits({ pools: { subscribe: { perCall: 10_000 } } }).waitMs("public/subscribe")).toBe(0);
	});

	it("DeribitCredits deducts nothing for order calls, which Deribit limits separately", () => {
		const credits = new DeribitCredits();
		credits.drain();
		for (const method of ["buy", "cancel", "edit", "mass_quote", "cancel_by_label"]) {
			credits.spend(`private/${method}`);
			expect(credits.waitMs(`private/${method}`)).toBe(0);
		}
		expect(credits.waitMs("private/buyer")).toBeGreaterThan(0);
	});

	it("DeribitCredits.spend leaves credits unchanged when a change to a smaller limit has made them negative", () => {
		const credits = new DeribitCredits({ pool: 10_000, perSecond: 1, perCall: 500, reserve: 500, jitterMs: 0 });
		credits.drain();
		credits.setLimit({ rate: 1, burst: 10 });
		const { left } = credits;
		expect(left).toBeLessThan(0);
		credits.spend(call);
		expect(credits.left).toBe(left);
	});

	it("DeribitCredits.setLimit changes the size and refill rate of the default pool, and does not give spent credits back", async () => {
		const credits = new DeribitCredits();
		credits.spend(call);
		credits.setLimit({ rate: 1_000, burst: 1_500 });
		expect(credits.left).toBe(749_500);
		await vi.advanceTimersByTimeAsync(1);
		expect(credits.left).toBe(750_000);
		// If the pool is too small for the reserve and the safety margin, it allows one call at a time.
		credits.setLimit({ rate: 1, burst: 2 });
		expect([credits.left, credits.waitMs(call)]).toEqual([1_000, 0]);
		credits.spend(call);
		credits.spend(call);
		expect(credits.waitMs(call)).toBe(2_000);
	});
});

describe("DeribitConnection", () => {
	it("DeribitConnection stays below the rate limit when 400 calls are made at once", async () => {
		const { connection, countOf } = await connect({ callTimeoutMs: 60_000 });
		await connection.authenticate({ clientId, clientSecret });
		const calls = Promise.all(Array.from({ length: 400 }, () => connection.request("public/get_time")));
		await vi.advanceTimersByTimeAsync(0);
		// 87 calls fit into the 50 000 credits after the login, the reserve for urgent calls (3 000) and the safety margin
		// (3 000) are deducted.
		expect(countOf("public/get_time")).toBe(87);
		await vi.advanceTimersByTimeAsync(1_000);
		expect(countOf("public/get_time")).toBe(107);
		await vi.advanceTimersByTimeAsync(15_000);
		expect(await calls).toHaveLength(400);
		expect(connection.ended.aborted).toBe(false);
	});

	it("DeribitConnection stays below the subscription limit when 30 subscribe calls are made at once", async () => {
		const { connection, countOf } = await connect();
		const channels = ["platform_state"];
		const calls = Promise.all(Array.from({ length: 30 }, () => connection.call("public/subscribe", { channels })));
		await vi.advanceTimersByTimeAsync(0);
		expect(countOf("public/subscribe")).toBe(9);
		await connection.request("public/test");
		await vi.advanceTimersByTimeAsync(1_000);
		expect(countOf("public/subscribe")).toBe(12);
		await vi.advanceTimersByTimeAsync(6_000);
		expect(await calls).toHaveLength(30);
		expect(connection.ended.aborted).toBe(false);
	});

	it("DeribitConnection fails a call at once, with retryAfterMs, when whenCreditsAreSpent is `refuse` and no credits are left", async () => {
		const { connection, countOf } = await connect({ whenCreditsAreSpent: "refuse" });
		const calls = await Promise.allSettled(Array.from({ length: 100 }, () => connection.request("public/get_time")));
		const refused = calls.flatMap((call) => (call.status === "rejected" ? [call.reason as DeribitError] : []));
		expect(refused).toHaveLength(12);
		expect(refused[0]).toMatchObject({ kind: "credits", call: "public/get_time", retryAfterMs: 50 });
		expect(refused[0]?.message).toContain("Retry in 50 ms");
		expect(countOf("public/get_time")).toBe(88);
		await vi.advanceTimersByTimeAsync(49);
		expect(await failure(connection.request("public/get_time"))).toMatchObject({ retryAfterMs: 1 });
		await vi.advanceTimersByTimeAsync(1);
		await connection.request("public/get_time");
	});

	it("DeribitConnection fails a call at once when the credits would refill only after the deadline of the call", async () => {
		const { connection } = await connect();
		void Promise.allSettled(Array.from({ length: 288 }, () => connection.request("public/get_time")));
		expect(await failure(connection.request("public/get_time"))).toMatchObject({
			kind: "credits",
			retryAfterMs: 10_050,
		});
		await vi.advanceTimersByTimeAsync(10_000);
	});

	it("DeribitConnection answers test_request and sends mass cancels from the reserve while other calls are queued", async () => {
		const small = { pool: 2_000, perSecond: 1, perCall: 500, reserve: 1_499, jitterMs: 1 };
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
		// The connection is open: each test_request was answered, although the pool is nearly empty.
		expect(connection.ended.aborted).toBe(false);
		expect([countOf("public/get_time"), countOf("public/test")]).toEqual([0, 11]);
		await connection.disconnect();
		await waiting;
	});

	it("DeribitConnection does not send a queued call when the call is aborted or the connection is closing", async () => {
		const { connection, countOf } = await connect();
		await connection.authenticate({ clientId, clientSecret });
		void Promise.allSettled(Array.from({ length: 87 }, () => connection.request("public/get_time")));
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

	it("DeribitConnection empties its credit pools when the venue replies that the rate limit is exceeded (10028)", async () => {
		const { connection, triggerFault, countOf } = await connect({}, { closeOnRateLimit: false });
		await connection.authenticate({ clientId, clientSecret });
		triggerFault("rateLimit");
		expect(await failure(connection.call("private/get_open_orders"))).toMatchObject({ venueCode: 10028 });
		const call = connection.request("public/status");
		await vi.advanceTimersByTimeAsync(649);
		expect(countOf("public/status")).toBe(0);
		await vi.advanceTimersByTimeAsync(1);
		expect(countOf("public/status")).toBe(1);
		await call;
	});

	it("DeribitConnection shares credits with another connection when both are given the same DeribitCredits", async () => {
		const credits = new DeribitCredits();
		const { connection, open, countOf } = await connect({ credits, whenCreditsAreSpent: "refuse" });
		const other = await open();
		const calls = Array.from({ length: 60 }, () => [connection, other].map((each) => each.request("public/get_time")));
		await Promise.allSettled(calls.flat());
		expect(countOf("public/get_time")).toBe(88);
	});

	it.each([
		["16 subscribe calls at once", { what: "public/subscribe", count: 16, isUrgent: false }],
		["200 urgent calls at once", { what: "public/get_time", count: 200, isUrgent: true }],
	])("DeribitConnection obeys the rate limit despite 20 ms network delay and jitter, for %s", async (_, burst) => {
		const { what, count, isUrgent } = burst;
		const params = what === "public/subscribe" ? { channels: ["platform_state"] } : {};
		for (let run = 0; run < 20; run += 1) {
			const { connection, open } = await connect();
			await connection.disconnect();
			// The network keeps the frames in order: a late frame delays the frames behind it.
			const random = randomNumbers(run + 1);
			const jittery = await open(delayed(() => 20 + 20 * random() + (random() < 0.1 ? 250 : 0)));
			const calls = Array.from({ length: count }, () =>
				jittery.call(what, params, undefined, { timeoutMs: 60_000, fromReserve: isUrgent }),
			);
			const settled = Promise.allSettled(calls);
			await vi.advanceTimersByTimeAsync(20_000);
			expect((await settled).filter(({ status }) => status === "rejected")).toEqual([]);
			expect(jittery.ended.aborted).toBe(false);
		}
	});

	it("DeribitConnection stays below every rate limit of the venue after readRateLimit(), which changes only the limit of the default pool", async () => {
		const { connection, venue } = await connect();
		await connection.authenticate({ clientId, clientSecret });
		expect(await connection.readRateLimit()).toEqual({ rate: 20, burst: 100 });
		const burst = (method: string, params: Record<string, unknown>) =>
			Promise.all(Array.from({ length: 60 }, () => connection.call(method, params, undefined, { timeoutMs: 600_000 })));
		const calls = Promise.all([
			burst("public/get_instruments", { currency: "BTC" }),
			burst("public/subscribe", { channels: ["platform_state"] }),
			burst("public/get_time", {}),
		]);
		await vi.advanceTimersByTimeAsync(60_000);
		await calls;
		expect(connection.ended.aborted).toBe(false);
		expect(venue.received.length).toBeGreaterThan(180);
	});

	it("DeribitConnection applies the account's own rate limit after readRateLimit()", async () => {
		const { connection, socket } = await connectFake({ whenCreditsAreSpent: "refuse" });
		const read = (result: unknown) => {
			const reading = connection.readRateLimit();
			socket.receive({ id: socket.sent.at(-1)?.id, result });
			return reading;
		};
		expect(await read({ limits: { non_matching_engine: { rate: 10, burst: 50 } }, email: "a@b" })).toEqual({
			rate: 10,
			burst: 50,
		});
		expect(socket.sent.at(-1)).toMatchObject({ method: "private/get_account_summary", params: { currency: "BTC" } });
		expect(await read({})).toBeUndefined();
		const before = socket.sent.length;
		for (let sent = 0; sent < 60; sent += 1) void connection.request("public/test").catch(() => undefined);
		// 39 calls fit into the 25 000 credits after the two calls of readRateLimit(), the reserve for urgent calls (3 000) and the
		// safety margin (1 500) are deducted.
		expect(socket.sent.length - before).toBe(39);
		await connection.disconnect();
	});
});

/** Returns a function that returns random numbers from 0 to 1. The same seed gives the same numbers. */
function randomNumbers(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state * 48_271) % 2_147_483_647;
		return state / 2_147_483_647;
	};
}
