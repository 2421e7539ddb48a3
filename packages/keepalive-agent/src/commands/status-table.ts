import { signAges, statusText } from "../agent/session-view.ts";
import type { components } from "../generated/schema.ts";

/** What `keepalive status` prints for a person: a line for each session. */
export function statusTable({ at, sessions }: components["schemas"]["SessionList"]): string {
	const rows = sessions.map(({ name, venue, ready, armed, status, tally }) => {
		const { verifiedAgeMs, lastBeatAgeMs } = signAges({ status, tally }, at);
		return [
			name,
			venue,
			armed ? "ARMED" : ready ? "alive" : "NOT READY",
			lastBeatAgeMs === undefined ? "no beat yet" : `beat ${age(lastBeatAgeMs)} ago`,
			verifiedAgeMs === undefined ? "not read back" : `read back ${age(verifiedAgeMs)} ago`,
			statusText(status),
		];
	});
	const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
	return rows.map((row) => row.map((text, column) => text.padEnd(widths[column] ?? 0)).join("  ")).join("\n");
}

const age = (ms: number): string => `${Math.round(ms / 100) / 10} s`;
