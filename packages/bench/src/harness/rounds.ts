import { figure, ratios } from "./figures.ts";
import { reasonOf } from "./outcome.ts";
import { spread, type Verdict } from "./verdict.ts";

/** What a line of the table compares. */
export interface Comparison<Name, Round> {
	readonly measure: string;
	readonly mine: Name;
	readonly theirs: Name;
	/** How the table names the other. Default its name. */
	readonly as?: string;
	readonly what: keyof Round;
	readonly unit: string;
	/** What the ratio must be at most. */
	readonly target?: number | undefined;
}

/**
 * What each contestant did in each round.
 *
 * One that failed once plays no further, and the reason stands where its figures would.
 */
export class Rounds<Name extends string, Round extends { readonly [What in keyof Round]: number }> {
	readonly #seen = new Map<Name, Round[]>();
	readonly #faults = new Map<Name, string>();
	readonly #signal: AbortSignal;

	/** @param signal - aborts when the measure was cut off: whoever still plays then must start nothing more. */
	constructor(signal: AbortSignal) {
		this.#signal = signal;
	}

	/** Plays a round; one that only warms up does not count. */
	async play(name: Name, run: () => Promise<Round>, { counts = true } = {}): Promise<void> {
		this.#signal.throwIfAborted();
		if (this.#faults.has(name)) return;
		try {
			const round = await run();
			if (counts) this.#seen.set(name, [...(this.#seen.get(name) ?? []), round]);
		} catch (error) {
			this.#faults.set(name, reasonOf(error));
		}
	}

	/** Why a contestant failed, if it did. */
	fault(name: Name): string | undefined {
		return this.#faults.get(name);
	}

	/** One figure of every round, in order; none of a contestant that failed. */
	of(name: Name, what: keyof Round): number[] {
		return this.#faults.has(name) ? [] : (this.#seen.get(name) ?? []).map((round) => round[what]);
	}

	/** A line of the table, its ratio taken round by round. */
	line({ measure, mine, theirs, as = theirs, what, unit, target }: Comparison<Name, Round>): Verdict {
		const words = (name: Name): string => {
			const fault = this.#faults.get(name);
			return fault === undefined ? spread(figure(this.of(name, what)), unit) : "failed";
		};
		const faults = [mine, theirs].flatMap((name) => this.#faults.get(name) ?? []);
		const judged = {
			measure,
			ours: words(mine),
			against: `${as}: ${words(theirs)}`,
			target: target === undefined ? undefined : { atMost: target },
			unit: "x",
		};
		if (faults.length > 0) return { ...judged, figure: undefined, note: `failed: ${faults.join("; ")}` };
		return { ...judged, figure: ratios(this.of(mine, what), this.of(theirs, what)) };
	}
}
