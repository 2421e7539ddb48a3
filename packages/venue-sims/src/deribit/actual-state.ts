import type { SimConnection } from "./connection.ts";
import type { State } from "./method-definition.ts";

/** The actual state of a simulated Deribit, whatever its replies claim, as plain data that can be converted to JSON. */
export interface DeribitTruth {
	/** The open connections, oldest first. */
	connections: {
		id: string;
		authenticated: boolean;
		/** Whether the connection's orders are cancelled when the connection ends. */
		armed: boolean;
		heartbeatSeconds: number | null;
		openOrders: number;
	}[];
	/** Whether cancel-on-disconnect is on for new connections. */
	accountArmed: boolean;
	openOrders: number;
	/** Names of the open named sessions. */
	sessions: string[];
}

/** Returns the actual state of the venue, which may differ from what its replies claimed. */
export function truthOf({ book, tokens, accountArmed }: State, connections: ReadonlySet<SimConnection>): DeribitTruth {
	const open = book.open();
	return {
		connections: [...connections].map(({ id, grant, armed, heartbeat }) => ({
			id,
			authenticated: grant !== undefined && tokens.isValid(grant, id),
			armed,
			heartbeatSeconds: heartbeat.intervalSeconds ?? null,
			openOrders: open.filter(({ connection }) => connection === id).length,
		})),
		accountArmed,
		openOrders: open.length,
		sessions: [...new Set(tokens.sessions())],
	};
}
