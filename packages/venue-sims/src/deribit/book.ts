import { after } from "../time.ts";
import type { SimOrder } from "../venue.ts";

/** The orders, each with the connection that it was created over. */
export class Book {
	readonly #orders: SimOrder[] = [];
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
	connectionEnded(connection: string, delayMs: number): void {
		const cancel = (): void => {
			this.cancel(this.open(connection), "cancel_on_disconnect");
		};
		if (delayMs <= 0) {
			cancel();
			return;
		}
		const stop = after(delayMs, () => {
			this.#pending.delete(stop);
			cancel();
		});
		this.#pending.add(stop);
	}

	close(): void {
		for (const stop of this.#pending) stop();
	}
}
