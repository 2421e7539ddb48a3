import type { SimOrder } from "../venue.ts";

/** An order of a simulated IBKR. */
export interface IbkrSimOrder extends SimOrder {
	readonly account: string;
	/** The contract id; 0 for an order that a test placed. */
	readonly conid: number;
	side: "BUY" | "SELL";
	/** The order type: `LMT`, `MKT`, `STP` or `STOP_LIMIT`. */
	orderType: string;
	quantity: number;
	/** The limit or trigger price. Absent for a market order. */
	price?: number;
	/** How long the order is valid, such as `DAY` or `GTC`. */
	timeInForce: string;
	/** The order id that the caller assigned. */
	readonly cOID?: string;
	filledQuantity: number;
	/** When the order was last changed, in epoch milliseconds. */
	updatedAt: number;
}

/** The members of an order that the client chooses. */
export interface OrderTicket {
	readonly conid: number;
	readonly ticker: string;
	readonly side: "BUY" | "SELL";
	readonly orderType: string;
	readonly quantity: number;
	readonly price?: number;
	readonly timeInForce: string;
	readonly cOID?: string;
}

/** One fill of an order. */
export interface IbkrTrade {
	readonly id: string;
	readonly order: IbkrSimOrder;
	readonly quantity: number;
	readonly price: number;
	readonly at: number;
}

const orderTypes: Readonly<Record<string, string>> = {
	LMT: "Limit",
	MKT: "Market",
	STP: "Stop",
	STOP_LIMIT: "Stop Limit",
};

/** Reads an order from a request body; undefined if the value is not a valid order. */
export function readTicket(value: unknown): OrderTicket | undefined {
	if (typeof value !== "object" || value === null) return undefined;
	// The cast is safe: each member is checked before it is used.
	const { conid, ticker, side, orderType, quantity, price, tif, cOID } = value as Record<string, unknown>;
	const number = Number(quantity);
	const limit = Number(price);
	const kind = String(orderType);
	const wantsPrice = kind === "LMT" || kind === "STOP_LIMIT";
	if (side !== "BUY" && side !== "SELL") return undefined;
	if (!Object.hasOwn(orderTypes, kind) || !(number > 0) || (wantsPrice && !(limit > 0))) return undefined;
	return {
		conid: Number(conid) || 0,
		ticker: typeof ticker === "string" ? ticker : String(conid),
		side,
		orderType: kind,
		quantity: number,
		...(kind === "MKT" || !(limit > 0) ? {} : { price: limit }),
		timeInForce: typeof tif === "string" ? tif : "DAY",
		...(typeof cOID === "string" ? { cOID } : {}),
	};
}

const statusNames = { open: "Submitted", cancelled: "Cancelled", filled: "Filled" } as const;
const colours = {
	open: { bgColor: "#000000", fgColor: "#00F000" },
	cancelled: { bgColor: "#FFFFFF", fgColor: "#AA0000" },
	filled: { bgColor: "#FFFFFF", fgColor: "#000000" },
} as const;

/**
 * An order in the format of `/iserver/account/orders` and the topic `sor`, with the recorded members in the recorded
 * sequence.
 */
export function toWire(order: IbkrSimOrder) {
	const { account, conid, quantity, filledQuantity, instrument, state, price, cOID, side, timeInForce } = order;
	const type = orderTypes[order.orderType] ?? order.orderType;
	const shownPrice = price === undefined ? "" : ` ${price.toFixed(2)}`;
	const tif = timeInForce === "DAY" ? "Day" : timeInForce;
	return {
		acct: account,
		conidex: String(conid),
		conid,
		account,
		orderId: Number(order.id),
		cashCcy: "USD",
		sizeAndFills: state === "filled" ? String(quantity) : `${filledQuantity}/${quantity}`,
		orderDesc: `${side === "BUY" ? "Buy" : "Sell"} ${quantity} ${instrument} ${type}${shownPrice}, ${tif}`,
		description1: instrument,
		ticker: instrument,
		secType: "STK",
		listingExchange: "NASDAQ.NMS",
		remainingQuantity: quantity - filledQuantity,
		filledQuantity,
		totalSize: quantity,
		companyName: instrument,
		status: statusNames[state],
		order_ccp_status: statusNames[state],
		outsideRTH: false,
		origOrderType: type.toUpperCase(),
		supportsTaxOpt: "1",
		lastExecutionTime: compactTime(order.updatedAt),
		orderType: type,
		...(cOID === undefined ? {} : { order_ref: cOID }),
		...colours[state],
		isEventTrading: "0",
		...(price === undefined ? {} : { price: price.toFixed(2) }),
		timeInForce: timeInForce === "DAY" ? "CLOSE" : timeInForce,
		lastExecutionTime_r: Math.floor(order.updatedAt / 1_000) * 1_000,
		side,
	};
}

/** An order in the format of `/iserver/account/order/status/{id}`. */
export function toStatus(order: IbkrSimOrder): object {
	const { conid, instrument, side, state, quantity, filledQuantity, account, timeInForce } = order;
	return {
		sub_type: null,
		request_id: order.id,
		order_id: Number(order.id),
		conidex: String(conid),
		conid,
		symbol: instrument,
		side: side === "BUY" ? "B" : "S",
		contract_description_1: instrument,
		listing_exchange: "NASDAQ.NMS",
		size: amount(quantity - filledQuantity),
		total_size: amount(quantity),
		currency: "USD",
		account,
		order_type: (orderTypes[order.orderType] ?? order.orderType).toUpperCase(),
		...(order.price === undefined ? {} : { limit_price: amount(order.price) }),
		cum_fill: amount(filledQuantity),
		order_status: statusNames[state],
		order_status_description: `Order ${statusNames[state]}`,
		tif: timeInForce,
	};
}

/** A trade in the format of `/iserver/account/trades`, with the recorded members in the recorded sequence. */
export function toTradeWire({ id, order, quantity, price, at }: IbkrTrade): object {
	const { account, conid, instrument, side, cOID } = order;
	return {
		execution_id: id,
		symbol: instrument,
		supports_tax_opt: "1",
		side: side === "BUY" ? "B" : "S",
		order_description: `${side === "BUY" ? "Bot" : "Sold"} ${quantity} @ ${price} on NASDAQ`,
		trade_time: tradeTime(at),
		trade_time_r: Math.floor(at / 1_000) * 1_000,
		size: quantity,
		price: String(price),
		...(cOID === undefined ? {} : { order_ref: cOID }),
		exchange: "NASDAQ",
		commission: "1.0",
		net_amount: quantity * price,
		account,
		accountCode: account,
		account_allocation_name: account,
		company_name: instrument,
		contract_description_1: instrument,
		sec_type: "STK",
		listing_exchange: "NASDAQ.NMS",
		conid,
		conidEx: String(conid),
		clearing_id: "IB",
		clearing_name: "IB",
		liquidation_trade: "0",
		is_event_trading: "0",
		order_id: Number(order.id),
	};
}

/** Formats an amount with at least one digit after the decimal point, as the venue does. */
function amount(value: number): string {
	return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

/** Formats a time as YYMMDDhhmmss, for example `260430123533`. */
function compactTime(at: number): string {
	return new Date(at).toISOString().replace(/\D/g, "").slice(2, 14);
}

/** Formats a time as in a list of trades, for example `20260430-12:35:33`. */
function tradeTime(at: number): string {
	const [date = "", time = ""] = new Date(at).toISOString().split("T");
	return `${date.replaceAll("-", "")}-${time.slice(0, 8)}`;
}
