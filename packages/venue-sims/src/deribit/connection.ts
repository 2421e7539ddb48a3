import type { components } from "../generated/deribit-session.ts";
import { after } from "../time.ts";
import type { Wire } from "../venue.ts";
import { Heartbeat } from "./heartbeat.ts";
import type { Settings } from "./options.ts";
import type { Grant } from "./tokens.ts";

/** Why a connection ended, which decides whether cancel-on-disconnect fires. */
export type EndCause = "logout" | "maintenance" | "other";

interface ConnectionStart {
	id: string;
	address: string;
	wire: Wire;
	settings: Settings;
	armed: boolean;
	ended(connection: SimConnection, cause: EndCause): void;
}

/** One WebSocket as the venue sees it, with the state that ends with it. */
export class SimConnection {
	readonly id: string;
	readonly address: string;
	readonly heartbeat: Heartbeat;
	readonly channels = new Set<string>();
	/** Cancel-on-disconnect, as it really is. */
	armed: boolean;
	/** What `public/auth` on this very connection gave it. */
	grant: Grant | undefined;
	open = true;
	readonly #wire: Wire;
	readonly #settings: Settings;
	readonly #ended: ConnectionStart["ended"];
	#sentAt = performance.now();
	#cancelIdle: (() => void) | undefined;
	#cancelInactivity: (() => void) | undefined;

	constructor({ id, address, wire, settings, armed, ended }: ConnectionStart) {
		this.id = id;
		this.address = address;
		this.armed = armed;
		this.#wire = wire;
		this.#settings = settings;
		this.#ended = ended;
		this.heartbeat = new Heartbeat(settings, {
			quietMs: () => performance.now() - this.#sentAt,
			probe: (type) => this.send(heartbeatFrame(type)),
			fail: () => this.close(settings.heartbeatCloseCode, "heartbeat close"),
		});
		this.#bytes();
		this.#restartInactivity();
	}

	/** A frame came in; `answers` when it is what answers a `test_request`. */
	heard(answers: boolean): void {
		this.#bytes();
		this.#restartInactivity();
		this.heartbeat.heard(answers);
	}

	send(frame: object): void {
		if (!this.open) return;
		this.#sentAt = performance.now();
		this.#bytes();
		this.#wire.send(JSON.stringify(frame));
	}

	/** The venue ends it with a close frame. */
	close(code: number, reason: string, cause: EndCause = "other"): void {
		if (this.#finish(cause)) this.#wire.close(code, reason);
	}

	/** The transport ends it without one. */
	drop(): void {
		if (this.#finish("other")) this.#wire.drop();
	}

	/** The client or the network ended it. */
	gone(): void {
		this.#finish("other");
	}

	/** Stops every clock without an effect on orders: the venue itself is being switched off. */
	abandon(): void {
		this.open = false;
		this.#stopClocks();
	}

	#finish(cause: EndCause): boolean {
		if (!this.open) return false;
		this.open = false;
		this.#stopClocks();
		this.#ended(this, cause);
		return true;
	}

	#stopClocks(): void {
		this.heartbeat.stop();
		this.#cancelIdle?.();
		this.#cancelInactivity?.();
	}

	#bytes(): void {
		this.#cancelIdle?.();
		this.#cancelIdle = after(this.#settings.transportIdleMs, () => this.drop());
	}

	#restartInactivity(): void {
		this.#cancelInactivity?.();
		this.#cancelInactivity = after(this.#settings.inactivityMs, () =>
			this.close(this.#settings.inactivityCloseCode, "inactivity"),
		);
	}
}

/** With its members in the order seen on the wire. */
function heartbeatFrame(type: "heartbeat" | "test_request"): components["schemas"]["HeartbeatFrame"] {
	return { params: { type }, method: "heartbeat", jsonrpc: "2.0" };
}
