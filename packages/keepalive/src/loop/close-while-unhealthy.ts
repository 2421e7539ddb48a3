import { clause } from "@x/base/errors";
import type { BoundedSession } from "./bounded-session.ts";
import type { HealthGate } from "./health-gate.ts";

/**
 * What happens to one session while the program is unhealthy: the session is closed; or, if the venue would cancel no orders,
 * it stays open and only the reason is reported.
 */
export class Gating {
	readonly #gate: HealthGate;
	readonly #session: BoundedSession;
	readonly #stop: AbortSignal;
	readonly #recheck: () => void;
	#isWatched = false;
	#keepAlive: AbortSignal;
	/**
	 * The signal of the health gate. `#keepAlive` combines it with `#stop`. It is stored separately, because reading `aborted` of
	 * the combined signal is slow. Undefined if the gate does not close this session.
	 */
	#gateChange: AbortSignal | undefined;

	/** @param recheck - called when the program became unhealthy or healthy again, if the session stays open. */
	constructor(gate: HealthGate, session: BoundedSession, stop: AbortSignal, recheck: () => void) {
		this.#gate = gate;
		this.#session = session;
		this.#stop = stop;
		this.#recheck = recheck;
		this.#keepAlive = stop;
	}

	/**
	 * A signal that aborts when the session is stopped, and when the program becomes unhealthy and the session has to be
	 * closed.
	 */
	get keepAlive(): AbortSignal {
		return this.#keepAlive;
	}

	/** Whether `keepAlive` has aborted. Read at every check before an order, so it must be fast. */
	get isEnding(): boolean {
		return this.#stop.aborted || this.#gateChange?.aborted === true;
	}

	/**
	 * Whether an unhealthy program closes the session. If the venue would cancel no orders, closing the session would only cost
	 * the login.
	 */
	get isGated(): boolean {
		return this.#gate.isEnabled && !this.#session.isUnsupported;
	}

	/** Why the program is unhealthy, if the session stays open nevertheless; undefined otherwise. */
	ungatedReason(): string | undefined {
		const { unhealthyReason } = this.#gate;
		if (!unhealthyReason || !this.#session.isUnsupported) return undefined;
		return `${clause(unhealthyReason.message)}; the session stays open, as closing it would cancel no orders`;
	}

	/** Makes `keepAlive` follow the current state of the health gate. */
	follow(): Pick<HealthGate, "nextChange" | "unhealthyReason"> {
		const { nextChange, unhealthyReason } = this.#gate;
		this.#gateChange = this.isGated ? nextChange : undefined;
		this.#keepAlive = this.#gateChange ? AbortSignal.any([this.#stop, this.#gateChange]) : this.#stop;
		if (this.#gate.isEnabled && !this.isGated) this.#watch();
		return { nextChange, unhealthyReason };
	}

	/** Calls `recheck` whenever the program becomes unhealthy or healthy again. */
	#watch(): void {
		if (this.#isWatched) return;
		this.#isWatched = true;
		const options = { once: true, signal: this.#stop };
		const onChange = (): void => {
			this.#recheck();
			this.#gate.nextChange.addEventListener("abort", onChange, options);
		};
		this.#gate.nextChange.addEventListener("abort", onChange, options);
	}
}
