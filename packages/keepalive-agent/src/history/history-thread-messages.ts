import type { HistoryQuery, HistoryRow, HistoryRows } from "./history-store.ts";
import type { TimelineSessions } from "./timeline.ts";

/** The calls that the main thread makes to the history's thread. Arguments and results can be cloned by `postMessage`. */
export interface HistoryCalls {
	/** Opens the store (the file or database of the history) if it is not open. */
	open: { readonly args: undefined; readonly result: undefined };
	/** Stores rows, and removes some of the records that are too old or too many. */
	append: { readonly args: readonly HistoryRow[]; readonly result: undefined };
	page: { readonly args: HistoryQuery; readonly result: HistoryRows };
	/** Resolves with the timeline of the sessions, as JSON text. */
	timeline: {
		readonly args: { readonly from: number; readonly to: number; readonly sessions: TimelineSessions };
		readonly result: string;
	};
	/** Removes some of the records that are too old or too many. Resolves with true if more of them are left. */
	prune: { readonly args: undefined; readonly result: boolean };
	close: { readonly args: undefined; readonly result: undefined };
}

/** A message from the main thread: one call with its arguments. */
export type HistoryRequest = {
	[Method in keyof HistoryCalls]: {
		readonly id: number;
		readonly method: Method;
		readonly args: HistoryCalls[Method]["args"];
	};
}[keyof HistoryCalls];

/** What the thread found when it opened the history's file or database. */
export interface Opened {
	/** The largest id of a stored record; 0 if the store is empty. */
	readonly lastId: number;
	/** Describes the damage of the history file that was found and repaired; missing if there was none. */
	readonly repaired?: string;
}

/** The answer to one call. A failure is a text for a person and contains no secrets. */
export type HistoryReply = { readonly id: number; readonly opened?: Opened } & (
	| { readonly result: HistoryCalls[keyof HistoryCalls]["result"] }
	| { readonly failure: string }
);
