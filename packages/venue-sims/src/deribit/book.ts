import { after } from "../time.ts";
import type { SimOrder } from "../venue.ts";
import type { DeribitSettings } from "./options.ts";

/** The order book. Remembers which connection placed each order. */
export class Book {
	readonly #orders: SimOrder[] = [];
	readonly #untriggered = new Set<SimOrder>();
	readonly #pending = new Set<() => void>();

	all(): readonly SimOrder[] {
		return this.#orders;
	}

	place(instrument: string, connection: string | undefined): SimOrder {
		const id = `SIM-${this.#orders.length + 1}`;
		const order: SimOrder = { id, instrument, state: "open", placedAt: Date.now(), ...(connection && { connection }) };
		this.#orders.push(order);
		return order;
	}

	/** Places a stop order, which waits for its trigger price. */
	placeUntriggered(instrument: string, connection: string | undefined): SimOrder {
		const order = this.place(instrument, connection);
		this.#untriggered.add(order);
		return order;
	}

	/** The order's state in the venue's terms. */
	stateOf(order: SimOrder): string {
		return order.state === "open" && this.#untriggered.has(order) ? "untriggered" : order.state;
	}

	find(id: string): SimOrder | undefined {
		return this.#orders.find((order) => order.id === id);
	}

	open(connection?: string): SimOrder[] {
		return this.#orders.filter(
			(order) => order.state === "open" && (connection === undefined || order.connection === connection),
		);
	}

	/** Cancels the orders and returns how many. */
	cancel(orders: readonly SimOrder[], reason: string): number {
		for (const order of orders) {
			order.state = "cancelled";
			order.cancelReason = reason;
			order.cancelledAt = Date.now();
		}
		return orders.length;
	}

	/** Cancel-on-disconnect: cancels the orders of a connection that ended. */
	cancelOnDisconnect(connection: string, { cancelDelayMs, cancelsUntriggered }: DeribitSettings): void {
		const cancel = (): void => {
			const orders = this.open(connection).filter((order) => cancelsUntriggered || !this.#untriggered.has(order));
			this.cancel(orders, "cancel_on_disconnect");
		};
		if (cancelDelayMs <= 0) {
			cancel();
			return;
		}
		const stop = after(cancelDelayMs, () => {
			this.#pending.delete(stop);
			cancel();
		});
		this.#pending.add(stop);
	}

	/** Stops pending cancels. */
	close(): void {
		for (const stop of this.#pending) stop();
	}
}
