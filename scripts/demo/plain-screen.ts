import { alignColumns } from "@x/base/align-columns";
import { duration, statusLines } from "./format-status-lines.ts";
import type { Screen } from "./screen.ts";
import type { Summary } from "./summary.ts";

/** Prints one line per event, with the seconds since the start. */
export function plainScreen(out: NodeJS.WritableStream): Screen {
	const started = Date.now();
	const write = (text: string): void => {
		out.write(`${((Date.now() - started) / 1_000).toFixed(1).padStart(6)} s  ${text}\n`);
	};
	const describe = statusLines();
	return {
		changed: (record) => {
			const { head, reason } = describe(record);
			write(reason ? `${head}  ${reason}` : head);
		},
		tell: (text) => write(`--- ${text}`),
		explain: (text) => out.write(`${text}\n`),
		end: (summary) => {
			for (const text of summaryLines(summary)) out.write(`${text}\n`);
		},
	};
}

const nextSteps =
	'Next steps: "npm run sims" serves these simulators for programs of your own. README.md, "Three venues, kept alive", has one ' +
	"to start with. docs/production.md says what to set up before it trades.";

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
		"As it was before the sessions were stopped:",
		...alignColumns([["session", "status", "protection", "exposure", "losses", "recoveries", "cancelled"], ...rows]),
		"",
		nextSteps,
	];
}
