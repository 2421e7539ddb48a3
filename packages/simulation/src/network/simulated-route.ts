import type { Venue, Wire, WireEnd, WireReply, WireRequest } from "@x/venue-sims";
import type { Journal } from "../journal.ts";
import type { Territory, World } from "../world/world.ts";
import { arriving, healthyNetwork, type NetworkState } from "./network-faults.ts";
import type { SimSocket } from "./sim-socket.ts";

/** Receives the events of the traffic on a route, so that invariants can check the traffic. Times are in milliseconds since the start. */
export interface RouteObserver {
	/** Called when a call leaves the machine. */
	callSent(request: WireRequest): void;
	/**
	 * Called when a call arrives at the venue. `status` is the status of the venue's answer, or undefined if there is no answer; `isDelayed`
	 * says whether the call took longer than usual to arrive.
	 */
	callArrived(path: string, status: number | undefined, isDelayed: boolean): void;
	/** Called when an error status is delivered to the machine, for a call or a handshake. */
	refused(kind: "call" | "handshake", path: string, status: number): void;
	/** Called when a handshake leaves the machine. */
	handshakeSent(path: string): void;
	/** Called when a frame leaves the machine. */
	frameSent(text: string): void;
	/** Called when a frame arrives at the machine over an open connection. The frame may be truncated. */
	frameReceived(text: string): void;
}

/** The simulated network between the machine and one venue, with its faults. */
export class Route implements Territory {
	touched = false;
	/** When the machine last received anything from this venue. */
	heardAt = Number.NEGATIVE_INFINITY;
	/** The connections that the venue accepted, oldest first. */
	readonly connections: RouteConnection[] = [];
	/** When all open connections were last reset. */
	droppedAt = Number.NEGATIVE_INFINITY;
	/** The connection over which the machine sent the latest frame with `"method":"public/auth"`. */
	loggedIn: RouteConnection | undefined;
	/** How many calls have arrived at the venue. */
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

	/** Creates the venue at the other end of the route. The venue uses the world's clocks and timers. */
	host<T extends Venue>(make: () => T): T {
		const venue = this.world.visit(this, make);
		this.#venue = venue;
		return venue;
	}

	/** How many milliseconds a message that is sent now takes, in one direction. */
	oneWayMs(): number {
		const jitterMs = this.#latencyMs === 0 ? 0 : (this.#usualMs - this.#latencyMs) * this.random();
		return this.#latencyMs + jitterMs + this.network.delayMs;
	}

	/** The longest time in milliseconds that a message takes without faults. */
	get #usualMs(): number {
		return this.#latencyMs + Math.min(20, this.#latencyMs / 5);
	}

	/** Delivers a call that left the machine `travelledMs` ago to the venue. */
	call(request: WireRequest, travelledMs: number): WireReply {
		const { pathname } = request.url;
		this.calls += 1;
		const { method, url, headers, body } = request;
		this.journal.wire(this.name, "call", `${method} ${url.href} ${JSON.stringify(headers)} ${body}`);
		const reply = this.world.visit(this, () => this.#hosted.http(request));
		// The venue must answer synchronously, because a promise would settle outside the simulated order of events.
		if (reply instanceof Promise) throw new Error(`${this.name} must answer synchronously, got a Promise`);
		const status = reply.kind === "reply" ? reply.status : undefined;
		this.observer?.callArrived(pathname, status, travelledMs > this.#usualMs);
		return reply;
	}

	/**
	 * Delivers a handshake to the venue. Returns the accepted connection, the HTTP status of a refusal, or undefined if the venue does not
	 * answer.
	 */
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
		this.connections.push(line);
		line.attach(upgrade.attach);
		return line;
	}

	/**
	 * When a connection last ended without the machine learning of it within a second. The machine cannot know when such a connection ended.
	 */
	slowEndAt = Number.NEGATIVE_INFINITY;

	/** Connections that the machine has open. */
	get openConnections(): RouteConnection[] {
		return this.connections.filter((line) => line.isUp);
	}

	get #hosted(): Venue {
		if (!this.#venue) throw new Error(`no venue is hosted at ${this.name}`);
		return this.#venue;
	}

	/** Resets every connection; both sides notice. */
	drop(): void {
		if (this.openConnections.length > 0) this.droppedAt = this.world.now;
		for (const line of this.connections) line.cut();
	}

	/** Makes every connection half-open: it carries nothing more, and neither side notices. */
	halfOpen(): void {
		for (const line of this.connections) line.makeHalfOpen();
	}

	/**
	 * To be called when the process has died. `closesSockets`: whether the operating system closes its sockets, as after a kill but not after
	 * a power cut.
	 */
	machineDied(closesSockets: boolean): void {
		for (const line of this.connections) line.abandon(closesSockets);
	}
}

/** A direction of a connection: from the machine to the venue, or back. */
export type Direction = "there" | "back";

/** After this many milliseconds without TCP acknowledgements, the operating system of the venue closes a connection. */
const venueTcpTimeoutMs = 900_000;

/** One WebSocket connection over the route. */
export class RouteConnection {
	/** When the venue last received anything over this connection. */
	venueHeardAt: number;
	readonly #route: Route;
	readonly #socket: SimSocket;
	#end: WireEnd | undefined;
	/** Since when the connection has carried no data in at least one direction; undefined while it carries data in both directions. */
	silentSince: number | undefined;
	/**
	 * When an answer to `public/test` last took more than {@link slowPongMs}, on the clock `machine.awakeMs`, which stops while the machine is
	 * suspended.
	 */
	slowPongAwakeMs = Number.NEGATIVE_INFINITY;
	readonly #silences = { there: 0, back: 0 };
	/** For each direction, the messages that arrive once this direction carries data again. */
	readonly #held: Record<Direction, (() => void)[]> = { there: [], back: [] };
	/** When each call of `public/test` was sent, by its id. */
	readonly #pings = new Map<string, number>();
	#isHalfOpen = false;
	#venueKnows = false;
	#machineLeft = false;
	#thereAt = 0;
	#backAt = 0;

	constructor(route: Route, socket: SimSocket) {
		this.#route = route;
		this.#socket = socket;
		this.venueHeardAt = route.world.now;
	}

	/** Whether the connection is half-open: it carries no more data, and neither side notices. */
	get isHalfOpen(): boolean {
		return this.#isHalfOpen;
	}

	/** Whether both sides have the connection open and messages get through. */
	get isWorking(): boolean {
		return this.isUp && !this.#isHalfOpen && !this.#venueKnows;
	}

	/** Makes the connection half-open. */
	makeHalfOpen(): void {
		if (this.#isHalfOpen || this.#venueKnows) return;
		this.#isHalfOpen = true;
		this.silentSince ??= this.#route.world.now;
		this.#route.world.after(venueTcpTimeoutMs, () => this.#tellVenue(1006));
	}

	/**
	 * Makes the connection carry no data in these directions until the returned function is called. When this function is called, the data
	 * that was sent meanwhile arrives, because TCP resends it.
	 */
	silence(directions: readonly Direction[]): () => void {
		const { world } = this.#route;
		this.silentSince ??= world.now;
		for (const direction of directions) this.#silences[direction] += 1;
		return () => {
			for (const direction of directions) {
				this.#silences[direction] -= 1;
				if (this.#silences[direction] > 0) continue;
				for (const arrive of this.#held[direction].splice(0)) world.after(0, arrive);
			}
			if (!this.#isHalfOpen && this.#silences.there + this.#silences.back === 0) this.silentSince = undefined;
		};
	}

	/** Lets data arrive immediately, or when this direction carries data again. */
	#carry(direction: Direction, arrive: () => void): void {
		if (this.#silences[direction] > 0) this.#held[direction].push(arrive);
		else arrive();
	}

	/** Whether the machine has the connection open. */
	get isUp(): boolean {
		return !this.#machineLeft && !this.#socket.isOver && !this.#socket.process.hasEnded;
	}

	attach(attach: (wire: Wire) => WireEnd): void {
		const end = (code: number, reason: string, clean: boolean): void => {
			this.#venueKnows = true;
			this.#endAtMachine(code, reason, clean);
		};
		const wire: Wire = {
			send: (data) => this.#tell(data),
			close: (code, reason) => end(code, reason, true),
			drop: () => end(1006, "", false),
			silence: () => this.makeHalfOpen(),
		};
		// The open event is sent first, so that it reaches the machine before anything that the venue sends over the connection.
		this.#back(() => this.#socket.opened(this));
		this.#end = this.#route.world.visit(this.#route, () => attach(wire));
	}

	/** Sends a frame to the venue. */
	send(text: string): void {
		const { world } = this.#route;
		if (text.includes('"method":"public/auth"')) this.#route.loggedIn = this;
		if (text.includes('"method":"public/test"')) this.#pings.set(idOf(text), world.now);
		this.#thereAt = Math.max(this.#thereAt, world.now + this.#route.oneWayMs());
		const arrive = (): void => {
			// Frames that are on their way when the connection ends are lost.
			if (this.isHalfOpen || this.#venueKnows || this.#route.network.cut) return;
			this.venueHeardAt = world.now;
			this.#route.journal.wire(this.#route.name, "frame", text);
			world.visit(this.#route, () => this.#end?.message(text));
		};
		world.after(this.#thereAt - world.now, () => this.#carry("there", arrive));
	}

	/** Closes the connection from the machine's side. */
	close(code: number): void {
		this.#machineLeft = true;
		const { world } = this.#route;
		this.#thereAt = Math.max(this.#thereAt, world.now + this.#route.oneWayMs());
		const arrive = (): void => {
			if (this.isHalfOpen || this.#route.network.cut) return;
			this.#tellVenue(code);
			this.#back(() => this.#socket.ended(code, "", true));
		};
		world.after(this.#thereAt - world.now, () => this.#carry("there", arrive));
	}

	/** Resets the connection; both sides notice. */
	cut(): void {
		if (this.#venueKnows || this.isHalfOpen) return;
		this.#tellVenue(1006);
		this.#endAtMachine(1006, "", false);
	}

	/** Sends the end of the connection to the machine, where it arrives after the usual delay. */
	#endAtMachine(code: number, reason: string, clean: boolean): void {
		this.#back(() => this.#socket.ended(code, reason, clean));
		const { world } = this.#route;
		if (this.#backAt - world.now > slowEndMs) this.#route.slowEndAt = world.now;
	}

	/**
	 * To be called when the process that opened the connection has died without closing it. `closes`: whether the operating system of the
	 * process closes the connection.
	 */
	abandon(closes: boolean): void {
		if (closes && !this.isHalfOpen && !this.#route.network.cut) this.#tellVenue(1006);
		this.makeHalfOpen();
	}

	#tell(data: string | Uint8Array): void {
		const text = typeof data === "string" ? data : new TextDecoder().decode(data);
		for (const { text: part, heldMs } of arriving(text, this.#route.network.frames, this.#route.random)) {
			this.#back(() => {
				// The digest covers only the length: a truncated frame may end within a token, whose text differs from run to run.
				this.#route.journal.wire(this.#route.name, "told", String(part.length));
				// Frames over a connection that the client has closed are dropped silently.
				if (!this.#socket.isOpen) return;
				this.#route.heardAt = this.#route.world.now;
				if (part.includes('"version"')) this.#recordPong(idOf(part));
				this.#route.observer?.frameReceived(part);
				this.#socket.receive(part);
			}, heldMs);
		}
	}

	/** Sends an event to the machine. Events arrive in the order in which they are sent, except those that are delayed by `heldMs`. */
	#back(event: () => void, heldMs = 0): void {
		const { world, network } = this.#route;
		if (this.isHalfOpen || network.cut) return;
		this.#backAt = Math.max(this.#backAt, world.now + this.#route.oneWayMs());
		const arrive = (): void => {
			if (!this.isHalfOpen) this.#socket.process.deliver(event);
		};
		world.after(this.#backAt - world.now + heldMs, () => this.#carry("back", arrive));
	}

	#recordPong(id: string): void {
		const { now } = this.#route.world;
		const sentAt = this.#pings.get(id);
		this.#pings.delete(id);
		if (sentAt !== undefined && now - sentAt > slowPongMs) this.slowPongAwakeMs = this.#route.world.machine.awakeMs;
	}

	#tellVenue(code: number): void {
		if (this.#venueKnows) return;
		this.#venueKnows = true;
		this.#route.world.visit(this.#route, () => this.#end?.closed(code));
	}
}

const slowEndMs = 1_000;
/** An answer that takes more milliseconds than this makes the session wait longer for its next answers. */
const slowPongMs = 900;

/** The id of a JSON-RPC request or reply; an empty string for any other text. */
function idOf(text: string): string {
	return /"id":(\d+)/.exec(text)?.[1] ?? "";
}
