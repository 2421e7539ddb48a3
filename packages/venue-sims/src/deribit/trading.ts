import type { SimOrder } from "../venue.ts";
import type { Book } from "./book.ts";
import { DeribitFailure } from "./failure.ts";
import type { Call, Method, State } from "./methods.ts";

/** The minimum of trading that shows what happens to an order. */
export const tradingMethods: Readonly<Record<string, Method>> = {
	"private/buy": { needs: "trade:read_write", free: true, handle: (call, state) => place(call, state, "buy") },
	"private/sell": { needs: "trade:read_write", free: true, handle: (call, state) => place(call, state, "sell") },
	// Only the venue's requirement that cancel-on-disconnect is armed.
	"private/mass_quote": {
		needs: "trade:read_write",
		free: true,
		handle: ({ connection }) => {
			if (!connection?.armed) throw new DeribitFailure(13042);
			return { errors: [], orders: [] };
		},
	},
	"private/get_open_orders": {
		needs: "trade:read",
		handle: (_, { book }) => book.open().map((order) => orderResult(order, book)),
	},
	"private/get_order_state": {
		needs: "trade:read",
		handle: ({ params }, { book }) => {
			const order = book.find(params.text("order_id"));
			if (!order) throw new DeribitFailure(11044);
			return orderResult(order, book);
		},
	},
	"private/cancel_all": {
		needs: "trade:read_write",
		free: true,
		handle: (_, { book }) => book.cancel(book.open(), "user_request"),
	},
};

function place({ params, connection }: Call, { book }: State, direction: string): object {
	const isStop = /^(stop|take|trailing)_/.test(params.optionalText("type") ?? "");
	const order = book[isStop ? "placeUntriggered" : "place"](params.text("instrument_name"), connection?.id);
	return { order: { ...orderResult(order, book), direction, amount: params.number("amount") }, trades: [] };
}

function orderResult(order: SimOrder, book: Book): object {
	const { id, instrument, cancelReason, placedAt, cancelledAt } = order;
	return {
		order_id: id,
		instrument_name: instrument,
		order_state: book.stateOf(order),
		creation_timestamp: placedAt,
		last_update_timestamp: cancelledAt ?? placedAt,
		...(cancelReason === undefined ? {} : { cancel_reason: cancelReason }),
	};
}
