import { IbkrOrders } from "./orders.ts";

/** One client (gateway or API key) of a user, as the user's other clients see it. */
export interface IbkrSimUserClient {
	/** Whether this client holds the brokerage session. */
	readonly holdsBrokerage: boolean;
	/** Called when another client opened the brokerage session. */
	onEvicted(): void;
	/** Called when the brokerage session of another client ended. */
	onReleased(): void;
}

/** A user that several simulated clients share. A user has only one brokerage session: the client that opened a session last holds it. */
export class IbkrSimUser {
	/**
	 * The orders of the user, which every client of the user sees.
	 *
	 * @internal
	 */
	readonly orders = new IbkrOrders();
	readonly #clients = new Set<IbkrSimUserClient>();

	/**
	 * Adds a client of the user.
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
	 * To be called when a client opened the brokerage session: ends the brokerage sessions of the user's other clients.
	 *
	 * @internal
	 */
	onOpened(by: IbkrSimUserClient): void {
		for (const other of this.#others(by)) other.onEvicted();
	}

	/**
	 * To be called when the brokerage session of a client ended: notifies the other clients.
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
