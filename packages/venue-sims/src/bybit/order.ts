import type { SimOrder } from "../venue.ts";
import { decimal } from "./format-decimal.ts";
import type { BybitSimCategory, Instrument } from "./instruments.ts";
import type { BybitSimProduct } from "./options.ts";

/** An order of a simulated Bybit. Quantity and price are stored as the text that the caller sent. */
export interface BybitSimOrder extends SimOrder {
	product: BybitSimProduct;
	category: BybitSimCategory;
	/** The order id that the caller assigned (`orderLinkId`). Empty if the caller sent none. */
	linkId: string;
	side: "Buy" | "Sell";
	orderType: "Limit" | "Market";
	/** `GTC`, `IOC`, `FOK` or `PostOnly`. */
	timeInForce: string;
	qty: string;
	/** The limit price. Empty if the caller sent none, as for a market order. */
	price: string;
	/** The trigger price of a conditional order. Empty for any other order. */
	triggerPrice: string;
	/** 1: triggered when the price rises to the trigger price; 2: when the price falls to it; 0: not conditional. */
	triggerDirection: number;
	reduceOnly: boolean;
	/** When the order was last changed, in epoch milliseconds. */
	updatedAt: number;
	/** The venue's reason for ending the order, such as `EC_PostOnlyWillTakeLiquidity`. */
	rejectReason: string;
	filledQty: number;
	/** Value of the filled quantity, in the quote coin (for an inverse contract, in the base coin). */
	filledValue: number;
	/** Fees paid for the order, in the settlement coin (for spot, in the quote coin). */
	feePaid: number;
	/** The profit of the position that the order closed, in the settlement coin. */
	closedPnl: number;
}

/** The members of an order that the client chooses. */
export type OrderTerms = Pick<
	BybitSimOrder,
	"linkId" | "side" | "orderType" | "timeInForce" | "qty" | "price" | "triggerPrice" | "triggerDirection" | "reduceOnly"
>;

/** Creates an open order. A conditional order waits for its trigger price. */
export function newOrder(
	id: string,
	product: BybitSimProduct,
	instrument: Instrument,
	terms: OrderTerms,
): BybitSimOrder {
	const now = Date.now();
	return {
		id,
		instrument: instrument.symbol,
		product,
		category: instrument.category,
		state: "open",
		placedAt: now,
		...(terms.triggerPrice === "" ? {} : { conditional: true }),
		...terms,
		updatedAt: now,
		rejectReason: "EC_NoError",
		filledQty: 0,
		filledValue: 0,
		feePaid: 0,
		closedPnl: 0,
	};
}

/** The quantity that is not filled yet; 0 if the order is no longer open. */
export function leavesQty({ qty, filledQty, state }: BybitSimOrder): number {
	return state === "open" ? Number(qty) - filledQty : 0;
}

/**
 * An order in the format of `/v5/order/realtime` and `/v5/order/history`, with the documented members in the documented
 * sequence.
 */
export function toWire(order: BybitSimOrder) {
	const leaves = leavesQty(order);
	return {
		orderId: order.id,
		orderLinkId: order.linkId,
		blockTradeId: "",
		symbol: order.instrument,
		price: order.price,
		qty: order.qty,
		side: order.side,
		isLeverage: order.category === "spot" ? "0" : "",
		positionIdx: 0,
		orderStatus: orderStatus(order),
		cancelType: order.cancelReason ?? "UNKNOWN",
		rejectReason: order.rejectReason,
		avgPrice: averagePrice(order),
		leavesQty: decimal(leaves),
		leavesValue: decimal(leaves * Number(order.price)),
		cumExecQty: decimal(order.filledQty),
		cumExecValue: decimal(order.filledValue),
		cumExecFee: decimal(order.feePaid),
		timeInForce: order.timeInForce,
		orderType: order.orderType,
		stopOrderType: order.conditional ? "Stop" : "",
		orderIv: "",
		triggerPrice: order.triggerPrice,
		takeProfit: "",
		stopLoss: "",
		tpTriggerBy: "",
		slTriggerBy: "",
		triggerDirection: order.triggerDirection,
		triggerBy: order.conditional ? "LastPrice" : "",
		lastPriceOnCreated: "",
		reduceOnly: order.reduceOnly,
		closeOnTrigger: false,
		smpType: "None",
		smpGroup: 0,
		smpOrderId: "",
		tpslMode: "",
		tpLimitPrice: "",
		slLimitPrice: "",
		placeType: order.category === "option" ? "price" : "",
		createdTime: String(order.placedAt),
		updatedTime: String(order.updatedAt),
		cumFeeDetail: {},
	};
}

/** An order in the format of the `order` topics: the members of the HTTP reply in another sequence, and some more. */
export function toPush(order: BybitSimOrder): object {
	const wire = toWire(order);
	return {
		symbol: wire.symbol,
		orderId: wire.orderId,
		side: wire.side,
		orderType: wire.orderType,
		cancelType: wire.cancelType,
		price: wire.price,
		qty: wire.qty,
		orderIv: wire.orderIv,
		timeInForce: wire.timeInForce,
		orderStatus: wire.orderStatus,
		orderLinkId: wire.orderLinkId,
		lastPriceOnCreated: wire.lastPriceOnCreated,
		reduceOnly: wire.reduceOnly,
		leavesQty: wire.leavesQty,
		leavesValue: wire.leavesValue,
		cumExecQty: wire.cumExecQty,
		cumExecValue: wire.cumExecValue,
		avgPrice: wire.avgPrice,
		blockTradeId: wire.blockTradeId,
		positionIdx: wire.positionIdx,
		cumExecFee: wire.cumExecFee,
		closedPnl: decimal(order.closedPnl),
		createdTime: wire.createdTime,
		updatedTime: wire.updatedTime,
		rejectReason: wire.rejectReason,
		stopOrderType: wire.stopOrderType,
		tpslMode: wire.tpslMode,
		triggerPrice: wire.triggerPrice,
		takeProfit: wire.takeProfit,
		stopLoss: wire.stopLoss,
		tpTriggerBy: wire.tpTriggerBy,
		slTriggerBy: wire.slTriggerBy,
		tpLimitPrice: wire.tpLimitPrice,
		slLimitPrice: wire.slLimitPrice,
		triggerDirection: wire.triggerDirection,
		triggerBy: wire.triggerBy,
		closeOnTrigger: wire.closeOnTrigger,
		category: order.category,
		placeType: wire.placeType,
		smpType: wire.smpType,
		smpGroup: wire.smpGroup,
		smpOrderId: wire.smpOrderId,
		feeCurrency: "",
		cumFeeDetail: wire.cumFeeDetail,
	};
}

function orderStatus({ state, filledQty, conditional, category }: BybitSimOrder): string {
	if (state === "filled") return "Filled";
	if (state === "open" && conditional) return "Untriggered";
	if (state === "open") return filledQty > 0 ? "PartiallyFilled" : "New";
	if (conditional) return "Deactivated";
	return filledQty > 0 && category === "spot" ? "PartiallyFilledCanceled" : "Cancelled";
}

function averagePrice({ filledQty, filledValue, category }: BybitSimOrder): string {
	if (filledQty === 0) return "";
	return decimal(category === "inverse" ? filledQty / filledValue : filledValue / filledQty);
}
