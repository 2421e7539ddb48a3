import { expect, it, vi } from "vitest";
import { apiKey, apiSecret, failure, startHttp, useFakeClock } from "../testing/start-client.ts";
import { createBybitHttp } from "./http-client.ts";
import { banOf } from "./ip-address-ban.ts";

useFakeClock();

it("the function banOf() returns no ban before the first 403, even if the monotonic clock is below 0", () => {
	vi.spyOn(performance, "now").mockReturnValue(-7_000_000);
	expect(banOf({}, "api.bybit.com").remainingMs()).toBe(0);
	vi.restoreAllMocks();
});

it("BybitHttp sends nothing for exactly ten minutes after a ban (HTTP 403)", async () => {
	const { venue, http } = startHttp();
	venue.faults["ban"]?.({});
	expect(http.bannedMs).toBe(0);
	expect(await failure(http.queryDcp())).toMatchObject({ kind: "banned", status: 403, retryAfterMs: 600_000 });
	await vi.advanceTimersByTimeAsync(1);
	for (const call of [
		http.queryDcp(),
		http.setDcp({ product: "SPOT", windowSeconds: 10 }),
		http.serverTime(),
		http.openOrders({ category: "spot" }),
		http.orderHistory({ category: "spot" }),
	]) {
		const error = await failure(call);
		expect(error).toMatchObject({ kind: "banned", retryAfterMs: 599_999 });
		expect(error.message).toMatch(/not sent, because the venue has banned this IP address for another 599999 ms/);
	}
	await vi.advanceTimersByTimeAsync(599_998);
	await failure(http.queryDcp());
	expect(venue.received).toHaveLength(1);
	await vi.advanceTimersByTimeAsync(1);
	expect(http.bannedMs).toBe(0);
	await http.queryDcp();
	expect(venue.received).toHaveLength(2);
});

it("a ban of the IP address applies to all BybitHttp clients that have the same fetch and the same host", async () => {
	const { venue, http, fetch } = startHttp();
	venue.faults["force"]?.({ retCode: 10018 });
	await failure(http.queryDcp());
	const same = createBybitHttp({ apiKey: "other", apiSecret, fetch });
	expect([same.bannedMs, (await failure(same.serverTime())).kind]).toEqual([600_000, "banned"]);
	expect(venue.received).toHaveLength(1);
	await createBybitHttp({ apiKey, apiSecret, fetch, restUrl: "https://api-testnet.bybit.com" }).serverTime();
	await createBybitHttp({ apiKey, apiSecret, fetch: (...args) => fetch(...args) }).serverTime();
	expect(venue.received).toHaveLength(3);
});

it("a ban of the IP address applies only to the host and port that sent the 403", async () => {
	const fetch: typeof globalThis.fetch = async (url) =>
		String(url).includes(":81/") ? new Response("access too frequent", { status: 403 }) : new Response("{}");
	const [banned, other] = [81, 82].map((port) =>
		createBybitHttp({ apiKey, apiSecret, fetch, restUrl: `http://127.0.0.1:${port}` }),
	);
	if (!banned || !other) throw new Error("two clients were made");
	await failure(banned.queryDcp());
	expect([banned.bannedMs, other.bannedMs]).toEqual([600_000, 0]);
	expect((await failure(other.queryDcp())).kind).toBe("reply");
});

it("a ban of the IP address applies to all BybitHttp clients that use the global fetch", async () => {
	const { fetch } = globalThis;
	try {
		globalThis.fetch = async () => new Response("access too frequent", { status: 403 });
		const restUrl = "http://127.0.0.1:9";
		await failure(createBybitHttp({ apiKey, apiSecret, restUrl }).queryDcp());
		expect(createBybitHttp({ apiKey: "other", apiSecret, restUrl }).bannedMs).toBe(600_000);
	} finally {
		globalThis.fetch = fetch;
	}
});

it("a ban of the IP address starts again when a call that was sent before the ban gets a 403", async () => {
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
	expect(both.bannedMs).toBe(597_000);
	release();
	await late;
	expect([both.bannedMs, http.bannedMs]).toEqual([600_000, 0]);
});
