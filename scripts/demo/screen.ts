import type { StatusRecord } from "@x/keepalive";
import type { Summary } from "./summary.ts";

/** The output of the demo: a terminal, plain lines or JSON. */
export interface Screen {
	/** Shows a status change of a session. */
	changed(record: StatusRecord): void;
	/** Shows an event: a fault was injected, or orders were cancelled. */
	tell(text: string): void;
	/** Shows an explanation of how to read the demo, before the demo begins. */
	explain(text: string): void;
	/** Prints the summary. */
	end(summary: Summary): void;
}

/** Prints records as JSON lines on stdout; everything else goes to stderr. */
export function jsonScreen(out: NodeJS.WritableStream, narrative: NodeJS.WritableStream): Screen {
	return {
		changed: (record) => out.write(`${JSON.stringify(record)}\n`),
		explain: (text) => narrative.write(`${text}\n`),
		tell: (text) => narrative.write(`${text}\n`),
		end: (summary) => out.write(`${JSON.stringify(summary)}\n`),
	};
}
