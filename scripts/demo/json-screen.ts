import type { Screen } from "./screen.ts";

/** Prints records as JSON lines on stdout; everything else goes to stderr. */
export function jsonScreen(out: NodeJS.WritableStream, narrative: NodeJS.WritableStream): Screen {
	return {
		changed: (record) => out.write(`${JSON.stringify(record)}\n`),
		explain: (text) => narrative.write(`${text}\n`),
		tell: (text) => narrative.write(`${text}\n`),
		end: (summary) => out.write(`${JSON.stringify(summary)}\n`),
	};
}
