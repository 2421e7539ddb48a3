import { after } from "./time.ts";
import type { SimFault, SimOrder, Venue, Wire, WireEnd, WireReply, WireRequest } from "./venue.ts";

/** A WebSocket end as a face holds it. */
export interface LineEnd extends WireEnd {
	/** True when the venue heard of the end, and so answers a close frame. */
	closed(code: number): boolean;
}

/** What became of a WebSocket handshake, as a face sees it. */
export type LinkUpgrade = WireReply | { kind: "accept"; attach(wire: Wire): LineEnd };

/**
 * The network between clients and one venue, with its faults.
 *
 * Faces talk to a link, never to a venue, so every venue can be cut off in the same ways:
 *
 * - `drop`: every WebSocket ends now and both sides notice (the client sees 1006);
 * - `halfOpen`: every WebSocket stays up but carries nothing more in either direction, and neither side is told;
 * - `partition`: as `halfOpen`, and new connections and requests get no answer until `heal` (or after `forMs`);
 * - `heal`: new connections and requests pass again. Half-open sockets stay dead, as they do after a real outage.
 */
export class Link {
	readonly name: string;
	readonly faults: Readonly<Record<string, SimFault>>;
	readonly #venue: Venue;
	readonly #lines = new Set<Line>();
	#partitioned = false;
	#cancelHeal: (() => void) | undefined;

	constructor(venue: Venue) {
		this.#venue = venue;
		this.name = venue.name;
		this.faults = {
			...venue.faults,
			drop: () => this.drop(),
			halfOpen: () => this.halfOpen(),
			partition: ({ forMs }) => this.partition(typeof forMs === "number" ? forMs : undefined),
			heal: () => this.heal(),
		};
	}

	/** How many WebSockets are up as the client sees it. */
	get connections(): number {
		return this.#lines.size;
	}

	drop(): number {
		const lines = [...this.#lines];
		for (const line of lines) line.cut();
		return lines.length;
	}

	halfOpen(): number {
		for (const line of this.#lines) line.silence();
		return this.#lines.size;
	}

	partition(forMs?: number): number {
		this.#partitioned = true;
		this.#cancelHeal?.();
		this.#cancelHeal = forMs === undefined ? undefined : after(forMs, () => this.heal());
		return this.halfOpen();
	}

	heal(): void {
		this.#cancelHeal?.();
		this.#cancelHeal = undefined;
		this.#partitioned = false;
	}

	async http(request: WireRequest): Promise<WireReply> {
		if (this.#partitioned) return { kind: "hang" };
		const reply = await this.#venue.http(request);
		return this.#partitioned ? { kind: "hang" } : reply;
	}

	upgrade(request: WireRequest): LinkUpgrade {
		if (this.#partitioned) return { kind: "hang" };
		const upgrade = this.#venue.upgrade(request);
		if (upgrade.kind !== "accept") return upgrade;
		return {
			kind: "accept",
			attach: (wire) => {
				const line = new Line(wire, () => this.#lines.delete(line));
				this.#lines.add(line);
				line.connect(upgrade.attach(line.venueSide));
				return line.clientSide;
			},
		};
	}

	orders(): readonly SimOrder[] {
		return this.#venue.orders();
	}

	close(): void {
		this.heal();
		this.drop();
		this.#venue.close();
	}
}

/** One WebSocket across the link. */
class Line {
	silent = false;
	readonly venueSide: Wire;
	readonly clientSide: LineEnd;
	readonly #wire: Wire;
	readonly #forget: () => void;
	#end: WireEnd | undefined;
	#venueKnows = false;

	constructor(wire: Wire, forget: () => void) {
		this.#wire = wire;
		this.#forget = forget;
		this.venueSide = {
			send: (data) => {
				if (!this.silent) wire.send(data);
			},
			close: (code, reason) => this.#endByVenue(() => wire.close(code, reason)),
			drop: () => this.#endByVenue(() => wire.drop()),
			reset: () => this.#endByVenue(() => (wire.reset ? wire.reset() : wire.drop())),
			silence: () => this.silence(),
		};
		this.clientSide = {
			message: (data) => {
				if (!this.silent) this.#end?.message(data);
			},
			// The end of a silent line never reaches the venue: it must find out by its own clocks.
			closed: (code) => {
				forget();
				if (!this.silent) this.#tellVenue(code);
				return !this.silent;
			},
		};
	}

	connect(end: WireEnd): void {
		this.#end = end;
	}

	silence(): void {
		this.silent = true;
		this.#wire.silence();
	}

	cut(): void {
		this.#forget();
		this.#wire.drop();
		this.#tellVenue(1006);
	}

	#endByVenue(end: () => void): void {
		this.#venueKnows = true;
		if (this.silent) return;
		this.#forget();
		end();
	}

	#tellVenue(code: number): void {
		if (this.#venueKnows) return;
		this.#venueKnows = true;
		this.#end?.closed(code);
	}
}
