import { appendFileSync, chmodSync } from "node:fs";
import type { DrillRecord } from "./drill-record.ts";

/** The path of the file with the results of drills: beside the state file, under its name. */
export function drillFileOf({ file }: { readonly file: string }): string {
	return `${file.replace(/(\.state)?\.json$/, "")}.drills.jsonl`;
}

/** Adds a record to the file, which only its owner can read. @throws Error of Node.js. */
export function appendDrill(file: string, record: DrillRecord): void {
	appendFileSync(file, `${JSON.stringify(record)}\n`, { mode: 0o600, flag: "a" });
	// An existing file would keep its mode.
	chmodSync(file, 0o600);
}
