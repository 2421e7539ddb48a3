import { describe, expect, it, vi } from "vitest";
import { answered, failure, startHttp, useFakeClock } from "../testing/harness.ts";

useFakeClock();

describe("the window", () => {
	it("is set for the product that was named, in the bytes that were signed", async () => {
		const { venue, http } = startHttp();
		await http.setDcp({ product: "DERIVATIVES", timeWindowSeconds: 40 });
		expect(venue.received).toMatchObject([
			{ method: "POST", body: '{"product":"DERIVATIVES","timeWindow":40}', contentType: "application/json" },
		]);
	});

	it("can be read back no earlier than the venue's ten seconds", async () => {
		const { http } = startHttp();
		await http.setDcp({ product: "DERIVATIVES", timeWindowSeconds: 40 });
		await vi.advanceTimersByTimeAsync(9_999);
		expect((await http.queryDcp())[0]).toEqual({ product: "DERIVATIVES", enabled: true, windowSeconds: 10 });
		await vi.advanceTimersByTimeAsync(1);
		expect((await http.queryDcp())[0]).toEqual({ product: "DERIVATIVES", enabled: true, windowSeconds: 40 });
	});

	it.each(["short", "full"] as const)("is taken from the %s form of the reply", async (setReply) => {
		const { http } = startHttp({ setReply });
		await expect(http.setDcp({ product: "SPOT", timeWindowSeconds: 3 })).resolves.toBeUndefined();
	});

	it.each([3, 300])("may be %i s, the ends of the venue's range", async (timeWindowSeconds) => {
		const { venue, http } = startHttp({ settleMs: 0 });
		await http.setDcp({ product: "SPOT", timeWindowSeconds });
		expect(venue.truth().SPOT.windowSeconds).toBe(timeWindowSeconds);
	});

	it.each(["OK", "success", "SUCCESS", "", "error!"])(
		"is taken by its code alone, whatever the text says (%j) and with nothing beside it",
		async (retMsg) => {
			const envelope = { retCode: 0, retMsg, retExtInfo: null };
			await expect(answered(JSON.stringify(envelope)).setDcp({ product: "SPOT", timeWindowSeconds: 10 })).resolves.toBe(
				undefined,
			);
			const refused = answered(JSON.stringify({ ...envelope, retCode: 10001 }));
			expect((await failure(refused.setDcp({ product: "SPOT", timeWindowSeconds: 10 }))).kind).toBe("parameter");
		},
	);

	it.each([2, 301, 10.5, 0, Number.NaN, "10", undefined])("%s is refused before anything is sent", async (seconds) => {
		const { venue, http } = startHttp();
		const error = await failure(http.setDcp({ product: "SPOT", timeWindowSeconds: seconds as number }));
		expect(error.kind).toBe("options");
		expect(error.message).toMatch(/timeWindowSeconds must be an integer from 3 to 300/);
		expect(venue.received).toEqual([]);
	});

	it.each(["OPTION", "future", "derivatives", undefined])(
		"of product %s is refused before anything is sent",
		async (product) => {
			const { venue, http } = startHttp();
			const error = await failure(http.setDcp({ product: product as "OPTIONS", timeWindowSeconds: 10 }));
			expect(error.kind).toBe("options");
			expect(venue.received).toEqual([]);
		},
	);

	it("of a product that is not enabled is refused by the venue with a code", async () => {
		const { http } = startHttp({ enabled: ["SPOT"] });
		const error = await failure(http.setDcp({ product: "DERIVATIVES", timeWindowSeconds: 10 }));
		expect(error).toMatchObject({ kind: "permission", retCode: 10005, httpStatus: 200 });
	});
});

describe("the configuration", () => {
	it("has an entry for every product; one that the venue does not name is not enabled", async () => {
		const { http } = startHttp({ enabled: ["SPOT"], windowSeconds: 7 });
		expect(await http.queryDcp()).toEqual([
			{ product: "DERIVATIVES", enabled: false },
			{ product: "SPOT", enabled: true, windowSeconds: 7 },
			{ product: "OPTIONS", enabled: false },
		]);
	});

	it.each(["array", "null", "absent"] as const)(
		"of an account without protection is read from the form %s",
		async (emptyList) => {
			const { http } = startHttp({ enabled: [], emptyList });
			expect((await http.queryDcp()).map(({ enabled }) => enabled)).toEqual([false, false, false]);
		},
	);

	it("is asked for without a body or a content type, which the venue would answer with 403", async () => {
		const { venue, http } = startHttp();
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
