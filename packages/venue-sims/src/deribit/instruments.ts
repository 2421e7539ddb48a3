/** An instrument of a simulated Deribit. */
export interface Instrument {
	name: string;
	kind: "future" | "option" | "spot";
	/** The currency in which orders of the instrument are margined. */
	currency: string;
	base: string;
	quote: string;
	/** The amount that one contract stands for. */
	contractSize: number;
	tickSize: number;
	/** Orders that cross this price are filled at this price, whatever their amount. */
	markPrice: number;
}

const perpetual = { kind: "future", tickSize: 0.5 } as const;

/** The instruments that `public/get_instruments` lists. */
export const instruments: readonly Instrument[] = [
	{
		...perpetual,
		name: "BTC-PERPETUAL",
		currency: "BTC",
		base: "BTC",
		quote: "USD",
		contractSize: 10,
		markPrice: 90_000,
	},
	{
		...perpetual,
		name: "ETH-PERPETUAL",
		currency: "ETH",
		base: "ETH",
		quote: "USD",
		contractSize: 1,
		tickSize: 0.05,
		markPrice: 3_000,
	},
	{
		...perpetual,
		name: "SOL_USDC-PERPETUAL",
		currency: "USDC",
		base: "SOL",
		quote: "USDC",
		contractSize: 0.1,
		tickSize: 0.001,
		markPrice: 150,
	},
	{
		name: "BTC_USDC",
		kind: "spot",
		currency: "USDC",
		base: "BTC",
		quote: "USDC",
		contractSize: 0.0001,
		tickSize: 1,
		markPrice: 90_000,
	},
];

/**
 * The instrument with a name. A name that is not listed, such as that of an option, gets default values for its kind.
 */
export function instrumentOf(name: string): Instrument {
	const listed = instruments.find((instrument) => instrument.name === name);
	if (listed) return listed;
	const [pair = name, ...rest] = name.split("-");
	const [base = pair, quote = "USD"] = pair.split("_");
	const isOption = /^[CP]$/.test(rest.at(-1) ?? "");
	const kind = isOption ? "option" : rest.length > 0 ? "future" : "spot";
	return {
		name,
		kind,
		currency: quote === "USD" ? base : quote,
		base,
		quote,
		contractSize: 1,
		tickSize: 0.0005,
		markPrice: isOption ? 0.05 : 100,
	};
}

/**
 * An instrument in the format of `public/get_instruments`. The order of the members is as recorded; members that the
 * recordings lack are as documented.
 */
export function instrumentToWire({ name, kind, currency, base, quote, contractSize, tickSize }: Instrument) {
	return {
		tick_size: tickSize,
		tick_size_steps: [],
		taker_commission: 0.0005,
		...(kind === "future" ? { settlement_period: "perpetual" } : {}),
		...(kind === "spot" ? {} : { settlement_currency: currency }),
		quote_currency: quote,
		price_index: `${base}_${quote}`.toLowerCase(),
		min_trade_amount: contractSize,
		...(kind === "future" ? { max_leverage: 50 } : {}),
		maker_commission: 0,
		kind,
		is_active: true,
		...(kind === "future" ? { instrument_type: quote === "USD" ? "reversed" : "linear" } : {}),
		instrument_name: name,
		...(kind === "future" ? { future_type: currency === base ? "reversed" : "linear" } : {}),
		expiration_timestamp: 32_503_734_000_000,
		creation_timestamp: 1_534_167_754_000,
		counter_currency: quote,
		contract_size: contractSize,
		base_currency: base,
	};
}

/**
 * The price band that `public/ticker` returns as `min_price` and `max_price`, as a share of the mark price. The simulator also accepts
 * prices outside the band.
 */
const priceBand = 0.05;

/** The result of `public/ticker`, with only those documented members that concern prices. */
export function tickerToWire({ name, markPrice, tickSize }: Instrument) {
	const round = (price: number): number => Math.round(price / tickSize) * tickSize;
	return {
		timestamp: Date.now(),
		state: "open",
		min_price: round(markPrice * (1 - priceBand)),
		max_price: round(markPrice * (1 + priceBand)),
		mark_price: markPrice,
		last_price: markPrice,
		index_price: markPrice,
		instrument_name: name,
		best_bid_price: round(markPrice - tickSize),
		best_bid_amount: 100_000,
		best_ask_price: round(markPrice + tickSize),
		best_ask_amount: 100_000,
	};
}

/** The currencies that `public/get_currencies` lists. */
export const currencies = [
	{ currency: "BTC", currency_long: "Bitcoin", coin_type: "BITCOIN" },
	{ currency: "ETH", currency_long: "Ethereum", coin_type: "ETHER" },
	{ currency: "USDC", currency_long: "USD Coin", coin_type: "USDC" },
].map((currency) => ({
	...currency,
	min_confirmations: 1,
	min_withdrawal_fee: 0,
	withdrawal_fee: 0,
	withdrawal_priorities: [],
	fee_precision: 4,
}));
