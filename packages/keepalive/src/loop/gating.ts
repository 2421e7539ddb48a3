import { clause } from "@x/base/errors";
import type { BoundedSession } from "./bounded-session.ts";
import type { HealthGate } from "./health-gate.ts";

/**
 * What the gate does to one session while the program is unhealthy: the session is closed, or, if the venue would cancel nothing,
 * only the reason is reported.
 */
export class Gating {
	readonly #gate: HealthGate;
	readonly #session: BoundedSession;
	readonly #stop: AbortSignal;
	readonly #recheck: () => void;
	#isWatched = false;
	#keepAlive: AbortSignal;
	/** The second source of `#keepAlive` while the gate closes the session: reading `aborted` of a combined signal is slow. */
	#gateChange: AbortSignal | undefined;

	/** @param recheck - called when the program became unhealthy, or healthy again, and the session stays open. */
	constructor(gate: HealthGate, session: BoundedSession, stop: AbortSignal, recheck: () => void) {
		this.#gate = gate;
		this.#session = session;
		this.#stop = stop;
		this.#recheck = recheck;
		this.#keepAlive = stop;
	}

	/** Aborts on stop and when the program becomes unhealthy. */
	get keepAlive(): AbortSignal {
		return this.#keepAlive;
	}

	/** Whether `keepAlive` has aborted. Read with every check before an order. */
	get isEnding(): boolean {
		return this.#stop.aborted || this.#gateChange?.aborted === true;
	}

	/** Whether the gate closes the session: if the venue would cancel nothing, closing the session would only cost the login. */
	get isGated(): boolean {
		return this.#gate.isEnabled && !this.#session.isUnsupported;
	}

	/** Why the program is unhealthy, for a session that the gate does not close. */
	ungatedReason(): string | undefined {
		const { unhealthyReason } = this.#gate;
		if (!unhealthyReason || !this.#session.isUnsupported) return undefined;
		return `${clause(unhealthyReason.message)}; the session goes on, as closing it would cancel nothing`;
	}

	/** Makes `keepAlive` follow the current state of the gate. */
	follow(): Pick<HealthGate, "nextChange" | "unhealthyReason"> {
		const { nextChange, unhealthyReason } = this.#gate;
		this.#gateChange = this.isGated ? nextChange : undefined;
		this.#keepAlive = this.#gateChange ? AbortSignal.any([this.#stop, this.#gateChange]) : this.#stop;
		if (this.#gate.isEnabled && !this.isGated) this.#watch();
		return { nextChange, unhealthyReason };
	}

	/** Rechecks at each change of the gate. */
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
