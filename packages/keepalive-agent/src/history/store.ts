import { sentence } from "@x/base/errors";
import type { AgentRecord } from "../agent/agent-record.ts";

/** A time for which records are missing, because they could not be stored. Kept beside the records. */
export interface GapRecord {
	readonly type: "gap";
	/** The earliest record that is missing, in epoch milliseconds. */
	readonly at: number;
	/** The latest record that is missing. */
	readonly to: number;
	readonly lostRecords: number;
}

/** What the history stores. */
export type HistoryRecord = AgentRecord | GapRecord;

/** A record as it is stored. */
export interface HistoryRow {
	/** Unique, and larger than those of all records before it. */
	readonly id: number;
	/** In epoch milliseconds. */
	readonly at: number;
	readonly type: HistoryRecord["type"];
	readonly session?: string;
	readonly json: string;
}

/** Which records a reader asks for: those of `from <= at < to`. */
export interface HistoryQuery {
	readonly from: number;
	readonly to: number;
	readonly session?: string;
	readonly type?: AgentRecord["type"];
	/** How many at most. */
	readonly limit: number;
	/** Only records written before the one with this id. */
	readonly before?: number;
}

/** Records, the latest first. */
export interface HistoryRows {
	/** Each as JSON. */
	readonly records: readonly string[];
	/** The `before` of the next page; missing when there are no older records. */
	readonly next?: number;
}

/** What pruning needs to know of a record. */
export interface RowSize {
	readonly id: number;
	readonly bytes: number;
}

/** Where the history is kept. One process writes, one call at a time, and reads meanwhile. */
export interface HistoryStore {
	/** What an open found and mended, if anything. */
	readonly repaired?: string;
	/** The largest id, 0 in an empty store. */
	readonly lastId: number;
	/** What all records together count as. See {@link sizeOf}. */
	readonly bytes: number;
	/** Stores all rows or none. A row whose id is there already is left out, so that a call can be repeated. */
	append(rows: readonly HistoryRow[]): Promise<void>;
	page(query: HistoryQuery): Promise<HistoryRows>;
	/** What was known before an instant: the last status record of each session, the last run event, and the last record of all. */
	before(at: number): Promise<readonly HistoryRow[]>;
	/** Up to `limit` records of `from <= at < to` in the order of writing, after the one with the id `after`. */
	window(from: number, to: number, after: number, limit: number): Promise<readonly HistoryRow[]>;
	/** The oldest records, in the order of writing; with `olderThan` those of before that instant, in the order of time. */
	oldest(limit: number, olderThan?: number): Promise<readonly RowSize[]>;
	remove(ids: readonly number[]): Promise<void>;
	close(): Promise<void>;
}

/** The schema of the tables. A store with a higher one was written by a later version, and is not touched. */
export const schemaVersion = 1;

/** What an index and a row need besides the JSON, measured with SQLite. */
const rowOverheadBytes = 120;

/** How many bytes a record counts as. */
export const sizeOf = ({ json }: Pick<HistoryRow, "json">): number => Buffer.byteLength(json) + rowOverheadBytes;

/** Events of the agent that say whether it ran. */
export const runEvents = ["started", "found-dead", "stopped"] as const;

/** The store could not do what was asked. The message says why, for a person, without secrets. */
export class HistoryStoreError extends Error {
	override readonly name = "HistoryStoreError";

	constructor(message: string) {
		super(sentence(message));
	}
}
