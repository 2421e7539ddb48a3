import type { StatusRecord } from "@x/keepalive";
import type { Summary } from "./summary.ts";

/** Where the demo's story goes. One for a terminal, one for plain lines, one for JSON. */
export interface Screen {
	/** A session changed. */
	changed(record: StatusRecord): void;
	/** Something was done or seen: a plug pulled, orders cancelled. */
	tell(text: string): void;
	/** The last word. */
	end(summary: Summary): void;
}
