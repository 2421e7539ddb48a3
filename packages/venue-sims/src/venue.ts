/**
 * The contract between a venue's state machine and the two faces (memory and 127.0.0.1) it is reached through.
 *
 * A machine knows the venue's protocol and clocks. It does not know whether a socket is real, and it knows no client.
 */

/** An HTTP request or WebSocket handshake as it arrived. Header names are lower case. */
export interface WireRequest {
	method: string;
	url: URL;
	/** The target as it was sent, where a face knows it: a URL writes some signs in another way, and signatures are over these. */
	target?: string;
	headers: Readonly<Record<string, string>>;
	/** The body exactly as sent: signatures are checked over it. */
	body: string;
	remoteAddress: string;
}

/** An answer to a request; `hang` never answers, `reset` cuts the connection without one. */
export type WireReply =
	| { kind: "reply"; status: number; headers?: Readonly<Record<string, string>>; body?: string }
	| { kind: "hang" }
	| { kind: "reset" };

/** What a venue does with a WebSocket handshake. */
export type Upgrade = WireReply | { kind: "accept"; attach(wire: Wire): WireEnd };

/** The venue's hold on one WebSocket. */
export interface Wire {
	send(data: string | Uint8Array): void;
	/** Ends with a close frame. */
	close(code: number, reason: string): void;
	/** Ends without a close frame: the client sees 1006. */
	drop(): void;
	/** As `drop`, by a reset (RST) in place of an end (FIN), where a face has such a thing. */
	reset?(): void;
	/** From now on nothing of the client is heard or answered, not even a close frame or a protocol ping. */
	silence(): void;
}

/** What the venue hears of one WebSocket. */
export interface WireEnd {
	message(data: string | Uint8Array): void;
	/** The other side, or the network, ended the connection, and the venue has noticed. Called once at most. */
	closed(code: number): void;
}

/** A working, cancelled or filled order in a simulated book, the same shape for every venue. */
export interface SimOrder {
	id: string;
	instrument: string;
	state: "open" | "cancelled" | "filled";
	/** The venue's own words for what cancelled it, such as `cancel_on_disconnect` or `CancelByDCP`. */
	cancelReason?: string;
	/** Epoch milliseconds. */
	placedAt: number;
	cancelledAt?: number;
	/** Bybit: it waits for its trigger price. */
	conditional?: boolean;
	/** Bybit: `DERIVATIVES`, `SPOT` or `OPTIONS`. */
	product?: string;
	/** Deribit: the connection the order was placed over; an order placed over HTTP has none. */
	connection?: string;
}

/** A fault or change that a test, the demo or the control server can cause. Its result must survive JSON. */
export type SimFault = (args: Readonly<Record<string, unknown>>) => unknown;

/**
 * One venue's state machine: its sessions, its working orders, and the faults it can be told to have. Give it to a `Link`,
 * which is the network before it.
 */
export interface Venue {
	/** The venue's name in lower case, such as `deribit`. */
	readonly name: string;
	/** What it answers to an HTTP request; a venue that fails answers so, it does not throw. */
	http(request: WireRequest): WireReply | Promise<WireReply>;
	/** What it does with a WebSocket handshake. */
	upgrade(request: WireRequest): Upgrade;
	/** Every order since it was made, those that were cancelled too, in order of placing. */
	orders(): readonly SimOrder[];
	/** The faults and changes it knows, by name. */
	readonly faults: Readonly<Record<string, SimFault>>;
	/** Ends every timer and connection. */
	close(): void;
}
