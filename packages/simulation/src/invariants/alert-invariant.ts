import type { ProtectionRecord } from "@x/keepalive";
import type { Journal } from "../journal.ts";
import type { World } from "../world/world.ts";

/** An alert or a recovery must be reported at most this many milliseconds after it is due. */
const marginMs = 2_000;

/**
 * Checks the alerts of the keeper's `onUnprotected`, for one session.
 *
 * - j-no-alert: no alert although the session has been unprotected for longer than `afterMs`
 * - j-no-recovery: an alert was reported and the session is protected again, but the recovery is not reported
 * - j-false-alert: an alert while the session is protected, a recovery while it is unprotected, or two alerts or two recoveries in a row
 */
export class AlertInvariant {
	readonly #name: string;
	readonly #world: World;
	readonly #journal: Journal;
	readonly #afterMs: number;
	/** Whether the session is protected, and since when; undefined while it is stopped on request. */
	#state: { readonly isProtected: boolean; readonly since: number } | undefined;
	#isAlerted = false;

	constructor(name: string, world: World, journal: Journal, afterMs: number) {
		this.#name = name;
		this.#world = world;
		this.#journal = journal;
		this.#afterMs = afterMs;
	}

	/** @param isProtected - whether the session is alive, and armed if its venue supports that; undefined while it is stopped on request. */
	see(isProtected: boolean | undefined): void {
		if (isProtected === this.#state?.isProtected) return;
		this.#state = isProtected === undefined ? undefined : { isProtected, since: this.#world.now };
	}

	/**
	 * To be called when the keeper has called the program's `onUnprotected` listener.
	 *
	 * @param isProtected - whether the session is protected now.
	 */
	told({ type }: ProtectionRecord, isProtected: boolean): void {
		this.#journal.count(`alert ${type}`);
		const isAlert = type === "unprotected";
		if (isAlert === isProtected)
			this.#violate("j-false-alert", `${type} was reported while protected is ${isProtected}`);
		if (isAlert === this.#isAlerted) this.#violate("j-false-alert", isAlert ? "a second alert" : "no alert before it");
		this.#isAlerted = isAlert;
	}

	/** Checks the rules that can be violated by the mere passing of time. */
	checkDeadlines(): void {
		if (!this.#state) return;
		const { isProtected, since } = this.#state;
		const { disturbedAt, program } = this.#world.machine;
		const sinceMs = this.#world.now - Math.max(since, disturbedAt, program.frozenUntil);
		if (!isProtected && !this.#isAlerted && sinceMs > this.#afterMs + marginMs) {
			this.#violate(
				"j-no-alert",
				`no alert for ${sinceMs} ms without protection, it was due after ${this.#afterMs} ms`,
			);
		}
		if (isProtected && this.#isAlerted && sinceMs > marginMs) {
			this.#violate("j-no-recovery", `protected again for ${sinceMs} ms, and no recovery was reported`);
		}
	}

	#violate(rule: string, detail: string): void {
		this.#journal.violate(rule, this.#name, detail);
	}
}
