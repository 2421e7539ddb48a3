import type { ActiveFaults } from "./active-faults.ts";
import type { SimConnection } from "./connection.ts";
import type { CreditPool } from "./credit-pools.ts";
import { DeribitFailure } from "./error-reply.ts";
import type { MicrosecondClock } from "./microsecond-clock.ts";
import type { DeribitSettings } from "./options.ts";
import type { Book } from "./orders-and-positions.ts";
import type { Params } from "./request-params.ts";
import type { Grant, Tokens } from "./tokens.ts";

/** The state of the simulated venue that outlives its connections. */
export interface State {
	settings: DeribitSettings;
	tokens: Tokens;
	book: Book;
	faults: ActiveFaults;
	clock: MicrosecondClock;
	/** Whether cancel-on-disconnect is on for new connections. */
	accountArmed: boolean;
}

export interface Call {
	params: Params;
	/** The connection of the call. Undefined over HTTP. */
	connection: SimConnection | undefined;
	/** The grant (the tokens of one login) that authorizes the call. Always defined for a private method. */
	grant: Grant | undefined;
}

export interface Method {
	/** The scope that a private method requires; `any` if any valid token will do. Absent for a public method. */
	needs?: string;
	/** Whether the method fails over HTTP, with error 10030 by default. */
	webSocketOnly?: boolean | ((params: Params, settings: DeribitSettings) => boolean);
	/** The pool of credits that the call is charged to. Default `call`. */
	pool?: CreditPool;
	/** Executes the call. Returns the result; undefined if no reply is sent. */
	handle(call: Call, state: State): unknown;
}

/**
 * Creates a method that is executed by Deribit's matching engine, such as placing an order. Its calls are charged to the credit pool
 * `matching`.
 */
export function trade(handle: (call: Call, state: State) => NonNullable<unknown>): Method {
	return { needs: "trade:read_write", pool: "matching", handle };
}

/** Creates a method that requires a WebSocket connection. */
export function onConnection(handle: (connection: SimConnection, call: Call, state: State) => unknown): Method {
	return {
		webSocketOnly: true,
		handle: (call, state) => {
			if (!call.connection) throw new DeribitFailure(10030);
			return handle(call.connection, call, state);
		},
	};
}
