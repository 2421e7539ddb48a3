import { BybitVenue, Link, memoryFetch, serve } from "@x/venue-sims";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { createBybitSigner } from "../auth/signer.ts";
import { isBybitError } from "../errors.ts";
import { apiKey, apiSecret } from "../testing/start-client.ts";
import { type BybitHttp, createBybitHttp } from "./http-client.ts";

const closers: (() => unknown)[] = [];

afterEach(async () => {
	for (const close of closers.splice(0)) await close();
});

/** Starts a simulated venue on 127.0.0.1, without rate limits, and a client for it. */
async function served() {
	const options = { apiKey, apiSecret, dcpCallsPerSecond: 1e6, orderCallsPerSecond: 1e6, addressCalls: 1e6 };
	const venue = new BybitVenue(options);
	const at = await serve(new Link(venue));
	closers.push(() => at.close());
	return { venue, restUrl: at.http, http: createBybitHttp({ apiKey, apiSecret, restUrl: at.http }) };
}

const setPath = "/v5/order/disconnected-cancel-all";

describe("a signature over a text that differs from the sent text", () => {
	it("a signature over a text that differs from the sent text is refused with 10004 and a message that quotes the request", async () => {
		const { restUrl } = await served();
		// The body is signed without spaces, but sent with a space, as Python's `requests.post(json=…)` does.
		const [signed, sent] = ['{"timeWindow":40}', '{"timeWindow": 40}'];
		const timestamp = String(Date.now());
		const headers = {
			"X-BAPI-API-KEY": apiKey,
			"X-BAPI-TIMESTAMP": timestamp,
			"X-BAPI-RECV-WINDOW": "5000",
			"X-BAPI-SIGN": await createBybitSigner(apiSecret)(`${timestamp}${apiKey}5000${signed}`),
			"Content-Type": "application/json",
		};
		const reply = await fetch(restUrl + setPath, { method: "POST", headers, body: sent });
		expect(await reply.json()).toMatchObject({
			retCode: 10004,
			retMsg: `error sign! origin_string[${timestamp}${apiKey}5000${sent}]`,
		});
		const right = { ...headers, "X-BAPI-SIGN": await createBybitSigner(apiSecret)(`${timestamp}${apiKey}5000${sent}`) };
		const taken = await fetch(restUrl + setPath, { method: "POST", headers: right, body: sent });
		expect(await taken.json()).toMatchObject({ retCode: 0 });
	});

	it("a request is signed exactly as it is sent even if an argument has a getter that returns changing values", async () => {
		const { venue, http } = await served();
		let reads = 0;
		const shifting = {
			get product() {
				reads += 1;
				return reads % 2 === 1 ? "SPOT" : "OPTIONS";
			},
			windowSeconds: 40,
		} as Parameters<BybitHttp["setDcp"]>[0];
		await http.setDcp(shifting);
		expect(bodies(venue)).toEqual(['{"product":"SPOT","timeWindow":40}']);
		for (const product of [Object("SPOT"), { toString: () => "SPOT" }, ["SPOT"]]) {
			await expect(http.setDcp({ product, windowSeconds: 40 })).rejects.toMatchObject({ name: "OptionError" });
		}
		await expect(http.setDcp({ product: "SPOT", windowSeconds: Object(40) as number })).rejects.toMatchObject({
			name: "OptionError",
		});
		expect(bodies(venue)).toHaveLength(1);
	});

	it("a request is signed exactly as it is sent even if Object.prototype has a toJSON method", async () => {
		const { venue, http } = await served();
		let times = 0;
		const prototype = Object.prototype as { toJSON?: unknown };
		try {
			prototype.toJSON = function toJSON(this: object) {
				times += 1;
				return { ...this, timeWindow: 40 + times };
			};
			await http.setDcp({ product: "SPOT", windowSeconds: 40 });
		} finally {
			delete prototype.toJSON;
		}
		expect(bodies(venue)).toEqual(['{"product":"SPOT","timeWindow":41}']);
	});
});

describe("the signature of a query", () => {
	it.each(["page_token%3D2%26%", "a b+c", "'quoted' \"twice\"", "ä€😀", "#?&=%", "%zz", "\u0000\n", "|\\^`{}<>"])(
		"the signature of a query covers the cursor %j exactly as it is sent over a real connection",
		async (cursor) => {
			const { http } = await served();
			// The venue checks the signature first. So its refusal of the unknown cursor (10001) shows that the signature was right.
			await expect(http.openOrders({ category: "spot", cursor })).rejects.toMatchObject({ venueCode: 10001 });
		},
	);

	it("the signature of a query covers 1 000 random cursors and coins exactly as they are sent", async () => {
		const link = new Link(new BybitVenue({ apiKey, apiSecret, orderCallsPerSecond: 1e6, addressCalls: 1e6 }));
		closers.push(() => link.close());
		const http: BybitHttp = createBybitHttp({ apiKey, apiSecret, fetch: memoryFetch(link) });
		const text = fc.string({ unit: "binary", minLength: 1, maxLength: 20 });
		const property = fc.asyncProperty(text, text, async (cursor, settleCoin) => {
			const outcome = await http
				.openOrders({ category: "linear", settleCoin, cursor })
				.catch((error: unknown) => error);
			expect(isBybitError(outcome) && outcome.venueCode).toBe(10001);
		});
		await fc.assert(property, { numRuns: 1_000, seed: 20_261_121 });
	});
});

function bodies(venue: BybitVenue): string[] {
	return venue.received.flatMap((call) => (call.kind === "http" && call.path === setPath ? [call.body] : []));
}
