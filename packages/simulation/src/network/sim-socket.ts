import type { MachineProcess } from "../world/event-loop.ts";
import type { Route, RouteConnection } from "./simulated-route.ts";

type Listener = (event: { data?: string; code?: number; reason?: string; wasClean?: boolean }) => void;

/**
 * A WebSocket over a {@link Route}. It behaves like a standard WebSocket in the cases that clients often get wrong. Sending before `open`
 * throws. Sending after the end is ignored. A refused handshake reports no status. Over a half-open connection, a close gets no answer.
 */
export class SimSocket {
	binaryType = "blob";
	readyState = 0;
	readonly bufferedAmount = 0;
	/** The process that opened the socket. */
	readonly process: MachineProcess;
	readonly #route: Route;
	readonly #listeners: { type: string; listener: Listener; once: boolean }[] = [];
	#line: RouteConnection | undefined;

	/** @param headers - request headers. The standard constructor has no such parameter, but that of Node.js has. */
	constructor(route: Route, url: URL, headers: Readonly<Record<string, string>> = {}) {
		this.#route = route;
		const { world } = route;
		this.process = world.machine.process;
		if (this.process.hasEnded) return;
		route.observer?.handshakeSent(url.pathname);
		if (route.network.refuses) {
			world.after(1, () => this.process.deliver(() => this.#refused()));
			return;
		}
		world.after(route.oneWayMs(), () => this.#arrive(url, headers));
	}

	/** Whether the client knows that the socket has ended. */
	get isOver(): boolean {
		return this.readyState === 3;
	}

	/** Whether the socket is open, so that arriving messages are dispatched to its listeners. */
	get isOpen(): boolean {
		return this.readyState === 1;
	}

	/** How many listeners the socket has. */
	get listeners(): number {
		return this.#listeners.length;
	}

	addEventListener(type: string, listener: Listener, options?: { once?: boolean }): void {
		if (this.#listeners.some((known) => known.type === type && known.listener === listener)) return;
		this.#listeners.push({ type, listener, once: options?.once === true });
	}

	removeEventListener(type: string, listener: Listener): void {
		const index = this.#listeners.findIndex((known) => known.type === type && known.listener === listener);
		if (index >= 0) this.#listeners.splice(index, 1);
	}

	send(data: string): void {
		if (this.readyState === 0) throw new DOMException("Sent before connected.", "InvalidStateError");
		if (this.readyState !== 1 || this.process.hasEnded) return;
		this.#route.observer?.frameSent(data);
		this.#line?.send(data);
	}

	close(code = 1005): void {
		if (this.readyState >= 2) return;
		const connecting = this.readyState === 0;
		this.readyState = 2;
		if (connecting) this.#route.world.after(0, () => this.process.deliver(() => this.ended(1006, "", false)));
		else this.#line?.close(code);
	}

	/** Dispatches a message that arrived. */
	receive(data: string): void {
		if (this.isOpen) this.#dispatch("message", { data });
	}

	/** Dispatches the close event, unless the socket is closed. */
	ended(code: number, reason: string, wasClean: boolean): void {
		if (this.readyState === 3) return;
		this.readyState = 3;
		this.#dispatch("close", { code, reason, wasClean });
	}

	#arrive(url: URL, headers: Readonly<Record<string, string>>): void {
		const { network, world } = this.#route;
		// The handshake is not sent if the process has meanwhile ended or closed the socket.
		if (this.process.hasEnded || this.readyState !== 0) return;
		if (network.cut || network.swallows) return;
		const outcome = this.#route.handshake(url, headers, this);
		const result = typeof outcome === "number" ? outcome : outcome === undefined ? "silence" : "accepted";
		this.#route.journal.wire(this.#route.name, "handshake", `${url.href} ${JSON.stringify(headers)} ${result}`);
		if (typeof outcome !== "number") return;
		world.after(this.#route.oneWayMs(), () => this.process.deliver(() => this.#refused(url.pathname, outcome)));
	}

	/** To be called when the venue has accepted the handshake and its answer has arrived. */
	opened(line: RouteConnection): void {
		if (this.readyState !== 0) {
			// The client has closed the socket before the handshake was answered, so the platform closes the new connection at once.
			line.close(1000);
			return;
		}
		if (line.isHalfOpen) return;
		this.#route.heardAt = this.#route.world.now;
		this.readyState = 1;
		this.#line = line;
		this.#dispatch("open", {});
	}

	#refused(path = "", status = 0): void {
		if (this.readyState === 3) return;
		if (status !== 0) this.#route.observer?.refused("handshake", path, status);
		this.readyState = 3;
		this.#dispatch("error", {});
		this.#dispatch("close", { code: 1006, reason: "", wasClean: false });
	}

	#dispatch(type: string, event: Parameters<Listener>[0]): void {
		for (const known of [...this.#listeners]) {
			if (known.type !== type) continue;
			if (known.once) this.removeEventListener(type, known.listener);
			known.listener(event);
		}
	}
}

/** Creates a WebSocket class for a new process. */
export function socketClass(route: Route): typeof WebSocket {
	class Bound extends SimSocket {
		static readonly CONNECTING = 0;
		static readonly OPEN = 1;
		static readonly CLOSING = 2;
		static readonly CLOSED = 3;

		constructor(url: string | URL, init: { readonly headers?: Readonly<Record<string, string>> } = {}) {
			super(route, new URL(url), init.headers);
		}
	}
	// The cast is safe: the class has all members of the standard class that the clients use.
	return Bound as unknown as typeof WebSocket;
}
