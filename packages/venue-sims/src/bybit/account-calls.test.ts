import { expect, it } from "vitest";
import { memoryFetch } from "../memory-fetch.ts";
import { type Frame, start, useFakeClock } from "./testing/harness.ts";

useFakeClock();

it.each([
	["uta2", 5, 1],
	["uta1", 3, 1],
	["classic", 1, 0],
] as const)("option accountMode=%s gives unifiedMarginStatus %i and uta %i", async (accountMode, status, uta) => {
	const { get } = start({ accountMode });
	expect(await get("/v5/account/info")).toMatchObject({ result: { unifiedMarginStatus: status } });
	expect(await get("/v5/user/query-api")).toMatchObject({ result: { uta } });
});

it("/v5/market/instruments-info needs no API key, and lists only instruments of the given category, symbol and base coin", async () => {
	const fetch = memoryFetch(start().link);
	const symbols = async (query: string): Promise<unknown> => {
		const reply = (await (await fetch(`https://api.bybit.com/v5/market/instruments-info?${query}`)).json()) as Frame;
		if (reply["retCode"] !== 0) return reply["retCode"];
		return (reply["result"] as { list: Frame[] }).list.map(({ symbol }) => symbol);
	};
	expect(await symbols("category=linear&limit=1000")).toEqual(["BTCUSDT", "ETHUSDT", "BTCPERP"]);
	expect(await symbols("category=linear&symbol=ETHUSDT")).toEqual(["ETHUSDT"]);
	expect(await symbols("category=inverse")).toEqual(["BTCUSD"]);
	expect(await symbols("category=spot&baseCoin=ETH")).toEqual(["ETHUSDT"]);
	expect(await symbols("category=option&baseCoin=SOL")).toEqual([]);
	expect(await symbols("category=spread")).toBe(10001);
	expect(await symbols("category=linear&limit=1001")).toBe(10001);
});

it("/v5/account/wallet-balance lists only the requested coins; /v5/position/list requires a symbol or settle coin for category linear", async () => {
	const { get } = start();
	const { result } = await get("/v5/account/wallet-balance", "accountType=UNIFIED&coin=USDT,BTC");
	expect(result).toMatchObject({ list: [{ accountType: "UNIFIED", coin: [{ coin: "USDT" }, { coin: "BTC" }] }] });
	expect(await get("/v5/account/wallet-balance")).toMatchObject({ retCode: 10001 });
	expect(await get("/v5/position/list", "category=linear")).toMatchObject({ retCode: 10001 });
	expect(await get("/v5/position/list", "category=option")).toMatchObject({ result: { list: [] } });
	expect(await get("/v5/asset/coin/query-info", "coin=BTC")).toMatchObject({
		retMsg: "success",
		result: { rows: [{ coin: "BTC" }] },
	});
});
