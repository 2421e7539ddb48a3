import { DeribitFailure } from "./error-reply.ts";
import type { Call, Method, State } from "./method-definition.ts";
import { type DeribitOrder, type DeribitTrade, orderToWire, positionToWire, tradeToWire } from "./order.ts";
import { ofCurrency, ofInstrument, ofKind, ofType } from "./order-filters.ts";
import type { Params } from "./request-params.ts";

const query = (handle: (call: Call, state: State) => NonNullable<unknown>): Method => ({ needs: "trade:read", handle });

function openOrders(params: Params, orders: readonly DeribitOrder[]): object[] {
	return ofType(params, orders).map(orderToWire);
}

/**
 * Orders that are no longer open, latest first. Cancelled orders without a trade are left out unless `include_unfilled`
 * is true.
 */
function history(params: Params, orders: readonly DeribitOrder[]): object[] {
	const hasUnfilled = params.flag("include_unfilled", false);
	const over = orders.filter(({ state, filledAmount }) => state !== "open" && (hasUnfilled || filledAmount > 0));
	return over
		.reverse()
		.slice(0, params.optionalNumber("count") ?? 20)
		.map(orderToWire);
}

/** The account's trades from orders for which `isMeant` returns true, latest first. */
function userTrades(params: Params, { book }: State, isMeant: (order: DeribitOrder) => boolean): object {
	const count = params.optionalNumber("count") ?? 10;
	const meant = book.trades.filter(({ order }: DeribitTrade) => isMeant(order)).reverse();
	return { trades: meant.slice(0, count).map(tradeToWire), has_more: meant.length > count };
}

/** The methods that read orders, trades and positions. */
export const orderQueries: Readonly<Record<string, Method>> = {
	"private/get_open_orders": query(({ params }, { book }) => openOrders(params, ofKind(params, book.open()))),
	"private/get_open_orders_by_currency": query(({ params }, { book }) =>
		openOrders(params, ofKind(params, ofCurrency(params.text("currency"), book.open()))),
	),
	"private/get_open_orders_by_instrument": query(({ params }, { book }) =>
		openOrders(params, ofInstrument(params.text("instrument_name"), book.open())),
	),
	"private/get_open_orders_by_label": query(({ params }, { book }) => {
		const label = params.optionalText("label");
		const orders = ofCurrency(params.text("currency"), book.open());
		return orders.filter((order) => label === undefined || order.label === label).map(orderToWire);
	}),
	"private/get_order_state": query(({ params }, { book }) => {
		const order = book.find(params.text("order_id"));
		if (!order) throw new DeribitFailure(11044);
		return orderToWire(order);
	}),
	"private/get_order_state_by_label": query(({ params }, { book }) => {
		const label = params.text("label");
		const orders = ofCurrency(params.text("currency"), book.all());
		return orders.filter((order) => order.label === label).map(orderToWire);
	}),
	"private/get_order_history_by_currency": query(({ params }, { book }) =>
		history(params, ofKind(params, ofCurrency(params.text("currency"), book.all()))),
	),
	"private/get_order_history_by_instrument": query(({ params }, { book }) =>
		history(params, ofInstrument(params.text("instrument_name"), book.all())),
	),
	"private/get_user_trades_by_currency": query(({ params }, state) => {
		const currency = params.text("currency");
		return userTrades(params, state, ({ instrument }) => ofCurrency(currency, [{ instrument }]).length > 0);
	}),
	"private/get_user_trades_by_instrument": query(({ params }, state) => {
		const name = params.text("instrument_name");
		return userTrades(params, state, ({ instrument }) => instrument === name);
	}),
	"private/get_user_trades_by_order": query(({ params }, { book }) => {
		const id = params.text("order_id");
		return book.trades.filter(({ order }) => order.id === id).map(tradeToWire);
	}),
	"private/get_position": query(({ params }, { book }) => {
		const name = params.text("instrument_name");
		return positionToWire(name, book.position(name));
	}),
	"private/get_positions": query(({ params }, { book }) => {
		const traded = book.traded().map((instrument) => ({ instrument }));
		const meant = ofKind(params, ofCurrency(params.optionalText("currency") ?? "any", traded));
		return meant.map(({ instrument }) => positionToWire(instrument, book.position(instrument)));
	}),
};
