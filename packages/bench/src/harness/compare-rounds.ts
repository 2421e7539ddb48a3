import { spread, type Verdict } from "./measure-and-table-row.ts";
import { reasonOf } from "./result-or-error.ts";
import { figure, ratios } from "./round-statistics.ts";

/** A comparison of two programs. */
export interface Comparison<Name, Round> {
	readonly measure: string;
	readonly mine: Name;
	readonly theirs: Name;
	/** The other program's label in the table. Default: the name of that program. */
	readonly as?: string;
	readonly what: keyof Round;
	readonly unit: string;
	/** The highest ratio that meets the target. A row without a target is only informative. */
	readonly target?: number | undefined;
}

/**
 * The figures of each compared program in each round. A program that has failed is not run again, and its row in the table shows the
 * reason.
 */
export class Rounds<Name extends string, Round extends { readonly [What in keyof Round]: number }> {
	readonly #seen = new Map<Name, Round[]>();
	readonly #faults = new Map<Name, string>();
	readonly #signal: AbortSignal;

	/** @param signal - aborts at the deadline of the measure. No round is started afterwards. */
	constructor(signal: AbortSignal) {
		this.#signal = signal;
	}

	/** Runs a round of a compared program and records its figures, unless `counts` is false (a warm-up round). */
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

	/** The error of a compared program that has failed; undefined if it has not failed. */
	fault(name: Name): string | undefined {
		return this.#faults.get(name);
	}

	/** One figure for each round; an empty list for a compared program that has failed. */
	of(name: Name, what: keyof Round): number[] {
		return this.#faults.has(name) ? [] : (this.#seen.get(name) ?? []).map((round) => round[what]);
	}

	/** A row that compares two programs. Their ratio is formed for each round, and the row shows the median. */
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
