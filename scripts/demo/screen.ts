import type { StatusRecord } from "@x/keepalive";
import type { Summary } from "./summary.ts";

/** The output of the demo: a terminal, plain lines or JSON. */
export interface Screen {
	/** A session changed. */
	changed(record: StatusRecord): void;
	/** Something happened: a fault was injected, orders were cancelled. */
	tell(text: string): void;
	/** Prints the summary. */
	end(summary: Summary): void;
}
