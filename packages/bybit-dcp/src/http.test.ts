import { generateKeyPairSync } from "node:crypto";
import { BybitVenue, type BybitVenueOptions, Link, memoryFetch, serve } from "@x/venue-sims";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type BybitError, type BybitErrorKind, isBybitError } from "./errors.ts";
import { createBybitHttp } from "./http.ts";
import type { BybitHttpSettings } from "./options.ts";
import { createSigner } from "./sign.ts";

const apiKey = "test_api_key";
const apiSecret = "test_secret";
const closers: (() => unknown)[] = [];

function start(venueOptions: BybitVenueOptions = {}, settings: BybitHttpSettings = {}) {
	const venue = new BybitVenue({ apiKey, apiSecret, ...venueOptions });
	const link = new Link(venue);
	closers.push(() => link.close());
	const fetch = memoryFetch(link);
	return { venue, link, fetch, http: createBybitHttp({ apiKey, apiSecret, fetch, ...settings }) };
}

/** A client whose every call is answered with this. */
function answered(body: string, status = 200, headers: Record<string, string> = {}) {
	return createBybitHttp({ apiKey, apiSecret, fetch: async () => new Response(body, { status, headers }) });
}

async function failure(call: Promise<unknown>): Promise<BybitError> {
	const error = await call.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	if (!isBybitError(error)) throw new Error(`expected a BybitError, got ${String(error)}`);
	return error;
}

beforeEach(() => {
	vi.useFakeTimers({ now: 1_700_000_000_000 });
});

afterEach(async () => {
	for (const close of closers.splice(0)) await close();
	vi.useRealTimers();
});

describe("the window", () => {
	it("is set for the product that was named, in the bytes that were signed", async () => {
		const { venue, http } = start();
		await http.setDcp({ product: "DERIVATIVES", timeWindowSeconds: 40 });
		expect(venue.received).toMatchObject([
			{ method: "POST", body: '{"product":"DERIVATIVES","timeWindow":40}', contentType: "application/json" },
		]);
	});

	it("can be read back no earlier than the venue's ten seconds", async () => {
		const { http } = start();
		await http.setDcp({ product: "DERIVATIVES", timeWindowSeconds: 40 });
		await vi.advanceTimersByTimeAsync(9_999);
		expect((await http.queryDcp())[0]).toEqual({ product: "DERIVATIVES", enabled: true, windowSeconds: 10 });
		await vi.advanceTimersByTimeAsync(1);
		expect((await http.queryDcp())[0]).toEqual({ product: "DERIVATIVES", enabled: true, windowSeconds: 40 });
	});

	it.each(["short", "full"] as const)("is taken from the %s form of the reply", async (setReply) => {
		const { http } = start({ setReply });
		await expect(http.setDcp({ product: "SPOT", timeWindowSeconds: 3 })).resolves.toBeUndefined();
	});

	it.each([2, 301, 10.5, 0, Number.NaN, "10", undefined])("%s is refused before anything is sent", async (seconds) => {
		const { venue, http } = start();
		const error = await failure(http.setDcp({ product: "SPOT", timeWindowSeconds: seconds as number }));
		expect(error.kind).toBe("options");
		expect(error.message).toMatch(/timeWindowSeconds must be an integer from 3 to 300/);
		expect(venue.received).toEqual([]);
	});

	it.each(["OPTION", "future", "derivatives", undefined])(
		"of product %s is refused before anything is sent",
		async (product) => {
			const { venue, http } = start();
			const error = await failure(http.setDcp({ product: product as "OPTIONS", timeWindowSeconds: 10 }));
			expect(error.kind).toBe("options");
			expect(venue.received).toEqual([]);
		},
	);

	it("of a product that is not enabled is refused by the venue with a code", async () => {
		const { http } = start({ enabled: ["SPOT"] });
		const error = await failure(http.setDcp({ product: "DERIVATIVES", timeWindowSeconds: 10 }));
		expect(error).toMatchObject({ kind: "permission", retCode: 10005, httpStatus: 200 });
	});
});

describe("the configuration", () => {
	it("has an entry for every product; one that the venue does not name is not enabled", async () => {
		const { http } = start({ enabled: ["SPOT"], windowSeconds: 7 });
		expect(await http.queryDcp()).toEqual([
			{ product: "DERIVATIVES", enabled: false },
			{ product: "SPOT", enabled: true, windowSeconds: 7 },
			{ product: "OPTIONS", enabled: false },
		]);
	});

	it.each(["array", "null", "absent"] as const)(
		"of an account without protection is read from the form %s",
		async (emptyList) => {
			const { http } = start({ enabled: [], emptyList });
			expect((await http.queryDcp()).map(({ enabled }) => enabled)).toEqual([false, false, false]);
		},
	);

	it("is asked for without a body or a content type, which the venue would answer with 403", async () => {
		const { venue, http } = start();
		await http.queryDcp();
		expect(venue.received).toMatchObject([{ method: "GET", query: "", body: "", contentType: null }]);
	});

	it.each([
		["a number for the window", { product: "SPOT", dcpStatus: "ON", timeWindow: 10 }],
		["an empty window", { product: "SPOT", dcpStatus: "ON", timeWindow: "" }],
		["a window in other digits", { product: "SPOT", dcpStatus: "ON", timeWindow: "1e1" }],
		["a window of nothing", { product: "SPOT", dcpStatus: "ON", timeWindow: "0" }],
		["no status", { product: "SPOT", timeWindow: "10" }],
	])("with %s is an error, never a wrong window", async (_, info) => {
		const error = await failure(answered(JSON.stringify({ retCode: 0, result: { dcpInfos: [info] } })).queryDcp());
		expect(error).toMatchObject({ kind: "reply", httpStatus: 200 });
	});

	it("with two windows for one product is believed in neither", async () => {
		const infos = ["10", "60"].map((timeWindow) => ({ product: "SPOT", dcpStatus: "ON", timeWindow }));
		const error = await failure(answered(JSON.stringify({ retCode: 0, result: { dcpInfos: infos } })).queryDcp());
		expect(error.message).toMatch(/SPOT stands in the list 2 times/);
	});

	it("with another status than ON is not enabled, and members and products that are not known are passed over", async () => {
		const dcpInfos = [
			{ product: "SPOT", dcpStatus: "OFF", timeWindow: "10" },
			{ product: "OPTIONS", dcpStatus: "ON", timeWindow: "300", extra: [1] },
			{ product: "SPREAD", dcpStatus: "ON", timeWindow: "10" },
		];
		const body = JSON.stringify({ retCode: 0, retMsg: "", result: { dcpInfos, more: 1 }, retExtInfo: null });
		expect(await answered(body).queryDcp()).toEqual([
			{ product: "DERIVATIVES", enabled: false },
			{ product: "SPOT", enabled: false },
			{ product: "OPTIONS", enabled: true, windowSeconds: 300 },
		]);
	});
});

describe("the venue's clock", () => {
	it("is read to the nanosecond, without a key in the request", async () => {
		const { http } = start();
		expect(await http.serverTime()).toEqual({
			epochMs: 1_700_000_000_000,
			epochNs: 1_700_000_000_000_000_000n,
			roundTripMs: 0,
		});
	});

	it("that is 1 002 ms late needs no correction: timestamps are 300 ms late by themselves", async () => {
		const { venue, http } = start();
		venue.levers["skew"]?.({ ms: -1_002 });
		await http.queryDcp();
		expect(http.skew()).toEqual({ aheadMs: 1_002, plusMinusMs: 0 });
	});

	it("when this one is 5 s ahead, is diagnosed with its sign and used from the next call on", async () => {
		const { venue, http } = start();
		venue.levers["skew"]?.({ ms: -5_000 });
		const error = await failure(http.queryDcp());
		expect(error).toMatchObject({ kind: "clock", retCode: 10002, skewMs: 4_700 });
		expect(error.message).toMatch(/was ahead by 4700 ms.*larger receive window does not help/s);
		await http.queryDcp();
		expect(http.skew()).toEqual({ aheadMs: 5_000, plusMinusMs: 0 });
		expect(http.serverNow()).toBe(1_699_999_995_000);
	});

	it("is followed when this clock is behind, without widening the receive window", async () => {
		const { venue, http } = start();
		venue.levers["skew"]?.({ ms: 6_609 });
		const error = await failure(http.queryDcp());
		expect(error).toMatchObject({ kind: "clock", skewMs: -6_909 });
		expect(error.message).toMatch(/was behind by 6909 ms/);
		await http.queryDcp();
		venue.levers["skew"]?.({ ms: 20_000 });
		expect((await failure(http.queryDcp())).message).toMatch(/recv_window\[5000\]/);
		await http.queryDcp();
	});

	it("is taken anew after a refusal, although an older and faster sample said something else", async () => {
		const { venue, fetch } = start();
		let delayMs = 0;
		let slow = false;
		const http = createBybitHttp({
			apiKey,
			apiSecret,
			now: () => Date.now() + delayMs,
			fetch: async (input, init) => {
				const reply = await fetch(input, init);
				if (slow) delayMs += 100;
				return reply;
			},
		});
		await http.queryDcp();
		slow = true;
		venue.levers["skew"]?.({ ms: -60_000 });
		expect((await failure(http.queryDcp())).kind).toBe("clock");
		await http.queryDcp();
	});

	it("accepts a timestamp 999 ms ahead and refuses one 1 000 ms ahead", async () => {
		const { venue, http, fetch } = start();
		venue.levers["skew"]?.({ ms: -1_299 });
		await http.queryDcp();
		venue.levers["skew"]?.({ ms: -1_300 });
		const fresh = createBybitHttp({ apiKey, apiSecret, fetch });
		expect((await failure(fresh.queryDcp())).skewMs).toBe(1_000);
	});

	it.each([
		[1_755_542_601_897, 1_755_542_600_895, 1_002],
		[1_683_929_882_141, 1_683_929_880_902, 1_239],
		[1_678_623_600_260, 1_678_623_606_869, -6_609],
		[1_706_972_576_658, 1_706_972_587_026, -10_368],
	])("skew of request %i against server %i is read from the venue's text as %i", async (sent, server, skewMs) => {
		const retMsg = `invalid request, please check your server timestamp or recv_window param. req_timestamp[${sent}],server_timestamp[${server}],recv_window[5000]`;
		const error = await failure(
			answered(JSON.stringify({ retCode: 10002, retMsg, result: {}, retExtInfo: {} })).queryDcp(),
		);
		expect(error.skewMs).toBe(skewMs);
		expect(error.message).toContain(skewMs > 0 ? `ahead by ${skewMs} ms` : `behind by ${-skewMs} ms`);
	});
});

describe("signatures", () => {
	it("over other bytes than those sent are refused by the venue with 10004", async () => {
		const { fetch } = start();
		const signed = '{"timeWindow":40}';
		const sent = '{"timeWindow": 40}';
		const timestamp = "1700000000000";
		const signature = await createSigner(apiSecret)(`${timestamp}${apiKey}5000${signed}`);
		const headers = {
			"X-BAPI-API-KEY": apiKey,
			"X-BAPI-TIMESTAMP": timestamp,
			"X-BAPI-RECV-WINDOW": "5000",
			"X-BAPI-SIGN": signature,
		};
		const url = "https://api.bybit.com/v5/order/disconnected-cancel-all";
		const reply = await fetch(url, { method: "POST", headers, body: sent });
		expect(await reply.json()).toMatchObject({ retCode: 10004, retMsg: expect.stringContaining('{"timeWindow": 40}') });
	});

	it("cover the text that leaves: a body changed on the way is refused, and the error quotes no key", async () => {
		const { fetch } = start();
		const spaced = (body: unknown): string => JSON.stringify(JSON.parse(String(body)), null, 1);
		const http = createBybitHttp({
			apiKey,
			apiSecret,
			fetch: (input, init) => fetch(input, { ...init, body: spaced(init?.body) }),
		});
		const error = await failure(http.setDcp({ product: "SPOT", timeWindowSeconds: 10 }));
		expect(error).toMatchObject({ kind: "signature", retCode: 10004 });
		expect(error.venueMessage).toMatch(/origin_string\[1699999999700\[secret\]5000\{/);
	});

	it("are fresh for each call", async () => {
		const stamps: (string | null)[] = [];
		const { fetch } = start();
		const http = createBybitHttp({
			apiKey,
			apiSecret,
			fetch: (input, init) => {
				stamps.push(new Headers(init?.headers).get("x-bapi-timestamp"));
				return fetch(input, init);
			},
		});
		await http.queryDcp();
		await vi.advanceTimersByTimeAsync(5_000);
		await http.queryDcp();
		expect(stamps).toEqual(["1699999999700", "1700000004700"]);
	});

	it("may be RSA, and may come from a signer that is handed in", async () => {
		const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
		const rsaPublicKey = publicKey.export({ type: "spki", format: "pem" }).toString();
		const { http, fetch } = start({ rsaPublicKey });
		expect((await failure(http.queryDcp())).kind).toBe("signature");
		const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
		await createBybitHttp({ apiKey, apiSecret: pem, fetch }).queryDcp();
		await createBybitHttp({ apiKey, signer: createSigner(pem), fetch }).setDcp({
			product: "OPTIONS",
			timeWindowSeconds: 9,
		});
	});

	it("by a signer that fails stop the call before anything is sent", async () => {
		const { venue, fetch } = start();
		const http = createBybitHttp({ apiKey, signer: () => Promise.reject(new Error("no smart card")), fetch });
		const error = await failure(http.queryDcp());
		expect(error).toMatchObject({ kind: "options", message: expect.stringContaining("the signer failed") });
		expect(venue.received).toEqual([]);
	});
});

describe("a refusal is of the class that says what to do", () => {
	it.each<[number, BybitErrorKind]>([
		[-1, "clock"],
		[429, "overload"],
		[-2015, "key"],
		[33004, "key"],
		[10000, "unknown-outcome"],
		[10001, "parameter"],
		[10003, "environment"],
		[10004, "signature"],
		[10005, "permission"],
		[10007, "key"],
		[10008, "account"],
		[10009, "account"],
		[10010, "address"],
		[10014, "unknown-outcome"],
		[10016, "unknown-outcome"],
		[10017, "route"],
		[10018, "banned"],
		[10024, "account"],
		[10027, "account"],
		[10028, "account"],
		[10032, "environment"],
		[110001, "venue"],
	])("%i is %s", async (retCode, kind) => {
		const { venue, http } = start();
		venue.levers["force"]?.({ retCode, retMsg: "a text" });
		expect(await failure(http.queryDcp())).toMatchObject({ kind, retCode, venueMessage: "a text" });
	});

	it.each<[number, BybitErrorKind]>([
		[302, "route"],
		[401, "environment"],
		[403, "banned"],
		[404, "route"],
		[418, "venue"],
		[429, "overload"],
		[500, "unknown-outcome"],
		[502, "unknown-outcome"],
	])("HTTP %i without an envelope is %s", async (httpStatus, kind) => {
		const { venue, http } = start();
		venue.levers["force"]?.({ status: httpStatus, body: "<html>no</html>" });
		expect(await failure(http.queryDcp())).toMatchObject({ kind, httpStatus });
	});

	it("an envelope decides even where the status says failure", async () => {
		const { venue, http } = start();
		venue.levers["force"]?.({ status: 401, retCode: 10003, retMsg: "API key is invalid." });
		expect(await failure(http.queryDcp())).toMatchObject({ kind: "environment", retCode: 10003, httpStatus: 401 });
	});

	it("a wrong key names the environment", async () => {
		const { fetch } = start();
		const error = await failure(createBybitHttp({ apiKey: "other", apiSecret, fetch }).queryDcp());
		expect(error).toMatchObject({ kind: "environment", retCode: 10003 });
		expect(error.message).toMatch(/mainnet, testnet/);
	});

	it("the rate limit tells how long to wait, on the venue's clock", async () => {
		const { venue, http } = start();
		venue.levers["skew"]?.({ ms: 3_000 });
		for (let call = 0; call < 5; call += 1) await http.queryDcp();
		await vi.advanceTimersByTimeAsync(400);
		const error = await failure(http.queryDcp());
		expect(error).toMatchObject({ kind: "rate", retCode: 10006, resetAt: 1_700_000_004_000, retryAfterMs: 600 });
		await vi.advanceTimersByTimeAsync(600);
		await http.queryDcp();
	});

	it("a ban tells the ten minutes that no header tells", async () => {
		const { venue, http } = start();
		venue.levers["ban"]?.({});
		expect(await failure(http.queryDcp())).toMatchObject({ kind: "banned", httpStatus: 403, retryAfterMs: 600_000 });
		await vi.advanceTimersByTimeAsync(599_999);
		expect((await failure(http.queryDcp())).kind).toBe("banned");
		await vi.advanceTimersByTimeAsync(1);
		await http.queryDcp();
	});
});

describe("an answer that is none", () => {
	it("may be a redirect, which is never followed: it would carry the signed headers elsewhere", async () => {
		let redirect: string | undefined;
		const fetch: typeof globalThis.fetch = async (_, init) => {
			redirect = init?.redirect;
			return new Response(null, { status: 302, headers: { location: "https://elsewhere.example" } });
		};
		expect((await failure(createBybitHttp({ apiKey, apiSecret, fetch }).queryDcp())).kind).toBe("route");
		expect(redirect).toBe("manual");
	});

	it.each(["", "<html>maintenance</html>", "{", "[]", "null", '"text"', "{}", '{"retCode":"0"}'])(
		"%j at status 200 is an error of its own",
		async (body) => {
			const error = await failure(answered(body).queryDcp());
			expect(error).toMatchObject({ kind: "reply", httpStatus: 200 });
		},
	);

	it("for success with a list that is no list is an error that says where", async () => {
		const error = await failure(answered('{"retCode":0,"result":{"dcpInfos":{"a":1}}}').queryDcp());
		expect(error.message).toMatch(/at \/result\/dcpInfos must be/);
	});

	it("does not come within the deadline, which covers the body as well", async () => {
		const { venue, http } = start({}, { callTimeoutMs: 2_000 });
		venue.levers["withhold"]?.({ reply: true });
		let settled = false;
		const call = failure(http.queryDcp()).finally(() => {
			settled = true;
		});
		await vi.advanceTimersByTimeAsync(1_999);
		expect(settled).toBe(false);
		await vi.advanceTimersByTimeAsync(1);
		expect((await call).kind).toBe("timeout");

		const endless = new ReadableStream({ start: (body) => body.enqueue(new TextEncoder().encode('{"retCode":0')) });
		const hanging = createBybitHttp({
			apiKey,
			apiSecret,
			callTimeoutMs: 2_000,
			fetch: async () => new Response(endless),
		});
		const second = failure(hanging.queryDcp());
		await vi.advanceTimersByTimeAsync(2_000);
		expect((await second).kind).toBe("timeout");
	});

	it("is not waited for when the caller gives up, before or during the call", async () => {
		const { venue, http } = start();
		venue.levers["withhold"]?.({ reply: true });
		const during = new AbortController();
		const call = failure(http.queryDcp(during.signal));
		await vi.advanceTimersByTimeAsync(1);
		during.abort();
		expect((await call).kind).toBe("aborted");
		const seen = venue.received.length;
		expect((await failure(http.queryDcp(AbortSignal.abort()))).kind).toBe("aborted");
		expect(venue.received).toHaveLength(seen);
		expect(vi.getTimerCount()).toBe(0);
	});

	it("of a connection that breaks is a network failure with its cause", async () => {
		const http = createBybitHttp({
			apiKey,
			apiSecret,
			fetch: () => Promise.reject(new TypeError("fetch failed", { cause: new Error("read ECONNRESET") })),
		});
		const error = await failure(http.queryDcp());
		expect(error.kind).toBe("network");
		expect(error.cause).toMatchObject({ message: "fetch failed", cause: { message: "read ECONNRESET" } });
	});
});

it("works over a real connection to 127.0.0.1", async () => {
	vi.useRealTimers();
	const served = await serve(new Link(new BybitVenue({ apiKey, apiSecret })));
	closers.push(() => served.close());
	const http = createBybitHttp({ apiKey, apiSecret, baseUrl: served.http });
	await http.setDcp({ product: "DERIVATIVES", timeWindowSeconds: 10 });
	expect((await http.queryDcp())[0]).toEqual({ product: "DERIVATIVES", enabled: true, windowSeconds: 10 });
	expect(Math.abs(http.skew()?.aheadMs ?? Number.NaN)).toBeLessThan(1_000);
});
