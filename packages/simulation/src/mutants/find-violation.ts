import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type PoolOptions, playAll, RunFailed } from "../command/play-all-seeds.ts";
import { copySource } from "./copy-source.ts";
import type { Mutant } from "./mutant.ts";

/** The result for a mutant: whether and by what it was caught. */
export type MutantOutcome =
	| { readonly caught: true; readonly by: string; readonly rules: readonly string[] }
	| { readonly caught: false; readonly by: string };

/** Which seeds to play: those from 1 to `last`. */
export interface FindViolationOptions {
	readonly last: number;
}

/**
 * Finds out whether a mutant is caught. If a test catches it, runs this test. Otherwise plays seeds until one violates an invariant,
 * beginning with the seed that is known to catch it. Without a mutant, plays seeds of the unchanged source, none of which should violate an
 * invariant.
 *
 * @throws Error when the edit of the mutant no longer applies to the source.
 */
export async function findViolation(
	mutant: Mutant | undefined,
	{ last }: FindViolationOptions,
): Promise<MutantOutcome> {
	const copy = copySource();
	try {
		if (mutant) copy.apply(mutant);
		const known = mutant?.caughtBy;
		if (typeof known === "string") return runTest(copy.packages, known);
		const found = known === undefined ? undefined : await play(copy.worker, { first: known, last: known });
		return found ?? (await play(copy.worker, { first: 1, last })) ?? { caught: false, by: `${last} seeds` };
	} finally {
		copy.remove();
	}
}

/** A test that takes longer than this is ended, because a loop with a mistake may never end. */
const longestTestMs = 180_000;

/** Runs one test file of the copy. The mutant is caught if a test fails. */
function runTest(packages: string, file: string): MutantOutcome {
	const [name = "", ...rest] = file.split("/");
	const vitest = join(packages, "../node_modules/vitest/vitest.mjs");
	const folder = join(packages, name);
	const { status } = spawnSync(process.execPath, [vitest, "run", "--root", folder, rest.join("/")], {
		stdio: "ignore",
		timeout: longestTestMs,
	});
	if (status === null) return { caught: true, by: file, rules: [`did not end in ${longestTestMs} ms`] };
	const failed = failedTests(readFileSync(join(folder, "reports/vitest.json"), "utf8"));
	if (failed.length > 0) return { caught: true, by: file, rules: failed.slice(0, 2) };
	if (status !== 0) throw new Error(`${file} did not run: vitest ended with ${status}`);
	return { caught: false, by: file };
}

/** Names of the failed tests in vitest's JSON report. */
function failedTests(report: string): string[] {
	// The cast is safe: vitest's JSON reporter writes this format.
	const { testResults } = JSON.parse(report) as {
		readonly testResults: readonly {
			readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
		}[];
	};
	return testResults.flatMap(({ assertionResults }) =>
		assertionResults.filter(({ status }) => status === "failed").map(({ fullName }) => fullName),
	);
}

/** Plays seeds until one has violations. Returns these violations, or undefined if no seed has any. */
async function play(worker: string, range: Pick<PoolOptions, "first" | "last">): Promise<MutantOutcome | undefined> {
	let found: MutantOutcome | undefined;
	try {
		await playAll({
			...range,
			days: 1,
			jobs: 1,
			worker,
			isQuiet: true,
			onOutcome: ({ seed, violations }) => {
				if (violations.length === 0) return true;
				const rules = violations.map(({ rule, where }) => `${rule} (${where})`);
				found = { caught: true, by: `seed ${seed}`, rules: [...new Set(rules)] };
				return false;
			},
		});
	} catch (error) {
		if (!(error instanceof RunFailed)) throw error;
		return { caught: true, by: `seed ${error.seed}`, rules: [`f-no-end: ${error.message}`] };
	}
	return found;
}
