/**
 * The interface between a simulated venue and the transports over which clients reach it (in memory and on 127.0.0.1).
 *
 * A venue implements the protocol and its timers, imports no client, and does not know whether a socket is real.
 */

/** An HTTP request or WebSocket handshake as it arrived. Header names are lower case. */
export interface WireRequest {
	method: string;
	url: URL;
	/** The request target as sent, if the transport knows it. A signature covers this text, and the class `URL` may escape it differently. */
	target?: string;
	headers: Readonly<Record<string, string>>;
	/** The body exactly as sent, because signatures cover the body. */
	body: string;
	remoteAddress: string;
	/**
	 * The address and port at which the request arrived, such as `127.0.0.1:40001`, if the transport knows it. A client
	 * may sign this address although its header `Host` names another one.
	 */
	localAddress?: string;
}

/** The reply to a request. `hang`: no reply ever comes; `reset`: the connection is reset without a reply. */
export type WireReply =
	| { kind: "reply"; status: number; headers?: Readonly<Record<string, string>>; body?: string }
	| { kind: "hang" }
	| { kind: "reset" };

/** How a venue replies to a WebSocket handshake. */
export type Upgrade = WireReply | { kind: "accept"; attach(wire: Wire): WireEnd };

/** The venue's end of one WebSocket: the actions of the venue on the connection. */
export interface Wire {
	send(data: string | Uint8Array): void;
	/** Closes the WebSocket with a close frame. */
	close(code: number, reason: string): void;
	/** Closes the WebSocket without a close frame: the client sees code 1006. */
	drop(): void;
	/**
	 * Closes the WebSocket as `drop` does, but with a TCP reset (RST) instead of a FIN. Absent if the transport does not
	 * support it.
	 */
	reset?(): void;
	/**
	 * Stops reading: no frame from the client is handled or answered any more, not even a close frame or a WebSocket
	 * ping.
	 */
	silence(): void;
}

/** The handlers of a venue for the events of one WebSocket. */
export interface WireEnd {
	message(data: string | Uint8Array): void;
	/** Called when a WebSocket ping arrived, which the transport has already answered. */
	ping?(): void;
	/**
	 * Called at most once, when the client or the network has closed the connection. Not called for a half-open connection, whose end the
	 * venue cannot notice.
	 */
	closed(code: number): void;
}

/** An order in a simulated book, with the members that the orders of all venues have. */
export interface SimOrder {
	id: string;
	instrument: string;
	/**
	 * The state of the order. Deribit: a stop order that was triggered is `filled`; the order that it placed is a
	 * separate order.
	 */
	state: "open" | "cancelled" | "filled";
	/** Why the order was cancelled, in the venue's own words, such as `cancel_on_disconnect` or `CancelByDCP`. */
	cancelReason?: string;
	/** When the order was placed, in epoch milliseconds. */
	placedAt: number;
	cancelledAt?: number;
	/** Bybit: whether the order is conditional, which means that it waits for its trigger price. */
	conditional?: boolean;
	/** Bybit: the product of the order, `DERIVATIVES`, `SPOT` or `OPTIONS`. */
	product?: string;
	/** Deribit: the connection that placed the order. Absent for orders placed over HTTP. */
	connection?: string;
}

/**
 * The faults of a venue or link by name: events that a test, the demo or the control server triggers. The results of
 * the functions must be JSON-serializable. Using an unknown name is a compile error.
 */
export type SimFaults<Fault extends string = string> = Readonly<
	Record<Fault, (args: Readonly<Record<string, unknown>>) => unknown>
>;

/**
 * A simulated venue: its sessions, its working orders and the faults it supports. A `Link` connects clients to it.
 *
 * @typeParam Fault - the names of the venue's faults.
 */
export interface Venue<Fault extends string = string> {
	/** The venue's name in lower case, such as `deribit`. */
	readonly name: string;
	/** Handles an HTTP request. Never throws: an error becomes a reply. */
	http(request: WireRequest): WireReply | Promise<WireReply>;
	/** Handles a WebSocket handshake. Returns whether the venue accepts it, or the HTTP reply that refuses it. */
	upgrade(request: WireRequest): Upgrade;
	/** All orders so far, including cancelled ones, in the order they were placed. */
	orders(): readonly SimOrder[];
	/** The faults that can be triggered, by name. */
	readonly faults: SimFaults<Fault>;
	/** Stops all timers and closes all connections. */
	close(): void;
}
