import { expect, it } from "vitest";
import { start, useFakeClock } from "./testing/harness.ts";

useFakeClock();

it("open orders are listed by category and settle coin, which linear requires", async () => {
	const { get, trigger } = start();
	for (const instrument of ["BTCUSDT", "BTCPERP", "BTCUSD"]) trigger("place", { product: "DERIVATIVES", instrument });
	const symbols = async (query: string): Promise<unknown> => {
		const { result, retCode } = await get("/v5/order/realtime", query);
		return retCode === 0 ? (result as { list: { symbol: string }[] }).list.map(({ symbol }) => symbol) : retCode;
	};
	expect(await symbols("category=linear&settleCoin=USDT")).toEqual(["BTCUSDT"]);
	expect(await symbols("category=linear&settleCoin=USDC")).toEqual(["BTCPERP"]);
	expect(await symbols("category=inverse")).toEqual(["BTCUSD"]);
	expect(await symbols("category=spot")).toEqual([]);
	expect(await symbols("category=linear")).toBe(10001);
	expect(await symbols("category=future")).toBe(10001);
	expect(await symbols("category=spot&limit=51")).toBe(10001);
	expect(await symbols("category=spot&cursor=made-up")).toBe(10001);
});

it("pages of orders are newest first and follow the cursor", async () => {
	const { get, trigger } = start();
	for (let placed = 0; placed < 3; placed += 1) trigger("place", { product: "SPOT" });
	const first = await get("/v5/order/realtime", "category=spot&limit=2");
	expect(first["result"]).toMatchObject({
		nextPageCursor: "page_token%3D2%26",
		list: [{ orderId: "sim-000003" }, { orderId: "sim-000002" }],
	});
	const second = await get("/v5/order/realtime", "category=spot&limit=2&cursor=page_token%253D2%2526");
	expect(second["result"]).toMatchObject({ nextPageCursor: "", list: [{ orderId: "sim-000001" }] });
});
