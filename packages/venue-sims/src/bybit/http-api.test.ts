import { createSign, generateKeyPairSync } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { memoryFetch } from "../memory-fetch.ts";
import { Link } from "../network-link.ts";
import { apiKey, epoch, type Frame, hmac, queryPath, setPath, start, useFakeClock } from "./testing/harness.ts";

useFakeClock();

describe("signatures of HTTP calls to the simulated Bybit", () => {
	it("the signature of an HTTP call to BybitVenue covers the timestamp, API key, receive window, and the payload exactly as sent", async () => {
		const { call, get } = start();
		expect(await get(queryPath)).toMatchObject({ retCode: 0 });
		const pretty = '{\n  "timeWindow": 40, "product": "SPOT"}';
		expect(await (await call("POST", setPath, pretty)).json()).toEqual({ retCode: 0, retMsg: "success" });
		const other = { "x-bapi-sign": hmac(`${epoch}${apiKey}5000{"timeWindow":40}`) };
		expect(await (await call("POST", setPath, '{"timeWindow": 40}', other)).json()).toMatchObject({
			retCode: 10004,
			retMsg: `error sign! origin_string[${epoch}${apiKey}5000{"timeWindow": 40}]`,
			result: {},
		});
	});

	it("the signature of an HTTP call to BybitVenue covers the query string as it is percent-encoded in the URL", async () => {
		const { get } = start();
		expect(await get("/v5/order/realtime", "category=linear&symbol=A%20B")).toMatchObject({ retCode: 0 });
	});

	it("the signature of an HTTP call to BybitVenue is verified with RSA if the API key has an RSA public key", async () => {
		const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
		const { call } = start({ rsaPublicKey: publicKey.export({ type: "spki", format: "pem" }).toString() });
		const sign = createSign("RSA-SHA256").update(`${epoch}${apiKey}5000`).sign(privateKey, "base64");
		expect(await (await call("GET", queryPath, "", { "x-bapi-sign": sign })).json()).toMatchObject({ retCode: 0 });
		expect(await (await call("GET", queryPath)).json()).toMatchObject({ retCode: 10004 });
	});

	it("BybitVenue refuses an unknown API key with 10003, and a call without authentication headers with an empty 401", async () => {
		const { call, venue } = start();
		expect(await (await call("GET", queryPath, "", { "x-bapi-api-key": "x" })).json()).toMatchObject({
			retCode: 10003,
		});
		const bare = await memoryFetch(new Link(venue))(`https://api.bybit.com${queryPath}`);
		expect([bare.status, await bare.text()]).toEqual([401, ""]);
	});
});

describe("the timestamp check of the simulated Bybit", () => {
	it.each([
		[-5_000, 0],
		[-5_001, 10002],
		[999, 0],
		[1_000, 10002],
	])("BybitVenue replies to a timestamp %i ms off its own clock with retCode %i", async (offset, retCode) => {
		const { call, trigger } = start();
		trigger("skew", { ms: 7_000 });
		const timestamp = String(epoch + 7_000 + offset);
		const reply = (await (await call("GET", queryPath, "", { "x-bapi-timestamp": timestamp })).json()) as Frame;
		expect(reply["retCode"]).toBe(retCode);
		if (retCode === 10002) {
			expect(reply["retMsg"]).toContain(
				`req_timestamp[${timestamp}],server_timestamp[${epoch + 7_000}],recv_window[5000]`,
			);
		}
	});
});

describe("the time window of Disconnection Protect", () => {
	it("a call that sets the Disconnection Protect time window without naming a product sets it for OPTIONS", async () => {
		const { post, get } = start({ settleMs: 0 });
		await post(setPath, { timeWindow: 40 });
		const { result } = await get(queryPath);
		expect(result).toEqual({
			dcpInfos: [
				{ product: "DERIVATIVES", dcpStatus: "ON", timeWindow: "10" },
				{ product: "SPOT", dcpStatus: "ON", timeWindow: "10" },
				{ product: "OPTIONS", dcpStatus: "ON", timeWindow: "40" },
			],
		});
	});

	it("a new time window of Disconnection Protect is in force exactly ten seconds after the call that set it", async () => {
		const { post, venue } = start();
		await post(setPath, { product: "SPOT", timeWindow: 40 });
		await vi.advanceTimersByTimeAsync(9_999);
		expect(venue.truth().SPOT).toMatchObject({ windowSeconds: 10, settlingSeconds: 40 });
		await vi.advanceTimersByTimeAsync(1);
		expect(venue.truth().SPOT).toMatchObject({ windowSeconds: 40, settlingSeconds: null });
	});

	it("/v5/account/query-dcp-info returns the time window in force (shownWhileSettling=old) or the one set last (shownWhileSettling=new)", async () => {
		for (const [shownWhileSettling, timeWindow] of [
			["old", "10"],
			["new", "40"],
		] as const) {
			const { post, get, venue } = start({ shownWhileSettling, enabled: ["SPOT"] });
			await post(setPath, { product: "SPOT", timeWindow: 40 });
			expect((await get(queryPath))["result"]).toMatchObject({ dcpInfos: [{ timeWindow }] });
			expect(venue.truth().SPOT.windowSeconds).toBe(10);
		}
	});

	it("/v5/account/info never shows the Disconnection Protect time window: it always returns dcpStatus OFF and timeWindow 0", async () => {
		const info = await start().get("/v5/account/info");
		expect(info["result"]).toMatchObject({ dcpStatus: "OFF", timeWindow: 0 });
	});

	it.each([2, 301, 10.5, "10", null])(
		"setting the Disconnection Protect time window to %j fails with retCode 10001",
		async (timeWindow) => {
			expect(await start().post(setPath, { product: "SPOT", timeWindow })).toMatchObject({ retCode: 10001 });
		},
	);

	it("a call that sets the Disconnection Protect time window fails for an unknown product, and by default for a product that is not enabled", async () => {
		expect(await start().post(setPath, { product: "OPTION", timeWindow: 10 })).toMatchObject({ retCode: 10001 });
		const body = { product: "SPOT", timeWindow: 10 };
		expect(await start({ enabled: [] }).post(setPath, body)).toMatchObject({ retCode: 10005 });
		expect(await start({ enabled: [], setWhenNotEnabled: "accept" }).post(setPath, body)).toMatchObject({ retCode: 0 });
	});

	it.each([
		["array", { dcpInfos: [] }],
		["null", { dcpInfos: null }],
		["absent", {}],
	] as const)("query-dcp-info lists no product if none is enabled (emptyList=%s)", async (emptyList, result) => {
		expect(await start({ enabled: [], emptyList }).get(queryPath)).toMatchObject({ retCode: 0, result });
	});
});

describe("rate limits of the simulated Bybit", () => {
	it("BybitVenue allows five query-dcp-info calls per second; the headers of each reply say when the next call is allowed", async () => {
		const { call } = start();
		for (let index = 0; index < 5; index += 1) {
			const { headers } = await call("GET", queryPath);
			expect([headers.get("x-bapi-limit"), headers.get("x-bapi-limit-status")]).toEqual(["5", String(4 - index)]);
			await vi.advanceTimersByTimeAsync(100);
		}
		const refused = await call("GET", queryPath);
		expect(await refused.json()).toMatchObject({ retCode: 10006 });
		expect(refused.headers.get("x-bapi-limit-reset-timestamp")).toBe(String(epoch + 1_000));
		await vi.advanceTimersByTimeAsync(500);
		expect(await (await call("GET", queryPath)).json()).toMatchObject({ retCode: 0 });
	});

	it("BybitVenue bans an IP address for ten minutes if it exceeds its rate limit: HTTP calls and new connections are refused", async () => {
		const { call, connect } = start({ addressCalls: 3, dcpCallsPerSecond: 100 });
		for (let index = 0; index < 3; index += 1) expect((await call("GET", queryPath)).status).toBe(200);
		const banned = await call("GET", queryPath);
		expect([banned.status, await banned.text()]).toEqual([403, "access too frequent"]);
		expect((await connect()).closed).toEqual([1006]);
		await vi.advanceTimersByTimeAsync(599_999);
		expect((await call("GET", queryPath)).status).toBe(403);
		await vi.advanceTimersByTimeAsync(1);
		expect((await call("GET", queryPath)).status).toBe(200);
	});

	it("BybitVenue refuses new connections of an IP address that has opened too many within five minutes", async () => {
		const { connect } = start({ connectionsPerFiveMinutes: 2 });
		await connect();
		await connect();
		expect((await connect()).closed).toEqual([1006]);
	});
});

it("faults of BybitVenue return JSON-serializable results, and close() stops every timer", async () => {
	const { venue, subscribed, trigger } = start();
	await (await subscribed()).close();
	for (const name of ["place", "truth", "received"] as const) {
		const value = trigger(name);
		expect(JSON.parse(JSON.stringify(value))).toEqual(value);
	}
	expect(() => trigger("place", { product: "OPTION" })).toThrow(/product must be one of .*, got "OPTION"\.$/);
	venue.close();
	expect(vi.getTimerCount()).toBe(0);
});
