import type { Journal } from "../journal.ts";
import { chance } from "../world/seeded-random.ts";

/**
 * Lets the program's listeners throw at random, and checks that the keeper counts each of these exceptions.
 *
 * - g: an exception of a listener was not counted
 */
export class ListenerFaults {
	readonly #journal: Journal;
	readonly #random: () => number;
	#thrown = 0;

	constructor(journal: Journal, random: () => number) {
		this.#journal = journal;
		this.#random = random;
	}

	/** To be called when a new process starts. Its keeper counts exceptions from 0. */
	processStarted(): void {
		this.#thrown = 0;
	}

	/** To be called by each listener of the program. Throws at random. */
	mayThrow(): void {
		if (!chance(this.#random, 0.2)) return;
		this.#thrown += 1;
		throw new Error("a listener that throws");
	}

	/** @param counted - how many exceptions the keeper has counted. */
	check(counted: number): void {
		if (counted === this.#thrown) return;
		this.#journal.violate(
			"g-listener-faults",
			"keeper",
			`listeners threw ${this.#thrown} exceptions, the keeper counted ${counted}`,
		);
	}
}
