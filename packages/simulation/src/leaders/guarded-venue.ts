import type { Closed, Lease, Session } from "@x/keepalive";
import type { Cluster } from "./cluster.ts";
import type { Line } from "./network.ts";

/** The venue gives a connection up after this long without a beat, in milliseconds. */
const ttlMs = 15_000;
/** From that until the orders are gone. */
const cancelMs = 5_000;

interface Connection {
	readonly owner: string;
	isOpen: boolean;
	lastBeatAt: number;
}

/** A venue with cancel-on-disconnect, as small as that can be: connections, and whose they are. */
export class GuardedVenue {
	readonly #cluster: Cluster;
	readonly #connections = new Set<Connection>();

	constructor(cluster: Cluster) {
		this.#cluster = cluster;
	}

	/** The machines with an open connection that has beaten within the time the venue allows. */
	openOf(owner: string): boolean {
		return [...this.#connections].some((each) => each.owner === owner && this.#isAlive(each));
	}

	/** The process has ended: the system closes its connections. */
	died(owner: string): void {
		for (const each of this.#connections) if (each.owner === owner) this.#connections.delete(each);
	}

	/** The session of one process. @param onOpening - called when it begins to open. */
	session(owner: string, line: Line, onOpening: () => void): Session<undefined, "venue"> {
		let current: Connection | undefined;
		const lease = (): Lease => ({
			ttlMs,
			protection: {
				state: "armed",
				scope: "connection",
				exposureMs: ttlMs + cancelMs,
				verifiedAt: Date.now(),
			},
		});
		return {
			name: "venue",
			handle: undefined,
			open: async (signal) => {
				onOpening();
				const connection: Connection = { owner, isOpen: true, lastBeatAt: 0 };
				await line.call(signal, () => {
					connection.lastBeatAt = this.#cluster.now;
					this.#connections.add(connection);
					return true;
				});
				current = connection;
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
			close: async (_orders, signal = new AbortController().signal): Promise<Closed> => {
				const connection = current;
				current = undefined;
				if (!connection) return { orders: "cancelled", withinMs: 0, detail: "no connection was open" };
				await line.call(signal, () => this.#connections.delete(connection) || true);
				return { orders: "cancelled", withinMs: cancelMs, detail: "closed" };
			},
		};
	}

	#isAlive({ isOpen, lastBeatAt }: Connection): boolean {
		return isOpen && this.#cluster.now - lastBeatAt < ttlMs;
	}
}
