import type { Screen } from "./screen.ts";
import type { Summary } from "./summary.ts";
import { duration, line } from "./words.ts";

/** One line for each thing that happens, with the seconds since the start. */
export function plainScreen(out: NodeJS.WritableStream): Screen {
	const started = Date.now();
	const write = (text: string): void => {
		out.write(`${((Date.now() - started) / 1_000).toFixed(1).padStart(6)} s  ${text}\n`);
	};
	return {
		changed: (record) => write(line(record)),
		tell: (text) => write(`--- ${text}`),
		end: (summary) => {
			for (const text of summaryLines(summary)) out.write(`${text}\n`);
		},
	};
}

/** The summary as a small table for people. */
export function summaryLines({ sessions, cancelled }: Summary): string[] {
	const rows = Object.entries(sessions).map(([name, session]) => [
		name,
		session.status,
		session.protection,
		session.exposureMs === null ? "-" : duration(session.exposureMs),
		String(session.losses),
		String(session.recoveries),
		String(cancelled[name] ?? 0),
	]);
	return [
		"",
		...table([["session", "status", "protection", "exposure", "losses", "recoveries", "cancelled"], ...rows]),
	];
}

/** Rows in columns, each as wide as its widest cell. */
export function table(rows: readonly (readonly string[])[]): string[] {
	const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
	return rows.map((row) =>
		row
			.map((cell, column) => cell.padEnd(widths[column] ?? 0))
			.join("  ")
			.trimEnd(),
	);
}
