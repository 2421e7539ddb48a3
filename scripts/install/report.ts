import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../testing/run.ts";

/** One line of the table. */
export interface Row {
	readonly what: string;
	/** Undefined when it was not run. */
	readonly ok: boolean | undefined;
	readonly detail: string;
}

/** One table. */
export interface Section {
	readonly title: string;
	readonly rows: readonly Row[];
}

const [start, end] = ["<!-- install -->", "<!-- /install -->"];

export function print({ title, rows }: Section): void {
	console.log(`\n${title}`);
	for (const { what, ok, detail } of rows) console.log(`  ${mark(ok).padEnd(8)} ${what}: ${detail}`);
}

/** Writes the tables into docs/runtimes.md, between its markers. */
export function writePage(sections: readonly Section[]): void {
	const page = join(repository, "docs/runtimes.md");
	const text = readFileSync(page, "utf8");
	const [head = ""] = text.split(start);
	const tail = text.split(end)[1] ?? "\n";
	const rows = sections.flatMap((section) => section.rows);
	const count = (wanted: boolean | undefined): number => rows.filter(({ ok }) => ok === wanted).length;
	const sum = `Run of ${new Date().toISOString().slice(0, 10)}: ${count(true)} ok, ${count(false)} failed, ${count(undefined)} not run.`;
	const tables = sections.map(({ title, rows: lines }) => {
		const cells = lines.map(({ what, ok, detail }) => `| ${what} | ${mark(ok)} | ${detail.replaceAll("|", "\\|")} |`);
		return [`### ${title}`, "", "| what | | |", "| --- | --- | --- |", ...cells, ""].join("\n");
	});
	writeFileSync(page, `${head}${start}\n\n${sum}\n\n${tables.join("\n")}\n${end}${tail}`);
}

function mark(ok: boolean | undefined): string {
	return ok === undefined ? "not run" : ok ? "ok" : "**failed**";
}
