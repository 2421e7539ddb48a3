import type { ProtectionRecord } from "@x/keepalive";
import type { Journal } from "../journal.ts";
import type { World } from "../world/world.ts";

/** An alert, and the recovery after one, come within this time. */
const marginMs = 2_000;

/**
 * The alerts of the keeper's `onUnprotected`, for one session.
 *
 * - j-no-alert: unprotected for longer than `afterMs`, and no alert
 * - j-no-recovery: protected again after an alert, and nothing said so
 * - j-false-alert: an alert while protected, a recovery while not, or either twice
 */
export class AlertInvariant {
	readonly #name: string;
	readonly #world: World;
	readonly #journal: Journal;
	readonly #afterMs: number;
	/** Undefined while the session is stopped on request. */
	#state: { readonly isProtected: boolean; readonly since: number } | undefined;
	#isAlerted = false;

	constructor(name: string, world: World, journal: Journal, afterMs: number) {
		this.#name = name;
		this.#world = world;
		this.#journal = journal;
		this.#afterMs = afterMs;
	}

	/** @param isProtected - whether it is alive, and armed where the venue supports it; undefined while stopped on request. */
	see(isProtected: boolean | undefined): void {
		if (isProtected === this.#state?.isProtected) return;
		this.#state = isProtected === undefined ? undefined : { isProtected, since: this.#world.now };
	}

	/** The keeper called the listener. @param isProtected - now. */
	told({ type }: ProtectionRecord, isProtected: boolean): void {
		this.#journal.count(`alert ${type}`);
		const isAlert = type === "unprotected";
		if (isAlert === isProtected) this.#violate("j-false-alert", `${type}, and protected is ${isProtected}`);
		if (isAlert === this.#isAlerted) this.#violate("j-false-alert", isAlert ? "a second alert" : "no alert before it");
		this.#isAlerted = isAlert;
	}

	/** Checks what changes with time alone. */
	checkDeadlines(): void {
		if (!this.#state) return;
		const { isProtected, since } = this.#state;
		const { disturbedAt, program } = this.#world.machine;
		const sinceMs = this.#world.now - Math.max(since, disturbedAt, program.frozenUntil);
		if (!isProtected && !this.#isAlerted && sinceMs > this.#afterMs + marginMs) {
			this.#violate("j-no-alert", `unprotected for ${sinceMs} ms, and alerts come after ${this.#afterMs} ms`);
		}
		if (isProtected && this.#isAlerted && sinceMs > marginMs) {
			this.#violate("j-no-recovery", `protected for ${sinceMs} ms after an alert`);
		}
	}

	#violate(rule: string, detail: string): void {
		this.#journal.violate(rule, this.#name, detail);
	}
}
