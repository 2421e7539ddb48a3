import type { ActiveFaults } from "./active-faults.ts";
import type { Book } from "./book.ts";
import type { SimConnection } from "./connection.ts";
import type { CreditPool } from "./credit-pools.ts";
import { DeribitFailure } from "./failure.ts";
import type { MicrosecondClock } from "./microseconds.ts";
import type { DeribitSettings } from "./options.ts";
import type { Params } from "./params.ts";
import type { Grant, Tokens } from "./tokens.ts";

/** The venue's state that outlives connections. */
export interface State {
	settings: DeribitSettings;
	tokens: Tokens;
	book: Book;
	faults: ActiveFaults;
	clock: MicrosecondClock;
	/** Whether new connections start armed. */
	accountArmed: boolean;
}

export interface Call {
	params: Params;
	/** Absent over HTTP. */
	connection: SimConnection | undefined;
	/** The grant that authorizes the call. Always present for a private method. */
	grant: Grant | undefined;
}

export interface Method {
	/** The scope that a private method requires; `any` for any valid token. */
	needs?: string;
	/** Fails with 10030 over HTTP. */
	webSocketOnly?: boolean | ((params: Params, settings: DeribitSettings) => boolean);
	/** The pool that pays for the call. Default `call`. */
	pool?: CreditPool;
	/** Returns the result; undefined for no reply. */
	handle(call: Call, state: State): unknown;
}

/** A method of the matching engine. */
export function trade(handle: (call: Call, state: State) => NonNullable<unknown>): Method {
	return { needs: "trade:read_write", pool: "matching", handle };
}

/** A method that requires a WebSocket connection. */
export function onConnection(handle: (connection: SimConnection, call: Call, state: State) => unknown): Method {
	return {
		webSocketOnly: true,
		handle: (call, state) => {
			if (!call.connection) throw new DeribitFailure(10030);
			return handle(call.connection, call, state);
		},
	};
}
