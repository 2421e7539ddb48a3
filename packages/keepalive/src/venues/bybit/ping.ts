import { isBybitError } from "@x/bybit-dcp";
import { monotonicMs } from "../../time.ts";
import type { BybitResolved } from "./options.ts";

/** After so long without a missed pong the pace is that of the settings again. */
const calmMs = 600_000;

/**
 * How long a pong may take and how often a ping is sent: as the settings say, and with each missed pong twice as long.
 *
 * A quick deadline notices a dead line early and may take a slow venue for one. Over and over that would cost the orders
 * more than it saves, and the address its handshakes.
 */
export class Patience {
	readonly #settings: BybitResolved;
	#now: BybitResolved;
	#missedAt = Number.NEGATIVE_INFINITY;

	constructor(settings: BybitResolved) {
		this.#settings = settings;
		this.#now = settings;
	}

	/** The settings, with the pace and the deadline of a ping as they are now. */
	get options(): BybitResolved {
		if (monotonicMs() - this.#missedAt >= calmMs) this.#now = this.#settings;
		return this.#now;
	}

	/** Takes any failure: a pong that was missed doubles the deadline, up to `patientPongMs`. */
	note(error: unknown): void {
		if (!isBybitError(error) || error.kind !== "timeout" || error.attempt !== "ping") return;
		const { pingMs, pongTimeoutMs, patientPongMs } = this.options;
		const longerMs = Math.min(2 * pongTimeoutMs, patientPongMs);
		this.#missedAt = monotonicMs();
		// A beat that is cut off before the deadline would leave a dead line undecided.
		const paceMs = Math.max(pingMs, Math.ceil(longerMs / 0.8));
		this.#now = Object.freeze({ ...this.#settings, pongTimeoutMs: longerMs, pingMs: paceMs });
	}
}
