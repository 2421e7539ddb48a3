import { afterAll } from "vitest";
import { times } from "./two-machines.ts";

/** Each kind of failure is tried at this many random moments. `LEADER_KILLS=50` tries more moments. */
const instantCount = Number(process.env["LEADER_KILLS"] ?? 2);
/** One test, with one database server and its agents, tries at most this many moments. */
const batchSize = 10;
export const batchTimeoutMs = 290_000;
export const batches: readonly number[] = Array.from(
	{ length: Math.ceil(instantCount / batchSize) },
	(_, batch) => batch,
);

/** How many milliseconds starting, connecting, logging in and arming at a simulator may take on a busy machine. */
export const openMs = 4_000;
/** An agent must be armed again within this many milliseconds after the leader has failed. */
export const statedMs = times.ttlMs + times.pollMs + openMs;

/**
 * Returns how many milliseconds to wait before each failure of one batch. The waits look random, but are the same in each run with the same
 * `seed`. The longest wait is two intervals between renewals of the lead.
 */
export function instantsOf(seed: number, batch: number): readonly number[] {
	let state = seed;
	const all = Array.from({ length: instantCount }, () => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return (state / 2 ** 32) * ((2 * times.ttlMs) / 3);
	});
	return all.slice(batch * batchSize, (batch + 1) * batchSize);
}

/** Returns a function that collects measured times by their kind. They are printed after the tests of the file. */
export function collectGaps(): (kind: string, ms: number) => void {
	const gaps = new Map<string, number[]>();
	afterAll(() => {
		for (const [kind, all] of gaps) {
			const sorted = all.toSorted((a, b) => a - b);
			const [least, median, most] = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
			console.info(
				`${kind}: ${all.length} gaps, min ${least} ms, median ${median} ms, max ${most} ms, stated ${statedMs} ms`,
			);
		}
	});
	return (kind, ms) => void gaps.set(kind, [...(gaps.get(kind) ?? []), Math.round(ms)]);
}

export const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
