import type { BybitSimProduct } from "./options.ts";

/** A value of the parameter `category` of the order calls. */
export type BybitSimCategory = "linear" | "inverse" | "spot" | "option";

/** An instrument that can be traded at the simulated Bybit. */
export interface Instrument {
	readonly category: BybitSimCategory;
	readonly symbol: string;
	readonly baseCoin: string;
	readonly quoteCoin: string;
	/** The settlement coin. Empty for spot. */
	readonly settleCoin: string;
	/** The price at which the venue fills market orders, and limit orders that cross this price. */
	readonly lastPrice: number;
	/** A small quantity that the venue accepts. An order that a test places without a quantity has this quantity. */
	readonly smallQty: string;
}

export const productOfCategory: Readonly<Record<BybitSimCategory, BybitSimProduct>> = {
	linear: "DERIVATIVES",
	inverse: "DERIVATIVES",
	spot: "SPOT",
	option: "OPTIONS",
};

const btc = { baseCoin: "BTC", lastPrice: 60_000, smallQty: "0.001" };
const eth = { baseCoin: "ETH", lastPrice: 3_000, smallQty: "0.01" };
const usdt = { quoteCoin: "USDT", settleCoin: "USDT" };
const usdc = { quoteCoin: "USDC", settleCoin: "USDC" };

/** The instruments that can be traded: at least one of each category. */
export const instruments: readonly Instrument[] = [
	{ category: "linear", symbol: "BTCUSDT", ...btc, ...usdt },
	{ category: "linear", symbol: "ETHUSDT", ...eth, ...usdt },
	{ category: "linear", symbol: "BTCPERP", ...btc, ...usdc },
	{ category: "inverse", symbol: "BTCUSD", ...btc, quoteCoin: "USD", settleCoin: "BTC", smallQty: "1" },
	{ category: "spot", symbol: "BTCUSDT", ...btc, ...usdt, settleCoin: "" },
	{ category: "spot", symbol: "ETHUSDT", ...eth, ...usdt, settleCoin: "" },
	{ category: "option", symbol: "BTC-27DEC30-100000-C", ...btc, ...usdc, lastPrice: 5_000, smallQty: "0.01" },
	{ category: "option", symbol: "BTC-27DEC30-100000-C-USDT", ...btc, ...usdt, lastPrice: 5_000, smallQty: "0.01" },
];

/** Finds an instrument; undefined if the category has no such symbol. */
export function findInstrument(category: unknown, symbol: unknown): Instrument | undefined {
	return instruments.find((each) => each.category === category && each.symbol === symbol);
}

/** The instrument of an order that a test places. For an unknown symbol, an instrument is made up from the symbol's name. */
export function instrumentOf(product: BybitSimProduct, symbol: string): Instrument {
	const known = instruments.find((each) => productOfCategory[each.category] === product && each.symbol === symbol);
	if (known) return known;
	const [, baseCoin = symbol] = /^([A-Z0-9]+?)(?:USD|PERP|-)/.exec(symbol) ?? [];
	const kind = { symbol, baseCoin, lastPrice: 100, smallQty: "1" };
	if (product === "SPOT") return { ...kind, ...usdt, category: "spot", settleCoin: "" };
	if (product === "OPTIONS") return { ...kind, ...(symbol.endsWith("-USDT") ? usdt : usdc), category: "option" };
	if (symbol.endsWith("USDT")) return { ...kind, ...usdt, category: "linear" };
	if (symbol.endsWith("PERP") || symbol.endsWith("USDC")) return { ...kind, ...usdc, category: "linear" };
	return { ...kind, category: "inverse", quoteCoin: "USD", settleCoin: baseCoin };
}

/** The symbol of an order that a test places without naming a symbol. */
export const defaultSymbol: Readonly<Record<BybitSimProduct, string>> = {
	DERIVATIVES: "BTCUSDT",
	SPOT: "BTCUSDT",
	OPTIONS: "BTC-27DEC30-100000-C",
};

const linearContract = {
	launchTime: "1585526400000",
	deliveryTime: "0",
	deliveryFeeRate: "",
	priceScale: "2",
	leverageFilter: { minLeverage: "1", maxLeverage: "100.00", leverageStep: "0.01" },
	priceFilter: { minPrice: "0.10", maxPrice: "1999999.80", tickSize: "0.10" },
};

const afterSettleCoin = {
	copyTrading: "none",
	upperFundingRate: "0.00375",
	lowerFundingRate: "-0.00375",
	isPreListing: false,
	preListingInfo: null,
	riskParameters: { priceLimitRatioX: "0.01", priceLimitRatioY: "0.02" },
	symbolType: "",
};

/**
 * An instrument in the format of `/v5/market/instruments-info`, with the documented members in the documented sequence.
 */
export function instrumentInfo(instrument: Instrument): object {
	const { category, symbol, baseCoin, quoteCoin, settleCoin, smallQty } = instrument;
	const symbolId = instruments.indexOf(instrument) + 1;
	switch (category) {
		case "spot":
			return {
				symbolId,
				symbol,
				baseCoin,
				quoteCoin,
				innovation: "0",
				status: "Trading",
				marginTrading: "utaOnly",
				stTag: "0",
				lotSizeFilter: {
					basePrecision: "0.000001",
					quotePrecision: "0.0000001",
					minOrderQty: "0.000011",
					maxOrderQty: "83",
					minOrderAmt: "5",
					maxOrderAmt: "8000000",
					maxLimitOrderQty: "83",
					maxMarketOrderQty: "41.5",
					postOnlyMaxLimitOrderSize: "60000",
				},
				priceFilter: { tickSize: "0.1" },
				riskParameters: { priceLimitRatioX: "0.005", priceLimitRatioY: "0.01" },
				symbolType: "",
			};
		case "option":
			return {
				symbol,
				status: "Trading",
				baseCoin,
				quoteCoin,
				settleCoin,
				optionsType: "Call",
				launchTime: "1743669649256",
				deliveryTime: String(Date.UTC(2030, 11, 27, 8)),
				deliveryFeeRate: "0.00015",
				priceFilter: { minPrice: "5", maxPrice: "1110000", tickSize: "5" },
				lotSizeFilter: { maxOrderQty: "500", minOrderQty: smallQty, qtyStep: smallQty },
				displayName: symbol,
			};
		default:
			return {
				symbol,
				symbolId,
				contractType: category === "linear" ? "LinearPerpetual" : "InversePerpetual",
				status: "Trading",
				baseCoin,
				quoteCoin,
				...linearContract,
				lotSizeFilter: {
					maxOrderQty: "1190.000",
					minOrderQty: smallQty,
					qtyStep: smallQty,
					postOnlyMaxOrderQty: "1190.000",
					maxMktOrderQty: "500.000",
					minNotionalValue: "5",
				},
				unifiedMarginTrade: true,
				fundingInterval: 480,
				settleCoin,
				...afterSettleCoin,
			};
	}
}

/**
 * An instrument in the format of `/v5/market/tickers`, with the documented members in the documented sequence. The
 * simulator has no market: all prices are the last price, all sizes and volumes are 0.
 */
export function ticker({ category, symbol, lastPrice }: Instrument): object {
	const price = String(lastPrice);
	const day = { prevPrice24h: price, price24hPcnt: "0", highPrice24h: price, lowPrice24h: price };
	const volume = { turnover24h: "0", volume24h: "0" };
	switch (category) {
		case "spot": {
			const best = { bid1Price: price, bid1Size: "0", ask1Price: price, ask1Size: "0" };
			return { symbol, ...best, lastPrice: price, ...day, ...volume, usdIndexPrice: price };
		}
		case "option":
			return {
				symbol,
				...{ bid1Price: price, bid1Size: "0", bid1Iv: "0", ask1Price: price, ask1Size: "0", ask1Iv: "0" },
				...{ lastPrice: price, highPrice24h: price, lowPrice24h: price, markPrice: price, indexPrice: price },
				...{ markIv: "0", underlyingPrice: price, openInterest: "0" },
				...volume,
				...{ totalVolume: "0", totalTurnover: "0", delta: "0", gamma: "0", vega: "0", theta: "0" },
				...{ predictedDeliveryPrice: "0", change24h: "0" },
			};
		default:
			return {
				symbol,
				...{ lastPrice: price, indexPrice: price, markPrice: price },
				...day,
				...{ prevPrice1h: price, openInterest: "0", openInterestValue: "0" },
				...volume,
				...{ fundingRate: "0.0001", nextFundingTime: "0" },
				...{ predictedDeliveryPrice: "", basisRate: "", deliveryFeeRate: "", deliveryTime: "0" },
				...{ ask1Size: "0", bid1Price: price, ask1Price: price, bid1Size: "0" },
			};
	}
}
