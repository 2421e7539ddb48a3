import { after } from "./timers.ts";
import type { SimFaults, SimOrder, Venue, Wire, WireEnd, WireReply, WireRequest } from "./venue.ts";

/** The names of the network faults, which a link adds to the faults of every venue. */
export type NetworkFault = "drop" | "halfOpen" | "partition" | "heal";

/**
 * The simulated network between clients and one venue.
 *
 * Transports (`memoryFetch`, `memoryWebSocket` and `serve`) connect to a link, never directly to a venue, so every venue has the same
 * network faults:
 *
 * - `drop`: closes every WebSocket without a close frame. Both sides notice; the client sees 1006;
 * - `halfOpen`: every WebSocket stays open but carries no more data in either direction, and neither side is notified;
 * - `partition {forMs?}`: as `halfOpen`; in addition, new connections and requests get no reply, for `forMs` or until
 *   `heal`;
 * - `heal`: new connections and requests reach the venue again. Half-open sockets stay dead, as after a real outage.
 *
 * @typeParam Fault - the names of the venue's faults.
 */
export class Link<Fault extends string = string> {
	/** The venue's name. */
	readonly name: string;
	/** The faults of the venue, and the network faults. */
	readonly faults: SimFaults<Fault | NetworkFault>;
	readonly #venue: Venue<Fault>;
	readonly #sockets = new Set<LinkSocket>();
	#partitioned = false;
	#cancelHeal: (() => void) | undefined;

	constructor(venue: Venue<Fault>) {
		this.#venue = venue;
		this.name = venue.name;
		const network: SimFaults<NetworkFault> = {
			drop: () => this.drop(),
			halfOpen: () => this.halfOpen(),
			partition: ({ forMs }) => this.partition(typeof forMs === "number" ? forMs : undefined),
			heal: () => this.heal(),
		};
		this.faults = { ...venue.faults, ...network };
	}

	/** How many WebSockets the clients consider open, including half-open ones. */
	get connections(): number {
		return this.#sockets.size;
	}

	/** Closes every WebSocket without a close frame. Returns the number of closed WebSockets. */
	drop(): number {
		const sockets = [...this.#sockets];
		for (const socket of sockets) socket.cut();
		return sockets.length;
	}

	/** Makes every WebSocket half-open: it stays open but carries no more data. Returns the number of open WebSockets. */
	halfOpen(): number {
		for (const socket of this.#sockets) socket.silence();
		return this.#sockets.size;
	}

	/**
	 * Makes every WebSocket half-open, and leaves new requests without a reply, for `forMs` or until `heal()`. Returns the number of open
	 * WebSockets.
	 */
	partition(forMs?: number): number {
		this.#partitioned = true;
		this.#cancelHeal?.();
		this.#cancelHeal = forMs === undefined ? undefined : after(forMs, () => this.heal());
		return this.halfOpen();
	}

	/** Ends a partition, so that new requests reach the venue again. */
	heal(): void {
		this.#cancelHeal?.();
		this.#cancelHeal = undefined;
		this.#partitioned = false;
	}

	/** Sends an HTTP request to the venue. */
	async http(request: WireRequest): Promise<WireReply> {
		if (this.#partitioned) return { kind: "hang" };
		const reply = await this.#venue.http(request);
		return this.#partitioned ? { kind: "hang" } : reply;
	}

	/**
	 * Sends a WebSocket handshake to the venue. If the venue accepts it, `attach` returns the client's end of the WebSocket. To close the
	 * WebSocket, the client calls `closed()` of its end. `closed()` returns true if the close reached the venue, which then answers with a
	 * close frame.
	 */
	upgrade(
		request: WireRequest,
	): WireReply | { kind: "accept"; attach(wire: Wire): Omit<WireEnd, "closed"> & { closed(code: number): boolean } } {
		if (this.#partitioned) return { kind: "hang" };
		const upgrade = this.#venue.upgrade(request);
		if (upgrade.kind !== "accept") return upgrade;
		return {
			kind: "accept",
			attach: (wire) => {
				const socket = new LinkSocket(wire, () => this.#sockets.delete(socket));
				this.#sockets.add(socket);
				socket.connect(upgrade.attach(socket.venueSide));
				return socket.clientSide;
			},
		};
	}

	/** All orders that were placed at the venue so far. */
	orders(): readonly SimOrder[] {
		return this.#venue.orders();
	}

	/** Closes all connections and the venue. */
	close(): void {
		this.heal();
		this.drop();
		this.#venue.close();
	}
}

/** The client's end of a WebSocket, which `Link.upgrade` gives to a transport. */
export type LinkConnection = ReturnType<Extract<ReturnType<Link["upgrade"]>, { kind: "accept" }>["attach"]>;

/** One WebSocket between a client and a venue. */
class LinkSocket {
	isHalfOpen = false;
	readonly venueSide: Wire;
	readonly clientSide: LinkConnection;
	readonly #wire: Wire;
	readonly #remove: () => void;
	#end: WireEnd | undefined;
	#hasVenueNoticed = false;

	constructor(wire: Wire, remove: () => void) {
		this.#wire = wire;
		this.#remove = remove;
		this.venueSide = {
			send: (data) => {
				if (!this.isHalfOpen) wire.send(data);
			},
			close: (code, reason) => this.#closeByVenue(() => wire.close(code, reason)),
			drop: () => this.#closeByVenue(() => wire.drop()),
			reset: () => this.#closeByVenue(() => (wire.reset ? wire.reset() : wire.drop())),
			silence: () => this.silence(),
		};
		this.clientSide = {
			message: (data) => {
				if (!this.isHalfOpen) this.#end?.message(data);
			},
			ping: () => {
				if (!this.isHalfOpen) this.#end?.ping?.();
			},
			// The close of a half-open connection never reaches the venue, which ends the connection only after a timeout of its own.
			closed: (code) => {
				remove();
				if (!this.isHalfOpen) this.#notifyVenue(code);
				return !this.isHalfOpen;
			},
		};
	}

	connect(end: WireEnd): void {
		this.#end = end;
	}

	silence(): void {
		this.isHalfOpen = true;
		this.#wire.silence();
	}

	cut(): void {
		this.#remove();
		this.#wire.drop();
		this.#notifyVenue(1006);
	}

	#closeByVenue(end: () => void): void {
		this.#hasVenueNoticed = true;
		if (this.isHalfOpen) return;
		this.#remove();
		end();
	}

	#notifyVenue(code: number): void {
		if (this.#hasVenueNoticed) return;
		this.#hasVenueNoticed = true;
		this.#end?.closed(code);
	}
}
