import type { StatusRecord } from "@x/keepalive";
import type { Summary } from "./summary.ts";

/** The output of the demo: a terminal, plain lines or JSON. */
export interface Screen {
	/** A session changed. */
	changed(record: StatusRecord): void;
	/** Something happened: a fault was injected, orders were cancelled. */
	tell(text: string): void;
	/** Something to know about the demo itself, before it begins. */
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
