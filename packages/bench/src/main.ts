/**
 * Compares our packages with a baseline and with popular libraries.
 *
 *   node main.ts                    everything, about 25 minutes
 *   node main.ts --quick            fewer and shorter rounds; not for publishing
 *   node main.ts --only probe,arm   some measures
 *   node main.ts --write            also write the table to docs/performance.md
 *
 * The libraries are installed into packages/bench/src/peers at first use. Every measure has a deadline. When a measure ends, the processes
 * that it started end, too.
 */
import { parseArgs } from "node:util";
import { endChildren } from "./harness/child-process.ts";
import { installPeers } from "./harness/compared-libraries.ts";
import type { Measure, Verdict } from "./harness/measure-and-table-row.ts";
import { groups } from "./harness/measure-groups.ts";
import { lineOf, tableOf, writePage } from "./harness/performance-page.ts";
import { attempt, reasonOf } from "./harness/result-or-error.ts";
import { measures } from "./measures/index.ts";

const { values } = parseArgs({
	options: { only: { type: "string" }, quick: { type: "boolean" }, write: { type: "boolean" } },
});
const only = values.only?.split(",");
const unknown = only?.filter((id) => !measures.some((measure) => measure.id === id)) ?? [];
if (unknown.length > 0) {
	console.error(`--only: unknown measure ${unknown.join(", ")}; known are ${measures.map(({ id }) => id).join(", ")}`);
	process.exit(2);
}

/** Runs one measure, until its deadline. Returns its rows, or one row with the error. */
async function bounded(measure: Measure): Promise<Verdict[]> {
	const cut = new AbortController();
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(() => {
			cut.abort();
			reject(new Error(`timed out after ${measure.boundMs} ms`));
		}, measure.boundMs);
	});
	try {
		return await Promise.race([measure.run({ quick: values.quick === true, signal: cut.signal }), late]);
	} catch (error) {
		console.error(error);
		process.exitCode = 1;
		const none = { ours: "", against: "", figure: undefined, target: undefined, unit: "" };
		return [{ measure: measure.id, ...none, note: `not run: ${reasonOf(error)}` }];
	} finally {
		clearTimeout(timer);
	}
}

/** Runs the measures of a group at the same time, and then ends their processes. */
async function together(group: readonly Measure[]): Promise<{ measure: Measure; verdicts: Verdict[] }[]> {
	const started = Date.now();
	const sections = await Promise.all(
		group.map(async (measure, index) => {
			// The measures start five seconds apart, because starting a process would disturb the first seconds of another measure.
			await new Promise((resolve) => setTimeout(resolve, index * 5_000));
			return { measure, verdicts: await bounded(measure), endedAt: Date.now() };
		}),
	);
	await endChildren();
	for (const { measure, verdicts, endedAt } of sections) {
		console.log(`\n${measure.id} (${Math.round((endedAt - started) / 1_000)} s)`);
		for (const verdict of verdicts) console.log(lineOf(verdict));
	}
	return sections;
}

const missing = await attempt(installPeers);
// Our packages and the baseline can run without the compared libraries. Rows that need a missing library show an error.
if (missing.fault !== undefined) console.error(missing.fault);
const sections: { measure: Measure; verdicts: Verdict[] }[] = [];
for (const group of groups(measures.filter(({ id }) => !only || only.includes(id)))) {
	sections.push(...(await together(group)));
}
if (values.write) writePage(sections, { quick: values.quick === true, partial: only !== undefined });
else console.log(`\n${tableOf(sections)}`);
process.exit();
