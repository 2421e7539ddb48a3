import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../testing/run-command.ts";

/** One row of a table. */
export interface Row {
	readonly what: string;
	/** Whether the check passed; undefined when it was not run. */
	readonly ok: boolean | undefined;
	readonly detail: string;
}

/** Creates a row. Its check has passed if there is no problem. */
export function row(what: string, problem: string | undefined, detail: string): Row {
	return { what, ok: !problem, detail: problem || detail };
}

/** One table, in Markdown. */
export function table(title: string, rows: readonly Row[]): string {
	const cells = rows.map(({ what, ok, detail }) => {
		const result = ok === undefined ? "not run" : ok ? "ok" : "**failed**";
		return `| ${what} | ${result} | ${detail.replaceAll("|", "\\|")} |`;
	});
	return [`### ${title}`, "", "| what | | |", "| --- | --- | --- |", ...cells, ""].join("\n");
}

/** Writes the tables into docs/runtimes.md, between the two marker comments there. */
export function writePage(summary: string, tables: readonly string[]): void {
	const page = join(repository, "docs/runtimes.md");
	const text = readFileSync(page, "utf8");
	const between = /(?<=<!-- install -->\n)[\s\S]*(?=<!-- \/install -->)/;
	const day = new Date().toISOString().slice(0, 10);
	writeFileSync(
		page,
		text.replace(between, () => `\nRun of ${day}: ${summary}.\n\n${tables.join("\n")}\n`),
	);
}
