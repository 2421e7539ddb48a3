import type { Venue, Wire, WireEnd, WireReply, WireRequest } from "@x/venue-sims";
import type { Journal } from "../journal.ts";
import type { Territory, World } from "../world/world.ts";
import { arriving, healthyNetwork, type NetworkState } from "./network-faults.ts";
import type { SimSocket } from "./sim-socket.ts";

/** What left the machine or arrived at the venue, for those who judge it. Instants are milliseconds since the start. */
export interface RouteObserver {
	/** A call left the machine. */
	called(request: WireRequest): void;
	/** A call arrived at the venue, which answers it with this status, or with none. `isDelayed`: the way took longer than usual. */
	arrived(path: string, status: number | undefined, isDelayed: boolean): void;
	/** A call, or a handshake, was answered with this status; the machine was told of it. */
	refused(kind: "call" | "handshake", path: string, status: number): void;
	/** A handshake left the machine. */
	handshakeSent(path: string): void;
	/** A frame left the machine. */
	sent(text: string): void;
	/** A frame, whole or not, arrived over a connection that it has not given up. */
	told(text: string): void;
}

/** The way between the machine and one venue, with all that can go wrong on it. */
export class Route implements Territory {
	touched = false;
	/** When the machine last got a frame or an answer of this venue. */
	heardAt = Number.NEGATIVE_INFINITY;
	/** Connections the venue has accepted, in this order; the last one is the machine's newest. */
	readonly lines: RouteConnection[] = [];
	/** Calls that have arrived at the venue. */
	calls = 0;
	network: NetworkState = healthyNetwork();
	observer: RouteObserver | undefined;
	readonly name: string;
	readonly world: World;
	readonly journal: Journal;
	readonly random: () => number;
	readonly #latencyMs: number;
	#venue: Venue | undefined;

	constructor(name: string, world: World, journal: Journal, random: () => number, latencyMs: number) {
		this.name = name;
		this.world = world;
		this.journal = journal;
		this.random = random;
		this.#latencyMs = latencyMs;
	}

	/** Puts a venue at the other end. It sets its clocks and timers from the first on. */
	host<T extends Venue>(make: () => T): T {
		const venue = this.world.visit(this, make);
		this.#venue = venue;
		return venue;
	}

	/** Milliseconds for one way, now. */
	oneWayMs(): number {
		const jitterMs = this.#latencyMs === 0 ? 0 : (this.#usualMs - this.#latencyMs) * this.random();
		return this.#latencyMs + jitterMs + this.network.delayMs;
	}

	/** The longest it takes without trouble. */
	get #usualMs(): number {
		return this.#latencyMs + Math.min(20, this.#latencyMs / 5);
	}

	/** A call as it arrives at the venue, so long after it left. */
	call(request: WireRequest, travelledMs: number): WireReply {
		const { pathname } = request.url;
		this.calls += 1;
		const { method, url, headers, body } = request;
		this.journal.wire(this.name, "call", `${method} ${url.href} ${JSON.stringify(headers)} ${body}`);
		const reply = this.world.visit(this, () => this.#hosted.http(request));
		// A promise would be settled outside the order of the world.
		if (reply instanceof Promise) throw new Error(`${this.name} answers later: the simulation needs it at once`);
		const status = reply.kind === "reply" ? reply.status : undefined;
		this.observer?.arrived(pathname, status, travelledMs > this.#usualMs);
		return reply;
	}

	/** A handshake as it arrives at the venue: the line, or the status of a refusal, or undefined for silence. */
	handshake(
		url: URL,
		given: Readonly<Record<string, string>>,
		socket: SimSocket,
	): RouteConnection | number | undefined {
		const headers = { ...given, host: url.host };
		const request = { method: "GET", url, headers, body: "", remoteAddress: "127.0.0.1" };
		const upgrade = this.world.visit(this, () => this.#hosted.upgrade(request));
		if (upgrade.kind === "hang") return undefined;
		if (upgrade.kind !== "accept") return upgrade.kind === "reply" ? upgrade.status : 502;
		const line = new RouteConnection(this, socket);
		this.lines.push(line);
		line.attach(upgrade.attach);
		return line;
	}

	/** Lines that are up on the machine's side and not left by it. */
	get up(): RouteConnection[] {
		return this.lines.filter((line) => line.isUp);
	}

	get #hosted(): Venue {
		if (!this.#venue) throw new Error(`nobody is at ${this.name}`);
		return this.#venue;
	}

	/** Every connection ends, and both sides notice. */
	drop(): void {
		for (const line of this.lines) line.cut();
	}

	/** Every connection stays up but carries nothing more, and neither side is told. */
	halfOpen(): void {
		for (const line of this.lines) line.fallSilent();
	}

	/** The process on the machine is gone: its system closes the sockets, or the power is gone too. */
	machineDied(closes: boolean): void {
		for (const line of this.lines) line.abandon(closes);
	}
}

/** The system of the venue gives a connection up that nothing was acknowledged over for so long. */
const givenUpMs = 900_000;

/** One WebSocket across the way. */
export class RouteConnection {
	/** When the venue last heard of this line. */
	venueHeardAt: number;
	readonly #route: Route;
	readonly #socket: SimSocket;
	readonly #incarnation: number;
	#end: WireEnd | undefined;
	#silent = false;
	#venueKnows = false;
	#machineLeft = false;
	#thereAt = 0;
	#backAt = 0;

	constructor(route: Route, socket: SimSocket) {
		this.#route = route;
		this.#socket = socket;
		this.#incarnation = route.world.machine.incarnation;
		this.venueHeardAt = route.world.now;
	}

	/** It carries nothing more. */
	get silent(): boolean {
		return this.#silent;
	}

	/** Both sides have it, and what one says reaches the other. */
	get isThere(): boolean {
		return this.isUp && !this.#silent && !this.#venueKnows;
	}

	/** From now on it carries nothing, and neither side is told. */
	fallSilent(): void {
		if (this.#silent || this.#venueKnows) return;
		this.#silent = true;
		this.#route.world.after(givenUpMs, () => this.#tellVenue(1006));
	}

	/** The machine has not closed it, and was not told of its end. */
	get isUp(): boolean {
		return !this.#machineLeft && !this.#socket.isOver && this.#incarnation === this.#route.world.machine.incarnation;
	}

	attach(attach: (wire: Wire) => WireEnd): void {
		const end = (code: number, reason: string, clean: boolean): void => {
			this.#venueKnows = true;
			this.#back(() => this.#socket.ended(code, reason, clean));
		};
		const wire: Wire = {
			send: (data) => this.#tell(data),
			close: (code, reason) => end(code, reason, true),
			drop: () => end(1006, "", false),
			silence: () => this.fallSilent(),
		};
		// Before all that the venue says over it.
		this.#back(() => this.#socket.opened(this));
		this.#end = this.#route.world.visit(this.#route, () => attach(wire));
	}

	/** A frame of the machine sets off. */
	send(text: string): void {
		const { world } = this.#route;
		this.#thereAt = Math.max(this.#thereAt, world.now + this.#route.oneWayMs());
		world.after(this.#thereAt - world.now, () => {
			// What is still on its way when the connection ends is lost with it.
			if (this.silent || this.#venueKnows || this.#route.network.cut) return;
			this.venueHeardAt = world.now;
			this.#route.journal.wire(this.#route.name, "frame", text);
			world.visit(this.#route, () => this.#end?.message(text));
		});
	}

	/** The machine closes it. */
	close(code: number): void {
		this.#machineLeft = true;
		const { world } = this.#route;
		this.#thereAt = Math.max(this.#thereAt, world.now + this.#route.oneWayMs());
		world.after(this.#thereAt - world.now, () => {
			if (this.silent || this.#route.network.cut) return;
			this.#tellVenue(code);
			this.#back(() => this.#socket.ended(code, "", true));
		});
	}

	/** It ends on the way, and both sides notice. */
	cut(): void {
		if (this.#venueKnows || this.silent) return;
		this.#tellVenue(1006);
		this.#back(() => this.#socket.ended(1006, "", false));
	}

	/** The machine's end of it is gone. */
	abandon(closes: boolean): void {
		if (closes && !this.silent && !this.#route.network.cut) this.#tellVenue(1006);
		this.fallSilent();
	}

	#tell(data: string | Uint8Array): void {
		const text = typeof data === "string" ? data : new TextDecoder().decode(data);
		for (const { text: part, heldMs } of arriving(text, this.#route.network.frames, this.#route.random)) {
			this.#back(() => {
				// Its length: a piece that was cut short may hold part of a token, which differs from run to run.
				this.#route.journal.wire(this.#route.name, "told", String(part.length));
				// What comes over a connection that was given up is dropped without a word: nobody is told of it.
				if (!this.#socket.isOpen) return;
				this.#route.heardAt = this.#route.world.now;
				this.#route.observer?.told(part);
				this.#socket.receive(part);
			}, heldMs);
		}
	}

	/** News for the machine sets off: one behind the other, but for what is held back on the way. */
	#back(news: () => void, heldMs = 0): void {
		const { world, network } = this.#route;
		if (this.silent || network.cut) return;
		this.#backAt = Math.max(this.#backAt, world.now + this.#route.oneWayMs());
		world.after(this.#backAt - world.now + heldMs, () => {
			if (this.silent || this.#incarnation !== world.machine.incarnation) return;
			world.machine.deliver(news);
		});
	}

	#tellVenue(code: number): void {
		if (this.#venueKnows) return;
		this.#venueKnows = true;
		this.#route.world.visit(this.#route, () => this.#end?.closed(code));
	}
}
