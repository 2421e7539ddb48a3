import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join, resolve } from "node:path";
import { holds, type Measure, shown, spread, type Verdict } from "./measure-and-table-row.ts";

const repository = resolve(import.meta.dirname, "../../../..");
const page = join(repository, "docs/performance.md");
const [start, end] = ["<!-- bench -->", "<!-- /bench -->"];

/** The results of one run of the benchmark. */
export type Sections = readonly { readonly measure: Measure; readonly verdicts: readonly Verdict[] }[];

/** Formats a row for a terminal. */
export function lineOf(verdict: Verdict): string {
	const [measure, ours, against, figure, target, met] = cellsOf(verdict);
	return `  ${met.padEnd(5)} ${measure}: ${ours} against ${against}; ${figure} ${target}`;
}

/** Formats the results as Markdown. */
export function tableOf(sections: Sections): string {
	return sections
		.map(({ measure, verdicts }) => {
			const head = "| measure | ours | against | figure | target | met |\n| --- | --- | --- | --- | --- | --- |";
			const rows = verdicts.map((verdict) => `| ${cellsOf(verdict).join(" | ")} |`);
			return `### ${measure.id}\n\n${measure.about}\n\n${[head, ...rows].join("\n")}\n`;
		})
		.join("\n");
}

/** Writes the tables into docs/performance.md, between the two marker comments. */
export function writePage(sections: Sections, { quick, partial }: { quick: boolean; partial: boolean }): void {
	const text = readFileSync(page, "utf8");
	const [head = "", rest = ""] = text.split(start);
	const tail = rest.split(end)[1] ?? "\n";
	const { node = "", undici = "" } = process.versions;
	const kind = `${quick ? ", quick rounds: not for publishing" : ""}${partial ? ", some measures only" : ""}`;
	const date = new Date().toISOString().slice(0, 10);
	const where = `Run of ${date}, Node ${node} (undici ${undici}), ${cpus().length} cores (${cpus()[0]?.model.trim() ?? ""}), load ${shown(loadavg()[2] ?? 0)} over the last quarter of an hour${kind}.`;
	const verdicts = sections.flatMap((section) => section.verdicts);
	const misses = verdicts.filter((verdict) => holds(verdict) === false).length;
	const met = verdicts.filter((verdict) => holds(verdict) === true).length;
	const unrun = verdicts.filter(({ figure }) => figure === undefined).length;
	const sum = `${met} targets met, ${misses} missed, ${unrun} lines not run.`;
	writeFileSync(page, `${head}${start}\n\n${where} ${sum}\n\n${tableOf(sections)}\n${end}${tail}`);
}

type Cells = [measure: string, ours: string, against: string, figure: string, target: string, met: string];

function cellsOf(verdict: Verdict): Cells {
	const { measure, ours, against, figure, target, unit, note } = verdict;
	const value =
		figure === undefined ? "" : typeof figure === "number" ? `${shown(figure)} ${unit}`.trim() : spread(figure, unit);
	const wanted =
		target === undefined ? "" : "atMost" in target ? `≤ ${target.atMost} ${unit}` : `≥ ${target.atLeast} ${unit}`;
	const judged = holds(verdict);
	const met = judged === undefined ? (figure === undefined ? "not run" : "") : judged ? "yes" : "**no**";
	return [measure, ours, against, `${value}${note === undefined ? "" : ` ${note}`}`.trim(), wanted.trim(), met];
}
