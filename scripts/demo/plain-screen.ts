import type { Screen } from "./screen.ts";
import type { Summary } from "./summary.ts";
import { duration, line } from "./words.ts";

/** Prints one line per event, with the seconds since the start. */
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

/** Formats the summary as a table. */
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

/** Formats rows in aligned columns. */
export function table(rows: readonly (readonly string[])[]): string[] {
	const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
	return rows.map((row) =>
		row
			.map((cell, column) => cell.padEnd(widths[column] ?? 0))
			.join("  ")
			.trimEnd(),
	);
}
