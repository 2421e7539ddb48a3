import type { HistoryQuery, HistoryRow, HistoryRows } from "./store.ts";
import type { TimelineSessions } from "./timeline.ts";

/** What the thread of the history does for the main thread: arguments and results, structured-cloneable. */
export interface HistoryCalls {
	/** Opens the store, unless it is open. */
	open: { readonly args: undefined; readonly result: undefined };
	/** Stores rows, and removes a few old ones. */
	append: { readonly args: readonly HistoryRow[]; readonly result: undefined };
	page: { readonly args: HistoryQuery; readonly result: HistoryRows };
	/** A timeline as JSON. */
	timeline: {
		readonly args: { readonly from: number; readonly to: number; readonly sessions: TimelineSessions };
		readonly result: string;
	};
	/** Removes some old records. Says whether there are more. */
	prune: { readonly args: undefined; readonly result: boolean };
	close: { readonly args: undefined; readonly result: undefined };
}

/** A call, from the main thread. */
export type HistoryRequest = {
	[Method in keyof HistoryCalls]: {
		readonly id: number;
		readonly method: Method;
		readonly args: HistoryCalls[Method]["args"];
	};
}[keyof HistoryCalls];

/** The store was opened for this call. */
export interface Opened {
	/** The largest id in it, 0 in an empty one. */
	readonly lastId: number;
	/** What was found and mended, if anything. */
	readonly repaired?: string;
}

/** The answer. A failure is a text for a person, without secrets. */
export type HistoryReply = { readonly id: number; readonly opened?: Opened } & (
	| { readonly result: HistoryCalls[keyof HistoryCalls]["result"] }
	| { readonly failure: string }
);
