import type { SimOrder } from "../venue.ts";
import { instrumentOf } from "./instruments.ts";

/** Id of the simulated account. */
export const userId = 10_580;

/** The members of an order that the client chooses. */
export interface OrderTerms {
	direction: "buy" | "sell";
	amount: number;
	/** The limit price. Undefined for a market order. */
	price: number | undefined;
	label: string;
	orderType: string;
	timeInForce: string;
	postOnly: boolean;
	reduceOnly: boolean;
	mmp: boolean;
	/** The trigger price of a stop order, and the price source that is compared with it. */
	trigger: { readonly source: string; readonly price: number } | undefined;
	/** The ids of a quote. Undefined for an order that is not a quote. */
	quote: { readonly setId: string; readonly id: string } | undefined;
}

/** An order of a simulated Deribit. */
export interface DeribitOrder extends SimOrder, OrderTerms {
	filledAmount: number;
	/** Average price of the fills; 0 until the first fill. */
	averagePrice: number;
	/** When the order was last changed, in epoch milliseconds. */
	updatedAt: number;
	/** Whether the order was edited. */
	replaced: boolean;
	/** Whether the order waits for its trigger price. */
	isUntriggered: boolean;
	/** Whether the order has reached its trigger price and was replaced by another order. */
	isTriggered: boolean;
	/** Id of the stop order that placed this order when it was triggered. */
	triggerOrderId: string | undefined;
}

/** A trade of the account. */
export interface DeribitTrade {
	id: string;
	sequence: number;
	order: DeribitOrder;
	price: number;
	amount: number;
	/** When the trade happened, in epoch milliseconds. */
	at: number;
	isTaker: boolean;
	/** The state of the order after the trade. */
	orderState: string;
}

/** The value of `order_state` for an order. */
export function orderState({ state, isUntriggered, isTriggered }: DeribitOrder): string {
	if (isTriggered) return "triggered";
	return state === "open" && isUntriggered ? "untriggered" : state;
}

/**
 * An order in the venue's format, with its members in the sequence that was recorded in notifications. The positions of the `trigger…`
 * members are not known.
 */
export function orderToWire(order: DeribitOrder) {
	const { trigger, quote, cancelReason } = order;
	return {
		label: order.label,
		price: order.price ?? "market_price",
		user_id: userId,
		amount: order.amount,
		direction: order.direction,
		time_in_force: order.timeInForce,
		instrument_name: order.instrument,
		web: false,
		api: true,
		order_id: order.id,
		creation_timestamp: order.placedAt,
		replaced: order.replaced,
		filled_amount: order.filledAmount,
		last_update_timestamp: order.updatedAt,
		post_only: order.postOnly,
		reduce_only: order.reduceOnly,
		...(trigger && { trigger: trigger.source, trigger_price: trigger.price, triggered: order.isTriggered }),
		...(order.triggerOrderId !== undefined && { trigger_order_id: order.triggerOrderId }),
		...(quote && { quote: true, quote_set_id: quote.setId, quote_id: quote.id }),
		...(cancelReason !== undefined && { cancel_reason: cancelReason }),
		average_price: order.averagePrice,
		mmp: order.mmp,
		contracts: contracts(order.instrument, order.amount),
		order_state: orderState(order),
		order_type: order.orderType,
		is_liquidation: false,
		risk_reducing: false,
	};
}

/** A trade in the venue's format, with its members in the sequence that was recorded in notifications. */
export function tradeToWire({ order, ...trade }: DeribitTrade) {
	const { markPrice, currency } = instrumentOf(order.instrument);
	return {
		label: order.label,
		timestamp: trade.at,
		state: trade.orderState,
		price: trade.price,
		user_id: userId,
		amount: trade.amount,
		direction: order.direction,
		index_price: markPrice,
		instrument_name: order.instrument,
		trade_seq: trade.sequence,
		api: true,
		mark_price: markPrice,
		order_id: order.id,
		matching_id: null,
		tick_direction: 0,
		profit_loss: 0,
		post_only: order.postOnly,
		reduce_only: order.reduceOnly,
		self_trade: false,
		mmp: order.mmp,
		contracts: contracts(order.instrument, trade.amount),
		trade_id: trade.id,
		fee_currency: currency,
		fee: 0,
		order_type: order.orderType,
		risk_reducing: false,
		liquidity: trade.isTaker ? "T" : "M",
	};
}

/** A position in the venue's format, with its members in the sequence that was recorded in notifications. */
export function positionToWire(instrument: string, size: number) {
	const { kind, markPrice } = instrumentOf(instrument);
	return {
		size,
		kind,
		maintenance_margin: 0,
		initial_margin: 0,
		direction: size > 0 ? "buy" : size < 0 ? "sell" : "zero",
		index_price: markPrice,
		instrument_name: instrument,
		settlement_price: markPrice,
		mark_price: markPrice,
		interest_value: 0,
		delta: 0,
		average_price: size === 0 ? 0 : markPrice,
		floating_profit_loss: 0,
		realized_profit_loss: 0,
		total_profit_loss: 0,
		realized_funding: 0,
		leverage: 50,
		size_currency: size === 0 ? 0 : size / markPrice,
	};
}

function contracts(instrument: string, amount: number): number {
	return Math.round((amount / instrumentOf(instrument).contractSize) * 1e8) / 1e8;
}
