import { DeribitFailure, invalid } from "./error-reply.ts";
import { instrumentOf } from "./instruments.ts";
import { type Method, trade } from "./method-definition.ts";
import { type DeribitOrder, orderToWire } from "./order.ts";
import { ofCurrency, ofInstrument, ofKind, ofType } from "./order-filters.ts";
import type { Book } from "./orders-and-positions.ts";
import type { Params } from "./request-params.ts";

const cancelTypes = ["all", "currency", "instrument", "kind", "quote_set_id"] as const;

/** The methods that cancel orders and quotes. */
export const cancelMethods: Readonly<Record<string, Method>> = {
	"private/cancel": trade(({ params }, { book }) => {
		const order = openOrder(params, book);
		book.cancel([order], "user_request");
		return orderToWire(order);
	}),
	"private/cancel_by_label": trade(({ params }, { book }) => book.cancel(labelled(params, book), "user_request")),
	"private/cancel_all": trade(({ params }, { book }) => cancelAll(params, book, book.open())),
	"private/cancel_all_by_currency": trade(({ params }, { book }) =>
		cancelAll(params, book, ofKind(params, ofCurrency(params.text("currency"), book.open()))),
	),
	"private/cancel_all_by_currency_pair": trade(({ params }, { book }) => {
		const pair = params.text("currency_pair").toUpperCase();
		const isMeant = ({ instrument }: DeribitOrder): boolean => {
			const { base, quote } = instrumentOf(instrument);
			return `${base}_${quote}` === pair;
		};
		return cancelAll(params, book, ofKind(params, book.open().filter(isMeant)));
	}),
	"private/cancel_all_by_instrument": trade(({ params }, { book }) =>
		cancelAll(params, book, ofInstrument(params.text("instrument_name"), book.open())),
	),
	"private/cancel_all_by_kind_or_type": trade(({ params }, { book }) => {
		const currencies = params.textOrTexts("currency");
		const orders = currencies.flatMap((currency) => ofCurrency(currency, book.open()));
		return cancelAll(params, book, ofKind(params, orders));
	}),
	"private/cancel_quotes": trade(({ params }, { book }) => {
		const cancelType = params.choice("cancel_type", cancelTypes);
		if (cancelType === undefined) throw invalid("cancel_type", "value is required");
		const quotes = book.open().filter(({ quote }) => quote !== undefined);
		const meant: Record<(typeof cancelTypes)[number], () => DeribitOrder[]> = {
			all: () => quotes,
			currency: () => ofCurrency(params.text("currency"), quotes),
			instrument: () => ofInstrument(params.text("instrument_name"), quotes),
			kind: () => ofKind(params, ofCurrency(params.text("currency"), quotes)),
			quote_set_id: () => quotes.filter(({ quote }) => quote?.setId === params.text("quote_set_id")),
		};
		return book.cancel(meant[cancelType](), "user_request");
	}),
};

function cancelAll(params: Params, book: Book, orders: readonly DeribitOrder[]): NonNullable<unknown> {
	const cancelled = ofType(params, orders);
	const count = book.cancel(cancelled, "user_request");
	if (!params.flag("detailed", false)) return count;
	const names = [...new Set(cancelled.map(({ instrument }) => instrument))];
	return names.map((name) => ({
		instrument_name: name,
		currency: instrumentOf(name).currency,
		result: ofInstrument(name, cancelled).map(orderToWire),
	}));
}

/**
 * The open order that the parameter `order_id` names.
 *
 * @throws DeribitFailure 11044 if the order is not open.
 */
export function openOrder(params: Params, book: Book): DeribitOrder {
	const order = book.find(params.text("order_id"));
	if (order?.state !== "open") throw new DeribitFailure(11044);
	return order;
}

/** The open orders whose label is the parameter `label`. */
export function labelled(params: Params, book: Book, instrument?: string): DeribitOrder[] {
	const label = params.text("label");
	const orders = ofCurrency(params.optionalText("currency") ?? "any", book.open());
	return orders.filter((order) => order.label === label && (instrument ?? order.instrument) === order.instrument);
}
