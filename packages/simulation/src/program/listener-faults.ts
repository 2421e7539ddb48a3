import type { Journal } from "../journal.ts";
import { chance } from "../world/seeded.ts";

/**
 * Exceptions of the program's listeners.
 *
 * - g: a listener's exception that was not counted
 */
export class ListenerFaults {
	readonly #journal: Journal;
	readonly #random: () => number;
	#thrown = 0;

	constructor(journal: Journal, random: () => number) {
		this.#journal = journal;
		this.#random = random;
	}

	/** A new process counts from 0. */
	processStarted(): void {
		this.#thrown = 0;
	}

	/** A listener was called, and throws by chance. */
	mayThrow(): void {
		if (!chance(this.#random, 0.2)) return;
		this.#thrown += 1;
		throw new Error("a listener that throws");
	}

	/** @param counted - by the keeper. */
	check(counted: number): void {
		if (counted === this.#thrown) return;
		this.#journal.violate("g-listener-faults", "keeper", `${counted} counted, ${this.#thrown} thrown`);
	}
}
