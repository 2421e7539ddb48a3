import { neverAborted } from "@x/base/clock";
import type { Closed, Lease, Session } from "@x/keepalive";
import type { Line } from "./network-line.ts";
import type { Cluster } from "./simulated-clocks.ts";

/** The venue drops a connection that has sent no beat for this many milliseconds. */
export const idleMs = 15_000;
/** The venue cancels the orders of a connection this many milliseconds after the connection has ended. */
const cancelMs = 5_000;

interface Connection {
	readonly owner: string;
	/** When the last beat of the connection arrived; undefined until the venue has received the handshake of the connection. */
	lastBeatAt: number | undefined;
	/** When the venue noticed the end of the connection; undefined while the connection is open. */
	endedAt: number | undefined;
}

interface Order {
	readonly label: string;
	readonly connection: Connection;
}

/**
 * A connection from the view of the program that opened it. The program can send orders, and, as at Deribit, cancel orders of other
 * connections by their label.
 */
export interface VenueConnection {
	/** Sends an order, without waiting for an answer. */
	order(label: string): void;
	request(
		method: "private/get_open_orders",
		params: object,
		options: { readonly signal: AbortSignal },
	): Promise<readonly { readonly order_id: string; readonly label: string }[]>;
	call(
		method: "private/cancel_by_label",
		params: { readonly label: string },
		schema: undefined,
		options: { readonly signal: AbortSignal },
	): Promise<void>;
}

/** Functions that the simulated venue calls for a session. */
interface SessionHooks {
	/** Called when the session begins to open. */
	onOpening(): void;
	/** Called with the new connection, before the session is alive. */
	onOpen?(connection: VenueConnection, signal: AbortSignal): Promise<unknown>;
	/** Called when an order of the session has arrived at the venue. */
	onOrder?(label: string): void;
}

/**
 * The smallest possible venue with cancel-on-disconnect: it knows the open connections, their owners, and the orders that were sent over
 * them.
 */
export class GuardedVenue {
	readonly #cluster: Cluster;
	readonly #connections = new Set<Connection>();
	#orders: Order[] = [];

	constructor(cluster: Cluster) {
		this.#cluster = cluster;
	}

	/** Whether a process has an open connection that has sent a beat within `idleMs`. */
	openOf(owner: string): boolean {
		return [...this.#connections].some((each) => each.owner === owner && this.#isAlive(each));
	}

	/** The labels of the open orders. */
	get labels(): ReadonlySet<string> {
		return new Set(this.#openOrders().map(({ label }) => label));
	}

	/** To be called when a process has ended: the operating system then closes its connections. */
	died(owner: string): void {
		for (const each of this.#connections) if (each.owner === owner) this.#end(each);
	}

	/** Creates the session of one process at this venue. */
	session(owner: string, line: Line, hooks: SessionHooks): Session<VenueConnection, "venue"> {
		let current: Connection | undefined;
		let handle: VenueConnection | undefined;
		const close = (connection: Connection, signal: AbortSignal): Promise<true> => {
			return line.call(signal, () => {
				this.#end(connection);
				return true;
			});
		};
		const lease = (): Lease => ({
			ttlMs: idleMs,
			protection: {
				state: "armed",
				scope: "connection",
				exposureMs: idleMs + cancelMs,
				verifiedAt: Date.now(),
			},
		});
		return {
			name: "venue",
			get handle() {
				return handle;
			},
			open: async (signal) => {
				hooks.onOpening();
				if (current) void close(current, neverAborted);
				const connection: Connection = { owner, lastBeatAt: undefined, endedAt: undefined };
				current = connection;
				handle = this.#handle(connection, line, hooks);
				try {
					await line.call(signal, () => {
						if (connection.endedAt === undefined) connection.lastBeatAt = this.#cluster.now;
						this.#connections.add(connection);
						return true;
					});
					await hooks.onOpen?.(handle, signal);
				} catch (error) {
					// Closes the connection: the attempt to open the session has failed, so the client cannot use the connection.
					void close(connection, neverAborted);
					throw error;
				}
				return lease();
			},
			beat: async (signal) => {
				const connection = current;
				if (!connection) throw new Error("there is no connection");
				await line.call(signal, () => {
					if (!this.#isAlive(connection)) return undefined;
					connection.lastBeatAt = this.#cluster.now;
					return true;
				});
				return lease();
			},
			close: async (_orders, signal = neverAborted): Promise<Closed> => {
				const connection = current;
				current = undefined;
				handle = undefined;
				if (!connection) return { orders: "cancelled", withinMs: 0, detail: "no connection was open" };
				await close(connection, signal);
				return { orders: "cancelled", withinMs: cancelMs, detail: "closed" };
			},
		};
	}

	#handle(connection: Connection, line: Line, { onOrder }: SessionHooks): VenueConnection {
		return {
			order: (label) => {
				line.send(() => {
					if (!this.#isAlive(connection)) return;
					const isKnown = this.#orders.some((each) => each.label === label && each.connection === connection);
					if (!isKnown) this.#orders.push({ label, connection });
					onOrder?.(label);
				});
			},
			request: (_method, _params, { signal }) =>
				line.call(signal, () => {
					if (!this.#isAlive(connection)) return undefined;
					return this.#openOrders().map(({ label }, index) => ({ order_id: `${label}/${index}`, label }));
				}),
			call: async (_method, { label }, _schema, { signal }) => {
				await line.call(signal, () => {
					if (!this.#isAlive(connection)) return undefined;
					this.#orders = this.#orders.filter((each) => each.label !== label);
					return true;
				});
			},
		};
	}

	#end(connection: Connection): void {
		connection.endedAt ??= this.#cluster.now;
		this.#connections.delete(connection);
	}

	#isAlive({ endedAt, lastBeatAt }: Connection): boolean {
		return endedAt === undefined && lastBeatAt !== undefined && this.#cluster.now - lastBeatAt < idleMs;
	}

	/** The open orders. An order stays open until `cancelMs` after its connection has ended, or has been idle for `idleMs`. */
	#openOrders(): readonly Order[] {
		const { now } = this.#cluster;
		this.#orders = this.#orders.filter(({ connection: { endedAt, lastBeatAt = now } }) => {
			return now < Math.min(endedAt ?? Number.POSITIVE_INFINITY, lastBeatAt + idleMs) + cancelMs;
		});
		return this.#orders;
	}
}
