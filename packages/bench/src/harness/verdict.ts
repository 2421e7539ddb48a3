import type { Figure } from "./figures.ts";

/** One line of the table: what was measured, against what, and whether the target of it is met. */
export interface Verdict {
	/** What was measured, for people. */
	readonly measure: string;
	/** Ours, with its unit. */
	readonly ours: string;
	/** What it is held against, with its figure. */
	readonly against: string;
	/** The ratio or the figure that the target speaks of; undefined when there is none because something was not run. */
	readonly figure: Figure | number | undefined;
	/** What `figure` must be at most (or at least). */
	readonly target: { readonly atMost: number } | { readonly atLeast: number } | undefined;
	/** `x` for a ratio. */
	readonly unit: string;
	/** Why there is no figure, or what a reader must know of it. */
	readonly note?: string;
}

/** A measure of the bench. */
export interface Measure {
	readonly id: string;
	/** What it is, and how it is measured, in a sentence for docs/performance.md. */
	readonly about: string;
	/** Ends within this many milliseconds, or is cut off. */
	readonly boundMs: number;
	/** Waits and hardly works: runs at the same time as its neighbours that say so too. Default false. */
	readonly overlaps?: boolean;
	run(mode: Mode): Promise<Verdict[]>;
}

/** How a measure is run. */
export interface Mode {
	/** Fewer and shorter rounds. */
	readonly quick: boolean;
	/** Aborts when it is cut off. */
	readonly signal: AbortSignal;
}

/** Whether the target is met; undefined when there is none or nothing was measured. */
export function holds({ figure, target }: Verdict): boolean | undefined {
	if (figure === undefined || target === undefined) return undefined;
	const value = typeof figure === "number" ? figure : figure.median;
	return "atMost" in target ? value <= target.atMost : value >= target.atLeast;
}

/** A number with as many digits as say something. */
export function shown(value: number): string {
	if (!Number.isFinite(value)) return String(value);
	const size = Math.abs(value);
	if (size >= 100) return value.toFixed(0);
	if (size >= 10) return value.toFixed(1);
	return size >= 1 || size === 0 ? value.toFixed(2) : value.toPrecision(2);
}

/** A figure with its spread. */
export function spread({ median, low, high }: Figure, unit: string): string {
	const space = unit === "" || unit === "x" ? "" : " ";
	return `${shown(median)}${space}${unit} (${shown(low)} to ${shown(high)})`;
}
