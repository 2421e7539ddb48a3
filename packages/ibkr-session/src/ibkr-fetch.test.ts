import { IbkrVenue, Link, memoryFetch } from "@x/venue-sims";
import { afterEach, beforeEach, expect, expectTypeOf, it, vi } from "vitest";
import {
	createIbkrFetch,
	createIbkrHttp,
	createIbkrPacing,
	createIbkrPenaltyBox,
	type IbkrHttpOptions,
} from "./index.ts";

const baseUrl = "https://localhost:5000/v1/api";
let venue: IbkrVenue;
let link: Link;

beforeEach(() => {
	vi.useFakeTimers();
	venue = new IbkrVenue({ accounts: ["DU1"] });
	link = new Link(venue);
});

afterEach(() => {
	link.close();
	vi.useRealTimers();
});

const shared = (options: IbkrHttpOptions = {}) => ({
	fetch: memoryFetch(link),
	pacing: createIbkrPacing(),
	penaltyBox: createIbkrPenaltyBox(),
	...options,
});

it("createIbkrFetch returns a fetch that can place an order in the session of a client", async () => {
	const options = shared();
	const client = createIbkrHttp(options);
	await client.accounts();
	const own = createIbkrFetch(options);
	const body = JSON.stringify({
		orders: [{ conid: 265598, side: "BUY", orderType: "LMT", price: 1, quantity: 1, tif: "DAY" }],
	});
	const headers = { "content-type": "application/json" };
	const reply = await own(`${baseUrl}/iserver/account/DU1/orders`, { method: "POST", headers, body });
	expect(reply.status).toBe(200);
	expect(venue.orders()).toHaveLength(1);
	expect(venue.received.at(-1)).toMatchObject({ body, headers: { "user-agent": "x-ibkr-session", ...headers } });
});

it("createIbkrFetch and a client share a rate limiter: in each second they send at most ten calls, and at most one tickle", async () => {
	const options = shared();
	const own = createIbkrFetch(options);
	await createIbkrHttp(options).tickle();
	const begun = Date.now();
	void own(`${baseUrl}/tickle`, { method: "post" });
	await vi.advanceTimersByTimeAsync(1_249);
	expect(venue.received).toHaveLength(1);
	await vi.advanceTimersByTimeAsync(1);
	expect(venue.received[1]).toMatchObject({ path: "/v1/api/tickle", at: begun + 1_250 });
	for (let call = 0; call < 25; call++) void own(new Request(`${baseUrl}/iserver/account/orders?force=${call}`));
	await vi.advanceTimersByTimeAsync(4_000);
	const times = venue.received.map(({ at }) => at);
	for (const at of times)
		expect(times.filter((other) => other >= at && other < at + 1_000).length).toBeLessThanOrEqual(10);
});

it("createIbkrFetch and a client share a penalty box: after a 429 to one of them, neither sends a call", async () => {
	const options = shared();
	const own = createIbkrFetch(options);
	link.faults["answer"]?.({ status: 429, path: "/iserver/account/orders" });
	expect((await own(`${baseUrl}/iserver/account/orders`)).status).toBe(429);
	await expect(createIbkrHttp(options).tickle()).rejects.toMatchObject({ kind: "banned" });
	await expect(own(`${baseUrl}/iserver/account/orders`)).rejects.toMatchObject({ kind: "banned" });
	expect(venue.received).toHaveLength(1);
});

it("createIbkrFetch passes the method and the full URL of each request, including the query, to `authorize`", async () => {
	const asked: unknown[] = [];
	const own = createIbkrFetch(
		shared({
			authorize: (request) => {
				asked.push(request);
				return { authorization: "OAuth x" };
			},
		}),
	);
	await own(`${baseUrl}/iserver/account/orders?force=true`);
	expect(asked).toEqual([{ method: "GET", url: `${baseUrl}/iserver/account/orders?force=true` }]);
	expect(venue.received[0]?.headers["authorization"]).toBe("OAuth x");
});

it("createIbkrFetch rejects when its signal aborts, and nothing is sent", async () => {
	const own = createIbkrFetch(shared());
	const signal = AbortSignal.abort();
	await expect(own(`${baseUrl}/tickle`, { method: "POST", signal })).rejects.toMatchObject({ kind: "aborted" });
	expect(venue.received).toEqual([]);
});

it("createIbkrFetch returns a function with the type of fetch, and checks its options", () => {
	expectTypeOf(createIbkrFetch).returns.toEqualTypeOf<typeof fetch>();
	expect(() => createIbkrFetch({ pacing: "x" as never })).toThrow("option pacing");
});
