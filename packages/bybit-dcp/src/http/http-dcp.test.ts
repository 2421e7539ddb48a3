import { describe, expect, it, vi } from "vitest";
import { answered, failure, optionFailure, startHttp, useFakeClock } from "../testing/start-client.ts";

useFakeClock();

describe("BybitHttp.accountMode", () => {
	it.each([
		["uta2", "unified-2"],
		["uta1", "unified-1"],
		["classic", "classic"],
	] as const)("accountMode() reads the mode of a simulated account of type %s as %s", async (accountMode, mode) => {
		expect(await startHttp({ accountMode }).http.accountMode()).toBe(mode);
	});

	it.each([
		[1, "classic"],
		[2, "unknown"],
		[3, "unified-1"],
		[4, "unified-1"],
		[5, "unified-2"],
		[6, "unified-2"],
		[7, "unknown"],
	])("accountMode() reads unifiedMarginStatus %i as %s", async (status, mode) => {
		expect(await answered(`{"retCode":0,"result":{"unifiedMarginStatus":${status}}}`).accountMode()).toBe(mode);
	});

	it.each(['{"retCode":0}', '{"retCode":0,"result":{}}', '{"retCode":0,"result":{"unifiedMarginStatus":"5"}}'])(
		"accountMode() fails with kind `reply` when the reply is %s",
		async (body) => {
			expect((await failure(answered(body).accountMode())).kind).toBe("reply");
		},
	);
});

describe("BybitHttp.setDcp", () => {
	it("setDcp() sends the product and the window in seconds", async () => {
		const { venue, http } = startHttp();
		await http.setDcp({ product: "DERIVATIVES", windowSeconds: 40 });
		expect(venue.received).toMatchObject([
			{ method: "POST", body: '{"product":"DERIVATIVES","timeWindow":40}', contentType: "application/json" },
		]);
	});

	it("setDcp() sets a window that queryDcp() returns only ten seconds later, when the venue has put the window in force", async () => {
		const { http } = startHttp();
		await http.setDcp({ product: "DERIVATIVES", windowSeconds: 40 });
		await vi.advanceTimersByTimeAsync(9_999);
		expect((await http.queryDcp())[0]).toEqual({ product: "DERIVATIVES", enabled: true, windowSeconds: 10 });
		await vi.advanceTimersByTimeAsync(1);
		expect((await http.queryDcp())[0]).toEqual({ product: "DERIVATIVES", enabled: true, windowSeconds: 40 });
	});

	it.each(["short", "full"] as const)("setDcp() accepts the %s form of the reply", async (setReply) => {
		const { http } = startHttp({ setReply });
		await expect(http.setDcp({ product: "SPOT", windowSeconds: 3 })).resolves.toBeUndefined();
	});

	it.each([3, 300])("setDcp() accepts a window of %i s", async (windowSeconds) => {
		const { venue, http } = startHttp({ settleMs: 0 });
		await http.setDcp({ product: "SPOT", windowSeconds });
		expect(venue.truth().SPOT.windowSeconds).toBe(windowSeconds);
	});

	it.each(["OK", "success", "SUCCESS", "", "error!"])(
		"setDcp() succeeds or fails according to retCode alone when retMsg is %j and there is no result",
		async (retMsg) => {
			const envelope = { retCode: 0, retMsg, retExtInfo: null };
			await expect(answered(JSON.stringify(envelope)).setDcp({ product: "SPOT", windowSeconds: 10 })).resolves.toBe(
				undefined,
			);
			const refused = answered(JSON.stringify({ ...envelope, retCode: 10001 }));
			expect((await failure(refused.setDcp({ product: "SPOT", windowSeconds: 10 }))).kind).toBe("parameter");
		},
	);

	it.each([2, 301, 10.5, 0, Number.NaN, "10", undefined])(
		"setDcp() refuses a window of %s and sends nothing",
		async (seconds) => {
			const { venue, http } = startHttp();
			const error = await optionFailure(http.setDcp({ product: "SPOT", windowSeconds: seconds as number }));
			expect(error.option).toBe("setDcp.windowSeconds");
			expect(error.message).toMatch(/windowSeconds must be an integer from 3 to 300/);
			expect(venue.received).toEqual([]);
		},
	);

	it.each(["OPTION", "future", "derivatives", undefined])(
		"setDcp() refuses the product %s and sends nothing",
		async (product) => {
			const { venue, http } = startHttp();
			const error = await optionFailure(http.setDcp({ product: product as "OPTIONS", windowSeconds: 10 }));
			expect(error.option).toBe("setDcp.product");
			expect(venue.received).toEqual([]);
		},
	);

	it("setDcp() fails with kind `permission` when the product is not enabled", async () => {
		const { http } = startHttp({ enabled: ["SPOT"] });
		const error = await failure(http.setDcp({ product: "DERIVATIVES", windowSeconds: 10 }));
		expect(error).toMatchObject({ kind: "permission", venueCode: 10005, status: 200 });
	});
});

describe("BybitHttp.queryDcp", () => {
	it("queryDcp() returns an entry for each product, with enabled false if the venue does not list the product", async () => {
		const { http } = startHttp({ enabled: ["SPOT"], windowSeconds: 7 });
		expect(await http.queryDcp()).toEqual([
			{ product: "DERIVATIVES", enabled: false },
			{ product: "SPOT", enabled: true, windowSeconds: 7 },
			{ product: "OPTIONS", enabled: false },
		]);
	});

	it.each(["array", "null", "absent"] as const)(
		"queryDcp() returns no enabled product when the venue's empty list has the form %s",
		async (emptyList) => {
			const { http } = startHttp({ enabled: [], emptyList });
			expect((await http.queryDcp()).map(({ enabled }) => enabled)).toEqual([false, false, false]);
		},
	);

	it("queryDcp() sends no body and no content type, because the venue answers an empty JSON body with 403", async () => {
		const { venue, http } = startHttp();
		await http.queryDcp();
		expect(venue.received).toMatchObject([{ method: "GET", query: "", body: "", contentType: null }]);
	});

	it.each([
		["a window that is a number", { product: "SPOT", dcpStatus: "ON", timeWindow: 10 }],
		["an empty window", { product: "SPOT", dcpStatus: "ON", timeWindow: "" }],
		["a window in scientific notation", { product: "SPOT", dcpStatus: "ON", timeWindow: "1e1" }],
		["a window of 0", { product: "SPOT", dcpStatus: "ON", timeWindow: "0" }],
		["no status", { product: "SPOT", timeWindow: "10" }],
	])("queryDcp() fails with kind `reply` when an entry has %s", async (_, info) => {
		const error = await failure(answered(JSON.stringify({ retCode: 0, result: { dcpInfos: [info] } })).queryDcp());
		expect(error).toMatchObject({ kind: "reply", status: 200 });
	});

	it("queryDcp() fails when a product is listed twice", async () => {
		const infos = ["10", "60"].map((timeWindow) => ({ product: "SPOT", dcpStatus: "ON", timeWindow }));
		const error = await failure(answered(JSON.stringify({ retCode: 0, result: { dcpInfos: infos } })).queryDcp());
		expect(error.message).toMatch(/SPOT is listed 2 times/);
	});

	it("queryDcp() reports a product as enabled only if its status is ON, and ignores unknown members and products", async () => {
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
