import type { SimOrder, WireReply } from "../venue.ts";
import { errorReply, json } from "./replies.ts";

/** The user's orders. They stay in the book when a session ends. */
export class IbkrOrders {
	readonly #orders: SimOrder[] = [];

	list(): readonly SimOrder[] {
		return this.#orders;
	}

	place(instrument: string): SimOrder {
		const order: SimOrder = {
			id: String(1_000_000_001 + this.#orders.length),
			instrument,
			state: "open",
			placedAt: Date.now(),
		};
		this.#orders.push(order);
		return order;
	}

	/** POST /iserver/account/{account}/orders */
	replyToPlace(body: string): WireReply {
		let orders: unknown;
		try {
			({ orders } = JSON.parse(body) as { orders?: unknown });
		} catch {
			return errorReply(400, "Bad Request: malformed body");
		}
		if (!Array.isArray(orders) || orders.length === 0) return errorReply(400, "Bad Request: no orders");
		return json(
			orders.map((order: { conid?: unknown; ticker?: unknown }) => {
				const { id } = this.place(String(order.ticker ?? order.conid ?? "unknown"));
				return { order_id: id, order_status: "Submitted", encrypt_message: "1" };
			}),
		);
	}

	/** DELETE /iserver/account/{account}/order/{id} */
	replyToCancel(id: string): WireReply {
		const order = this.#orders.find((candidate) => candidate.id === id && candidate.state === "open");
		if (!order) return errorReply(400, `OrderID ${id} doesn't exist`);
		order.state = "cancelled";
		order.cancelReason = "Cancelled by user";
		order.cancelledAt = Date.now();
		return json({ msg: "Request was submitted", order_id: Number(id) });
	}

	/** GET /iserver/account/orders */
	replyToList(): WireReply {
		const status = { open: "Submitted", cancelled: "Cancelled", filled: "Filled" } as const;
		const orders = this.#orders.map(({ id, instrument, state }) => ({
			orderId: Number(id),
			ticker: instrument,
			status: status[state],
		}));
		return json({ orders, snapshot: true });
	}
}
