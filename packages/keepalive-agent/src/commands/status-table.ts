import { statusText } from "../agent/session-view.ts";
import type { components } from "../generated/schema.ts";

/** What `keepalive status` prints for a person: a line for each session. */
export function statusTable({ at, sessions }: components["schemas"]["SessionList"]): string {
	const rows = sessions.map(({ name, venue, ready, armed, status, tally }) => [
		name,
		venue,
		armed ? "ARMED" : ready ? "alive" : "NOT READY",
		tally.lastBeatAt === undefined ? "no proof yet" : `proof ${age(at - tally.lastBeatAt)} old`,
		statusText(status),
	]);
	const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
	return rows.map((row) => row.map((text, column) => text.padEnd(widths[column] ?? 0)).join("  ")).join("\n");
}

const age = (ms: number): string => `${Math.max(0, Math.round(ms / 100) / 10)} s`;
