import { IbkrOrders } from "./orders.ts";

/** One client (gateway or API key) of a user, as the user's other clients see it. */
export interface IbkrSimUserClient {
	/** Whether it holds the brokerage session. */
	readonly holdsBrokerage: boolean;
	/** Another client opened the brokerage session. */
	onEvicted(): void;
	/** The other client's brokerage session ended. */
	onReleased(): void;
}

/** A user that several simulated clients share. A user has one brokerage session; the last client to open it holds it. */
export class IbkrSimUser {
	/**
	 * The orders of the user: every client sees them.
	 *
	 * @internal
	 */
	readonly orders = new IbkrOrders();
	readonly #clients = new Set<IbkrSimUserClient>();

	/**
	 * Adds a client.
	 *
	 * @internal
	 */
	join(client: IbkrSimUserClient): void {
		this.#clients.add(client);
	}

	/**
	 * Whether another client holds the brokerage session.
	 *
	 * @internal
	 */
	isHeldByOther(client: IbkrSimUserClient): boolean {
		return this.#others(client).some(({ holdsBrokerage }) => holdsBrokerage);
	}

	/**
	 * A client opened the brokerage session: evicts the others.
	 *
	 * @internal
	 */
	onOpened(by: IbkrSimUserClient): void {
		for (const other of this.#others(by)) other.onEvicted();
	}

	/**
	 * A client's brokerage session ended: notifies the others.
	 *
	 * @internal
	 */
	onEnded(by: IbkrSimUserClient): void {
		for (const other of this.#others(by)) other.onReleased();
	}

	#others(client: IbkrSimUserClient): IbkrSimUserClient[] {
		return [...this.#clients].filter((other) => other !== client);
	}
}
