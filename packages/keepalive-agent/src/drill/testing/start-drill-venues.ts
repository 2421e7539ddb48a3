import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll } from "vitest";
import { runMain } from "../../testing/run-main.ts";
import { secrets, serveVenues, type VenueOptions } from "../../testing/serve-venues.ts";
import type { DrillRecord } from "../drill-record.ts";

const started: { close(): Promise<void> }[] = [];
// The hook is registered once for the whole file, because tests that run at the same time share their hooks.
afterAll(async () => {
	for (const each of started.splice(0)) await each.close();
});

/** Starts simulated venues with a configuration, and returns them with a function that runs `keepalive drill`. */
export async function drillStage(options: VenueOptions = {}) {
	const venues = await serveVenues(options);
	started.push(venues);
	const drills = join(venues.folder, "keepalive.drills.jsonl");
	return {
		...venues,
		/** Runs `keepalive drill --json`. `onStep` is called with each line of progress. */
		async drill(args: readonly string[], onStep: (line: string) => void = () => undefined, signal?: AbortSignal) {
			const err: string[] = [];
			const ran = await runMain(["drill", "-c", venues.file, "--json", ...args], {
				environment: secrets,
				...(signal && { interrupted: signal }),
				report: (line) => {
					err.push(line);
					onStep(line);
				},
			});
			// The cast states the type of what the command prints.
			const records = ran.out === "" ? [] : (JSON.parse(ran.out) as { drills: DrillRecord[] }).drills;
			return { code: ran.code, records, err: err.join("\n") };
		},
		/** Returns the records in the drill file, and the mode of that file. */
		written: () => ({
			records: readFileSync(drills, "utf8")
				.trim()
				.split("\n")
				.map((line): unknown => JSON.parse(line)),
			mode: statSync(drills).mode & 0o777,
		}),
	};
}
