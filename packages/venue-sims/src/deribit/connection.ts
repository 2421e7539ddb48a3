import type { components } from "../generated/deribit-session.ts";
import { after } from "../time.ts";
import type { Wire } from "../venue.ts";
import { Heartbeat } from "./heartbeat.ts";
import type { DeribitSettings } from "./options.ts";
import type { Grant } from "./tokens.ts";

/** Why a connection ended. Decides whether cancel-on-disconnect fires. */
export type EndCause = "logout" | "maintenance" | "other";

interface ConnectionStart {
	id: string;
	address: string;
	wire: Wire;
	settings: DeribitSettings;
	armed: boolean;
	onEnd(connection: SimConnection, cause: EndCause): void;
}

/** One WebSocket connection and the state that ends with it. */
export class SimConnection {
	readonly id: string;
	readonly address: string;
	readonly heartbeat: Heartbeat;
	/** The subscribed channels, each with the label of its subscription if that has one. */
	readonly channels = new Map<string, string | undefined>();
	/** Whether cancel-on-disconnect is actually armed. */
	armed: boolean;
	/** The tokens from `public/auth` on this connection. */
	grant: Grant | undefined;
	open = true;
	readonly #wire: Wire;
	readonly #settings: DeribitSettings;
	readonly #onEnd: ConnectionStart["onEnd"];
	#sentAt = performance.now();
	#cancelTransportIdle: (() => void) | undefined;
	#cancelInactivity: (() => void) | undefined;

	constructor({ id, address, wire, settings, armed, onEnd }: ConnectionStart) {
		this.id = id;
		this.address = address;
		this.armed = armed;
		this.#wire = wire;
		this.#settings = settings;
		this.#onEnd = onEnd;
		this.heartbeat = new Heartbeat(settings, {
			sentAgoMs: () => performance.now() - this.#sentAt,
			probe: (type) => this.send(heartbeatFrame(type)),
			onTimeout: () => this.close(settings.heartbeatCloseCode, "heartbeat close"),
		});
		this.#restartTransportIdle();
		this.#restartInactivity();
	}

	/** A protocol ping arrived: traffic, but no answer to a `test_request`. */
	onPing(): void {
		this.#restartTransportIdle();
		this.#restartInactivity();
	}

	/** @param answersProbe - whether the frame answers a `test_request`. */
	onFrame(answersProbe: boolean): void {
		this.#restartTransportIdle();
		this.#restartInactivity();
		this.heartbeat.onFrame(answersProbe);
	}

	send(frame: object): void {
		if (!this.open) return;
		this.#sentAt = performance.now();
		this.#restartTransportIdle();
		this.#wire.send(JSON.stringify(frame));
	}

	/** Closes the connection with a close frame. */
	close(code: number, reason: string, cause: EndCause = "other"): void {
		if (this.#finish(cause)) this.#wire.close(code, reason);
	}

	/** Closes the connection without a close frame. */
	drop(): void {
		if (this.#finish("other")) this.#wire.drop();
	}

	/** The client or the network closed the connection. */
	onClose(): void {
		this.#finish("other");
	}

	/** Stops all timers without cancelling orders, because the venue object is being closed. */
	stop(): void {
		this.open = false;
		this.#stopTimers();
	}

	#finish(cause: EndCause): boolean {
		if (!this.open) return false;
		this.open = false;
		this.#stopTimers();
		this.#onEnd(this, cause);
		return true;
	}

	#stopTimers(): void {
		this.heartbeat.stop();
		this.#cancelTransportIdle?.();
		this.#cancelInactivity?.();
	}

	#restartTransportIdle(): void {
		this.#cancelTransportIdle?.();
		this.#cancelTransportIdle = after(this.#settings.transportIdleMs, () => {
			if (this.#settings.subscriptionsPreventIdleDrop && this.channels.size > 0) this.#restartTransportIdle();
			else this.drop();
		});
	}

	#restartInactivity(): void {
		this.#cancelInactivity?.();
		this.#cancelInactivity = after(this.#settings.inactivityMs, () =>
			this.close(this.#settings.inactivityCloseCode, "inactivity"),
		);
	}
}

/** Members in the order that the venue sends. */
function heartbeatFrame(type: "heartbeat" | "test_request"): components["schemas"]["HeartbeatFrame"] {
	return { params: { type }, method: "heartbeat", jsonrpc: "2.0" };
}
