import type { Figure } from "./round-statistics.ts";

/** One row of the table: what was measured, what it is compared with, and the target. */
export interface Verdict {
	/** What was measured, as text. */
	readonly measure: string;
	/** Our figure as text, with its unit. */
	readonly ours: string;
	/** The name of the program that our figure is compared with, and its figure, as text. */
	readonly against: string;
	/** The ratio or figure to which the target applies; undefined if a compared program was not run or has failed. */
	readonly figure: Figure | number | undefined;
	/** The highest (or lowest) `figure` that meets the target. */
	readonly target: { readonly atMost: number } | { readonly atLeast: number } | undefined;
	/** Unit of `figure`; `x` for a ratio. */
	readonly unit: string;
	/** Why there is no figure, or a remark on the figure. */
	readonly note?: string;
}

/** A measure of the benchmark. */
export interface Measure {
	readonly id: string;
	/** What is measured and how, in a sentence for docs/performance.md. */
	readonly about: string;
	/** Deadline of the whole measure, in milliseconds. */
	readonly boundMs: number;
	/** Whether the measure mostly waits, so that it can run at the same time as neighbouring measures with this flag. Default false. */
	readonly overlaps?: boolean;
	run(mode: Mode): Promise<Verdict[]>;
}

/** Options of a run of a measure. */
interface Mode {
	/** Whether to run fewer and shorter rounds, whose results are not for publishing. */
	readonly quick: boolean;
	/** A signal that aborts at the deadline of the measure. */
	readonly signal: AbortSignal;
}

/** Whether the figure meets the target; undefined without a target or a figure. */
export function holds({ figure, target }: Verdict): boolean | undefined {
	if (figure === undefined || target === undefined) return undefined;
	const value = typeof figure === "number" ? figure : figure.median;
	return "atMost" in target ? value <= target.atMost : value >= target.atLeast;
}

/** Formats a number with as many digits as are significant. */
export function shown(value: number): string {
	if (!Number.isFinite(value)) return String(value);
	const size = Math.abs(value);
	if (size >= 100) return value.toFixed(0);
	if (size >= 10) return value.toFixed(1);
	return size >= 1 || size === 0 ? value.toFixed(2) : value.toPrecision(2);
}

/** Formats a figure: the median, and the minimum and maximum in brackets. */
export function spread({ median, low, high }: Figure, unit: string): string {
	const space = unit === "" || unit === "x" ? "" : " ";
	return `${shown(median)}${space}${unit} (${shown(low)} to ${shown(high)})`;
}
