import type { SimConnection } from "./connection.ts";
import type { State } from "./methods.ts";

/** What the venue would really do. Plain data. */
export interface DeribitTruth {
	connections: {
		id: string;
		authenticated: boolean;
		/** Whether its end cancels its orders. */
		armed: boolean;
		heartbeatSeconds: number | null;
		openOrders: number;
	}[];
	accountArmed: boolean;
	openOrders: number;
	sessions: string[];
}

/** Reads it from the state, not from anything that was said. */
export function truthOf({ book, tokens, accountArmed }: State, connections: ReadonlySet<SimConnection>): DeribitTruth {
	return {
		connections: [...connections].map(({ id, grant, armed, heartbeat }) => ({
			id,
			authenticated: grant !== undefined && tokens.isGood(grant, id),
			armed,
			heartbeatSeconds: heartbeat.intervalSeconds ?? null,
			openOrders: book.open(id).length,
		})),
		accountArmed,
		openOrders: book.open().length,
		sessions: [...new Set(tokens.sessions())],
	};
}
