import { IbkrVenue, type IbkrVenueOptions, Link, memoryFetch } from "@x/venue-sims";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
	createIbkrHttp,
	createIbkrPacing,
	createIbkrPenaltyBox,
	type IbkrHttpOptions,
	ibkrProcessPenaltyBox,
} from "../index.ts";

let venue: IbkrVenue;
let link: Link;

function begin(venueOptions: IbkrVenueOptions = {}): (options?: IbkrHttpOptions) => ReturnType<typeof createIbkrHttp> {
	venue = new IbkrVenue({ pacing: true, ...venueOptions });
	link = new Link(venue);
	const penaltyBox = createIbkrPenaltyBox();
	return (options) => createIbkrHttp({ fetch: memoryFetch(link), penaltyBox, ...options });
}

const sentAt = () => venue.received.map(({ at }) => at - started);
let started = 0;

beforeEach(() => {
	vi.useFakeTimers({ now: 1_795_000_000_000 });
	started = Date.now();
});

afterEach(() => {
	link.close();
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
});

describe("the rate limiter of IBKR clients", () => {
	it("the rate limiter keeps two tickles 1 250 ms apart: IBKR allows one a second; 250 ms are a margin", async () => {
		const client = begin()();
		const both = Promise.all([client.tickle(), client.tickle()]);
		await vi.advanceTimersByTimeAsync(1_249);
		expect(sentAt()).toEqual([0]);
		await vi.advanceTimersByTimeAsync(1);
		expect((await both).map(({ kind }) => kind)).toEqual(["live", "live"]);
		expect(sentAt()).toEqual([0, 1_250]);
	});

	it("the rate limiter counts a call from the time at which it is sent, not from the time that was reserved for it", () => {
		const pacing = createIbkrPacing();
		pacing.tryAcquire("POST /tickle", 5_000);
		const second = pacing.tryAcquire("POST /tickle", 5_000);
		expect(second).toMatchObject({ acquired: true, waitMs: 1_250 });
		// The call is sent 500 ms after its reserved time.
		vi.advanceTimersByTime(1_750);
		if (second.acquired) second.start();
		expect(pacing.tryAcquire("POST /tickle", 5_000)).toMatchObject({ acquired: true, waitMs: 1_250 });
	});

	it("the rate limiter spreads calls over time again after they have all waited for a slow function in the option `authorize`", async () => {
		let proofs = 0;
		// The function `authorize` of this test is slow, as when it creates a live session token before the first call.
		const made = new Promise<void>((resolve) => {
			setTimeout(resolve, 5_000);
		});
		const authorize = async () => {
			await made;
			proofs += 1;
			return { authorization: "OAuth x" };
		};
		const client = begin({ mode: "oauth1", start: "live" })({ authorize });
		const tickles = Promise.all(Array.from({ length: 4 }, () => client.tickle()));
		const looks = Promise.all(Array.from({ length: 120 }, () => client.status()));
		await vi.advanceTimersByTimeAsync(12_000);
		expect((await tickles).every(({ kind }) => kind === "live")).toBe(true);
		expect((await looks).every(({ kind }) => kind === "status")).toBe(true);
		const times = sentAt();
		expect(times[0]).toBe(5_000);
		for (const [index, at] of times.entries()) expect(at - (times[index - 50] ?? 0)).toBeGreaterThan(1_000);
		// There are more authorizations than the 124 calls: a call that had to wait again was authorized again, because a signature
		// contains the time.
		expect(proofs).toBeGreaterThan(124);
	});

	it("the rate limiter lets at most ten calls a second pass at a gateway, however many calls are made at once", async () => {
		const client = begin()();
		const calls = Promise.all(Array.from({ length: 35 }, () => client.status()));
		await vi.advanceTimersByTimeAsync(4_000);
		expect((await calls).every(({ kind }) => kind === "status")).toBe(true);
		expect(sentAt().filter((at) => at < 1_000)).toHaveLength(10);
		expect(sentAt().at(-1)).toBe(3_750);
	});

	it("the rate limiter lets at most fifty calls a second pass when the option `authorize` is set", async () => {
		const client = begin({ mode: "oauth1", start: "live" })({ authorize: () => ({ authorization: "OAuth x" }) });
		const calls = Promise.all(Array.from({ length: 60 }, () => client.status()));
		await vi.advanceTimersByTimeAsync(2_000);
		await calls;
		expect(sentAt().filter((at) => at < 1_000)).toHaveLength(50);
	});

	it("the rate limiter rejects a validation that would have to wait longer than 6 000 ms; the error says when the next one is allowed", async () => {
		const client = begin()();
		await client.validate();
		await expect(client.validate()).rejects.toMatchObject({ kind: "pacing", resetAt: started + 61_200 });
		await vi.advanceTimersByTimeAsync(61_199 - 6_000);
		await expect(client.validate()).rejects.toMatchObject({ kind: "pacing" });
		await vi.advanceTimersByTimeAsync(1);
		const later = client.validate();
		await vi.advanceTimersByTimeAsync(6_000);
		expect(await later).toMatchObject({ kind: "valid" });
		expect(sentAt()).toEqual([0, 61_200]);
	});

	it("the rate limiter limits the calls of all clients that share it", async () => {
		const make = begin();
		const pacing = createIbkrPacing();
		const both = Promise.all([make({ pacing }).tickle(), make({ pacing }).tickle()]);
		await vi.advanceTimersByTimeAsync(1_250);
		await both;
		expect(sentAt()).toEqual([0, 1_250]);
	});

	it("a client has no rate limit when its option `pacing` is false", async () => {
		const client = begin({ pacing: false })({ pacing: false });
		await Promise.all([client.tickle(), client.tickle()]);
		expect(sentAt()).toEqual([0, 0]);
	});

	it("a call stops waiting for the rate limiter when its signal aborts", async () => {
		const client = begin()();
		await client.tickle();
		const stop = new AbortController();
		const waiting = client.tickle({ signal: stop.signal });
		stop.abort();
		await expect(waiting).rejects.toMatchObject({ kind: "aborted" });
	});
});

describe("the penalty box of IBKR clients", () => {
	it("the penalty box blocks the calls of all its clients for 900 000 ms after a 429, and the errors say until when", async () => {
		const make = begin();
		const [one, other] = [make(), make()];
		venue.faults["answer"]?.({ status: 429 });
		const resetAt = started + 900_000;
		await expect(one.tickle()).rejects.toMatchObject({
			kind: "banned",
			status: 429,
			resetAt,
			retryAfterMs: 900_000,
			message: expect.stringContaining(new Date(resetAt).toISOString()),
		});
		for (const client of [one, other]) await expect(client.status()).rejects.toMatchObject({ kind: "banned", resetAt });
		await vi.advanceTimersByTimeAsync(899_999);
		await expect(other.status()).rejects.toMatchObject({ kind: "banned", resetAt });
		expect(venue.received).toHaveLength(1);
		await vi.advanceTimersByTimeAsync(1);
		expect(await other.status()).toMatchObject({ kind: "status" });
	});

	it("the penalty box blocks calls that wait for the rate limiter", async () => {
		const client = begin()();
		venue.faults["answer"]?.({ status: 429 });
		const calls = Promise.allSettled([client.tickle(), client.tickle()]);
		await vi.advanceTimersByTimeAsync(2_000);
		expect(await calls).toMatchObject([{ reason: { kind: "banned", status: 429 } }, { reason: { kind: "banned" } }]);
		expect(venue.received).toHaveLength(1);
	});

	it("the penalty box keeps blocking when the wall clock is set forward", async () => {
		const client = begin()();
		venue.faults["answer"]?.({ status: 429 });
		await expect(client.tickle()).rejects.toMatchObject({ kind: "banned" });
		vi.setSystemTime(Date.now() + 3_600_000);
		await expect(client.status()).rejects.toMatchObject({ kind: "banned" });
	});

	it("the penalty box does not block a client with another penalty box", async () => {
		const make = begin();
		venue.faults["answer"]?.({ status: 429 });
		await expect(make().tickle()).rejects.toMatchObject({ kind: "banned" });
		expect(await make({ penaltyBox: createIbkrPenaltyBox() }).status()).toMatchObject({ kind: "status" });
	});

	it("the method block(ms) of a penalty box blocks for at most as long as a 429 does, and never shortens the current block", async () => {
		const box = createIbkrPenaltyBox({ forMs: 60_000 });
		const told: (number | undefined)[] = [];
		const stop = box.onBlock(() => told.push(box.blockedUntil));
		const begin = Date.now();
		expect(box.block(20_000)).toBe(begin + 20_000);
		expect(box.block(10_000)).toBe(begin + 20_000);
		expect(box.block(60_001)).toBe(begin + 60_000);
		expect(told).toEqual([begin + 20_000, begin + 20_000, begin + 60_000]);
		stop();
		box.block();
		expect(told).toHaveLength(3);
		await vi.advanceTimersByTimeAsync(60_000);
		expect(box.blockedUntil).toBeUndefined();
	});

	it.each([
		[
			"throws",
			() => {
				throw new Error("a broken callback");
			},
		],
		["rejects", () => Promise.reject(new Error("a broken callback"))],
	])("the penalty box still blocks, and calls its other listeners, if one listener %s", async (_how, listener) => {
		const box = createIbkrPenaltyBox({ forMs: 60_000 });
		const told = vi.fn();
		box.onBlock(listener);
		box.onBlock(told);
		expect(box.block()).toBe(Date.now() + 60_000);
		await vi.advanceTimersByTimeAsync(0);
		expect(told).toHaveBeenCalledOnce();
	});

	it("ibkrProcessPenaltyBox is shared by all clients of the process that have no penalty box of their own", async () => {
		begin();
		const make = () => createIbkrHttp({ fetch: memoryFetch(link) });
		expect(ibkrProcessPenaltyBox.blockedUntil).toBeUndefined();
		venue.faults["answer"]?.({ status: 429 });
		await expect(make().tickle()).rejects.toMatchObject({ kind: "banned" });
		await expect(make().status()).rejects.toMatchObject({
			kind: "banned",
			resetAt: ibkrProcessPenaltyBox.blockedUntil,
		});
		await vi.advanceTimersByTimeAsync(900_000);
		expect(ibkrProcessPenaltyBox.blockedUntil).toBeUndefined();
	});
});

it.each([
	[() => createIbkrPacing({ callsPerSecond: 0 }), "callsPerSecond"],
	[() => createIbkrPenaltyBox({ forMs: Number.NaN }), "forMs"],
	// @ts-expect-error there is no `true`
	[() => createIbkrHttp({ pacing: true }), "pacing"],
	// @ts-expect-error a penalty box has a method onBlock
	[() => createIbkrHttp({ penaltyBox: {} }), "penaltyBox"],
])("an OptionError names the wrong option: %#", (make, name) => {
	begin();
	expect(make).toThrow(expect.objectContaining({ name: "OptionError", option: name }));
});
