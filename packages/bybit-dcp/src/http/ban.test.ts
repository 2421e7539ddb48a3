import { expect, it, vi } from "vitest";
import { apiKey, apiSecret, failure, startHttp, useFakeClock } from "../testing/harness.ts";
import { banOf } from "./ban.ts";
import { createBybitHttp } from "./http.ts";

useFakeClock();

it("no host is banned from the start, wherever the monotonic clock has its zero", () => {
	vi.spyOn(performance, "now").mockReturnValue(-7_000_000);
	expect(banOf({}, "api.bybit.com").leftMs).toBe(0);
	vi.restoreAllMocks();
});

it("after a 403 nothing at all is sent for ten minutes, and the next call passes to the millisecond", async () => {
	const { venue, http } = startHttp();
	venue.faults["ban"]?.({});
	expect(http.bannedMs()).toBe(0);
	expect(await failure(http.queryDcp())).toMatchObject({ kind: "banned", httpStatus: 403, retryAfterMs: 600_000 });
	await vi.advanceTimersByTimeAsync(1);
	for (const call of [
		http.queryDcp(),
		http.setDcp({ product: "SPOT", timeWindowSeconds: 10 }),
		http.serverTime(),
		http.openOrders({ category: "spot" }),
		http.orderHistory({ category: "spot" }),
	]) {
		const error = await failure(call);
		expect(error).toMatchObject({ kind: "banned", retryAfterMs: 599_999 });
		expect(error.message).toMatch(/was not sent: the venue has banned this address.*for another 599999 ms/);
	}
	await vi.advanceTimersByTimeAsync(599_998);
	await failure(http.queryDcp());
	expect(venue.received).toHaveLength(1);
	await vi.advanceTimersByTimeAsync(1);
	expect(http.bannedMs()).toBe(0);
	await http.queryDcp();
	expect(venue.received).toHaveLength(2);
});

it("the silence is one for every client of the process that leaves by the same way to the same host", async () => {
	const { venue, http, fetch } = startHttp();
	venue.faults["force"]?.({ retCode: 10018 });
	await failure(http.queryDcp());
	const same = createBybitHttp({ apiKey: "other", apiSecret, fetch });
	expect([same.bannedMs(), (await failure(same.serverTime())).kind]).toEqual([600_000, "banned"]);
	expect(venue.received).toHaveLength(1);
	await createBybitHttp({ apiKey, apiSecret, fetch, baseUrl: "https://api-testnet.bybit.com" }).serverTime();
	await createBybitHttp({ apiKey, apiSecret, fetch: (...args) => fetch(...args) }).serverTime();
	expect(venue.received).toHaveLength(3);
});

it("clients that were handed no fetch share it too", async () => {
	const { fetch } = globalThis;
	try {
		globalThis.fetch = async () => new Response("access too frequent", { status: 403 });
		const baseUrl = "http://127.0.0.1:9";
		await failure(createBybitHttp({ apiKey, apiSecret, baseUrl }).queryDcp());
		expect(createBybitHttp({ apiKey: "other", apiSecret, baseUrl }).bannedMs()).toBe(600_000);
	} finally {
		globalThis.fetch = fetch;
	}
});

it("a further 403, to a call that was on its way already, begins the ten minutes anew", async () => {
	const { http, venue, fetch } = startHttp();
	venue.faults["ban"]?.({});
	let release = (): void => undefined;
	const held = new Promise<void>((resolve) => {
		release = resolve;
	});
	const through: typeof globalThis.fetch = async (input, init) => {
		if (String(input).includes("market")) await held;
		return fetch(input, init);
	};
	const both = createBybitHttp({ apiKey, apiSecret, fetch: through });
	const late = failure(both.serverTime());
	await failure(both.queryDcp());
	await vi.advanceTimersByTimeAsync(3_000);
	expect(both.bannedMs()).toBe(597_000);
	release();
	await late;
	expect([both.bannedMs(), http.bannedMs()]).toEqual([600_000, 0]);
});
