import { appendFileSync, chmodSync } from "node:fs";
import type { DrillRecord } from "./drill-record.ts";

/** The path of the file with the results of drills. The file is beside the state file and named after it. */
export function drillFileOf({ file }: { readonly file: string }): string {
	return `${file.replace(/(\.state)?\.json$/, "")}.drills.jsonl`;
}

/** Adds a record to the file, which only its owner can read. @throws Error of Node.js. */
export function appendDrill(file: string, record: DrillRecord): void {
	appendFileSync(file, `${JSON.stringify(record)}\n`, { mode: 0o600, flag: "a" });
	// The mode is set because an existing file keeps its mode when data is appended.
	chmodSync(file, 0o600);
}
