import type { components } from "../generated/deribit-session.ts";
import { after } from "../timers.ts";
import type { Wire } from "../venue.ts";
import { Heartbeat } from "./heartbeat.ts";
import type { DeribitSettings } from "./options.ts";
import type { Grant } from "./tokens.ts";

/** Why a connection ended, which decides whether cancel-on-disconnect cancels the orders. */
export type EndCause = "logout" | "maintenance" | "other";

interface ConnectionStart {
	id: string;
	address: string;
	wire: Wire;
	settings: DeribitSettings;
	armed: boolean;
	onEnd(connection: SimConnection, cause: EndCause): void;
}

/** One WebSocket connection, with the state that is lost when the connection ends. */
export class SimConnection {
	readonly id: string;
	readonly address: string;
	readonly heartbeat: Heartbeat;
	/** The subscribed channels. The value is the label of the subscription, if it has one. */
	readonly channels = new Map<string, string | undefined>();
	/** Whether cancel-on-disconnect is really on for this connection, even if a reply claimed something else. */
	armed: boolean;
	/** The tokens that `public/auth` has issued on this connection; undefined before the login. */
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

	/** To be called when a WebSocket ping arrived. A ping counts as traffic, but does not answer a `test_request`. */
	onPing(): void {
		this.#restartTransportIdle();
		this.#restartInactivity();
	}

	/**
	 * To be called when a frame arrived.
	 *
	 * @param answersProbe - whether the frame answers a `test_request`.
	 */
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

	/** To be called when the client or the network closed the connection. */
	onClose(): void {
		this.#finish("other");
	}

	/** Stops all timers without cancelling orders. To be called when the simulated venue is closed. */
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

/** A heartbeat frame, with the members in the order in which the real venue sends them. */
function heartbeatFrame(type: "heartbeat" | "test_request"): components["schemas"]["HeartbeatFrame"] {
	return { params: { type }, method: "heartbeat", jsonrpc: "2.0" };
}
