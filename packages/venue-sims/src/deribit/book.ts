import { after } from "../time.ts";
import type { SimOrder } from "../venue.ts";
import type { Settings } from "./options.ts";

/** The orders, each with the connection that it was created over. */
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

	/** A stop order: it works, but is not in the book before its trigger. */
	placeUntriggered(instrument: string, connection: string | undefined): SimOrder {
		const order = this.place(instrument, connection);
		this.#untriggered.add(order);
		return order;
	}

	/** The venue's word for the state of an order. */
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

	/** Cancels and says how many it were. */
	cancel(orders: readonly SimOrder[], reason: string): number {
		for (const order of orders) {
			order.state = "cancelled";
			order.cancelReason = reason;
			order.cancelledAt = Date.now();
		}
		return orders.length;
	}

	/** What an armed connection's end does to its orders. */
	connectionEnded(connection: string, { cancelDelayMs, cancelsUntriggered }: Settings): void {
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

	close(): void {
		for (const stop of this.#pending) stop();
	}
}
