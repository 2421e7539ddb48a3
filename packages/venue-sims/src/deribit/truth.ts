import type { SimConnection } from "./connection.ts";
import type { State } from "./method.ts";

/** The actual state of a simulated Deribit. Plain data. */
export interface DeribitTruth {
	/** Open connections, oldest first. */
	connections: {
		id: string;
		authenticated: boolean;
		/** Whether orders are cancelled when the connection ends. */
		armed: boolean;
		heartbeatSeconds: number | null;
		openOrders: number;
	}[];
	/** Whether new connections start armed. */
	accountArmed: boolean;
	openOrders: number;
	/** Names of the live named sessions. */
	sessions: string[];
}

/** Derived from the state, not from replies. */
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
