import { appendFileSync, chmodSync } from "node:fs";
import type { DrillRecord } from "./drill-record.ts";

/** The file of the drills: beside the state, under its name. */
export function drillFileOf({ file }: { readonly file: string }): string {
	return `${file.replace(/(\.state)?\.json$/, "")}.drills.jsonl`;
}

/** Adds a record. The file is readable by its owner only. @throws Error of Node.js. */
export function appendDrill(file: string, record: DrillRecord): void {
	appendFileSync(file, `${JSON.stringify(record)}\n`, { mode: 0o600, flag: "a" });
	// Of a file that was there, it would keep the mode.
	chmodSync(file, 0o600);
}
