/**
 * The contract between a simulated venue and the transports that reach it (in memory and on 127.0.0.1).
 *
 * A venue implements the protocol and its timers. It does not know whether a socket is real, and it imports no client.
 */

/** An HTTP request or WebSocket handshake as it arrived. Header names are lower case. */
export interface WireRequest {
	method: string;
	url: URL;
	/** The request target as sent, where the transport knows it. `URL` escapes some characters differently, and signatures cover the original. */
	target?: string;
	headers: Readonly<Record<string, string>>;
	/** The body exactly as sent: signatures cover it. */
	body: string;
	remoteAddress: string;
	/** The address and port at which the request arrived, such as `127.0.0.1:40001`, where the transport knows it. A client may sign it and name another Host. */
	localAddress?: string;
}

/** The reply to a request. `hang` never replies; `reset` resets the connection without a reply. */
export type WireReply =
	| { kind: "reply"; status: number; headers?: Readonly<Record<string, string>>; body?: string }
	| { kind: "hang" }
	| { kind: "reset" };

/** How a venue replies to a WebSocket handshake. */
export type Upgrade = WireReply | { kind: "accept"; attach(wire: Wire): WireEnd };

/** The venue's end of one WebSocket: what the venue can do to it. */
export interface Wire {
	send(data: string | Uint8Array): void;
	/** Closes with a close frame. */
	close(code: number, reason: string): void;
	/** Closes without a close frame: the client sees code 1006. */
	drop(): void;
	/** As `drop`, with a TCP reset (RST) instead of FIN, where the transport supports it. */
	reset?(): void;
	/** Stops reading: nothing from the client is handled or answered any more, not even a close frame or a protocol ping. */
	silence(): void;
}

/** The events of one WebSocket that a venue handles. */
export interface WireEnd {
	message(data: string | Uint8Array): void;
	/** A protocol ping arrived, which the transport has answered. */
	ping?(): void;
	/** The client or the network closed the connection, and the venue has noticed. Called at most once. */
	closed(code: number): void;
}

/** An order in a simulated book. Same shape at every venue. */
export interface SimOrder {
	id: string;
	instrument: string;
	/** Deribit: a stop order that has triggered is `filled`; the order that it sent enters as a new one. */
	state: "open" | "cancelled" | "filled";
	/** The venue's own name for what cancelled it, such as `cancel_on_disconnect` or `CancelByDCP`. */
	cancelReason?: string;
	/** Epoch milliseconds. */
	placedAt: number;
	cancelledAt?: number;
	/** Bybit: a conditional order that waits for its trigger price. */
	conditional?: boolean;
	/** Bybit: `DERIVATIVES`, `SPOT` or `OPTIONS`. */
	product?: string;
	/** Deribit: the connection that placed the order. Absent for orders placed over HTTP. */
	connection?: string;
}

/**
 * The faults of a venue or link by name: events that a test, the demo or the control server triggers. Their results must be
 * JSON-serializable. A name that does not exist does not compile.
 */
export type SimFaults<Fault extends string = string> = Readonly<
	Record<Fault, (args: Readonly<Record<string, unknown>>) => unknown>
>;

/**
 * A simulated venue: its sessions, its working orders and the faults it supports. A `Link` connects clients to it.
 *
 * @typeParam Fault - the names of its faults.
 */
export interface Venue<Fault extends string = string> {
	/** The venue's name in lower case, such as `deribit`. */
	readonly name: string;
	/** Handles an HTTP request. Never throws: a failure is a reply. */
	http(request: WireRequest): WireReply | Promise<WireReply>;
	/** Handles a WebSocket handshake. */
	upgrade(request: WireRequest): Upgrade;
	/** All orders so far, including cancelled ones, in the order they were placed. */
	orders(): readonly SimOrder[];
	/** The faults and other events that can be triggered, by name. */
	readonly faults: SimFaults<Fault>;
	/** Stops all timers and closes all connections. */
	close(): void;
}
