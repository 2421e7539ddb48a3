import { labelled, openOrder } from "./cancel-methods.ts";
import { DeribitFailure, invalid } from "./error-reply.ts";
import { instrumentOf } from "./instruments.ts";
import { type Call, type Method, type State, trade } from "./method-definition.ts";
import { type DeribitOrder, type OrderTerms, orderToWire, tradeToWire } from "./order.ts";
import { ofInstrument } from "./order-filters.ts";
import type { Book, OrderChange, OrderEdit } from "./orders-and-positions.ts";
import type { Params } from "./request-params.ts";

/** The methods that place and edit orders and quotes. */
export const tradingMethods: Readonly<Record<string, Method>> = {
	"private/buy": trade((call, state) => place(call, state, "buy")),
	"private/sell": trade((call, state) => place(call, state, "sell")),
	"private/edit": trade(({ params }, { book }) => edit(params, openOrder(params, book), book)),
	"private/edit_by_label": trade(({ params }, { book }) => {
		const [order] = labelled(params, book, params.text("instrument_name"));
		if (!order) throw new DeribitFailure(11044);
		return edit(params, order, book);
	}),
	"private/mass_quote": trade(massQuote),
};

/** The result of `private/buy`, `private/sell` and `private/edit`: the order and its trades. */
function result({ order, trades }: OrderChange): NonNullable<unknown> {
	return { order: orderToWire(order), trades: trades.map(tradeToWire) };
}

function place({ params, connection }: Call, { book }: State, direction: "buy" | "sell"): NonNullable<unknown> {
	const instrument = params.text("instrument_name");
	const { contractSize, markPrice } = instrumentOf(instrument);
	checkValidUntil(params);
	const orderType = params.optionalText("type") ?? "limit";
	const isMarket = orderType === "market" || orderType.endsWith("_market");
	const contracts = params.optionalNumber("contracts");
	const terms: OrderTerms = {
		direction,
		amount: positive("amount", contracts === undefined ? params.number("amount") : contracts * contractSize),
		// A limit order without a price gets the mark price as its price.
		price: isMarket ? undefined : (params.optionalNumber("price") ?? markPrice),
		label: params.optionalText("label") ?? "",
		orderType,
		timeInForce: params.choice("time_in_force", timesInForce) ?? "good_til_cancelled",
		postOnly: params.flag("post_only", false),
		reduceOnly: params.flag("reduce_only", false),
		mmp: params.flag("mmp", false),
		trigger: triggerOf(params, orderType),
		quote: undefined,
	};
	return result(book.place(instrument, connection?.id, terms));
}

const timesInForce = ["good_til_cancelled", "good_til_day", "fill_or_kill", "immediate_or_cancel"] as const;

function triggerOf(params: Params, orderType: string): OrderTerms["trigger"] {
	if (!/^(stop|take|trailing)_/.test(orderType)) return undefined;
	const price = params.optionalNumber("trigger_price") ?? params.optionalNumber("trigger_offset") ?? 0;
	return { source: params.optionalText("trigger") ?? "last_price", price };
}

function edit(params: Params, order: DeribitOrder, book: Book): NonNullable<unknown> {
	checkValidUntil(params);
	const { contractSize } = instrumentOf(order.instrument);
	const contracts = params.optionalNumber("contracts");
	const amount = contracts === undefined ? params.optionalNumber("amount") : contracts * contractSize;
	const price = params.optionalNumber("price");
	const triggerPrice = params.optionalNumber("trigger_price");
	const change: OrderEdit = {
		...(amount === undefined ? {} : { amount: positive("amount", amount) }),
		...(price === undefined ? {} : { price }),
		...(triggerPrice === undefined || !order.trigger
			? {}
			: { trigger: { source: order.trigger.source, price: triggerPrice } }),
		postOnly: params.flag("post_only", order.postOnly),
		reduceOnly: params.flag("reduce_only", order.reduceOnly),
	};
	return result(book.edit(order, change));
}

/** Answers `private/mass_quote`. A new quote replaces the open quote with the same instrument, side and quote set. */
function massQuote({ params, connection }: Call, { book }: State): NonNullable<unknown> {
	if (!connection?.armed) throw new DeribitFailure(13042);
	const changes: OrderChange[] = [];
	for (const quote of params.objects("quotes")) {
		const instrument = quote.text("instrument_name");
		const setId = quote.optionalText("quote_set_id") ?? "";
		const id = quote.optionalText("quote_id") ?? params.optionalText("quote_id") ?? "";
		for (const [side, direction] of quoteSides) {
			const [terms] = quote.has(side) ? quote.objects(side) : [];
			if (!terms) continue;
			const old = ofInstrument(instrument, book.open()).find(
				(order) => order.quote?.setId === setId && order.direction === direction,
			);
			const amount = positive("amount", terms.number("amount"));
			const price = terms.number("price");
			const mmp = params.optionalText("mmp_group") !== undefined;
			const added = { direction, amount, price, mmp, quote: { setId, id } };
			changes.push(old ? book.edit(old, { amount, price }) : book.place(instrument, connection.id, added));
		}
	}
	// By default, the result of `private/mass_quote` has only counts, and no order ids.
	if (!params.flag("detailed", false)) return { errors_count: 0, pending_requests_count: 0 };
	return {
		orders: changes.map(({ order }) => orderToWire(order)),
		trades: changes.flatMap(({ trades }) => trades.map(tradeToWire)),
		errors: [],
	};
}

const quoteSides = [
	["bid", "buy"],
	["ask", "sell"],
] as const;

function checkValidUntil(params: Params): void {
	const validUntil = params.optionalNumber("valid_until");
	if (validUntil !== undefined && validUntil < Date.now()) throw new DeribitFailure(13888);
}

function positive(name: string, value: number): number {
	if (value > 0) return value;
	throw invalid(name, "value must be > 0");
}
