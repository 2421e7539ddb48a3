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
