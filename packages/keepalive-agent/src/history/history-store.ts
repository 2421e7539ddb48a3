import { sentence } from "@x/base/errors";
import type { AgentRecord } from "../agent/agent-record.ts";

/** A period for which records are missing because they could not be stored. It is stored like a record. */
export interface GapRecord {
	readonly type: "gap";
	/** The time of the earliest missing record, in epoch milliseconds. */
	readonly at: number;
	/** The time of the latest missing record, in epoch milliseconds. */
	readonly to: number;
	readonly lostRecords: number;
}

/** The records that the history stores. */
export type HistoryRecord = AgentRecord | GapRecord;

/** A record in the form in which it is stored. */
export interface HistoryRow {
	/** A unique id, larger than the ids of all records that were stored before. */
	readonly id: number;
	/** The time of the record, in epoch milliseconds. */
	readonly at: number;
	readonly type: HistoryRecord["type"];
	readonly session?: string;
	readonly json: string;
}

/** Which records a reader asks for: the records with `from <= at < to`, and with the given session and type. */
export interface HistoryQuery {
	readonly from: number;
	readonly to: number;
	readonly session?: string;
	readonly type?: AgentRecord["type"];
	/** At most this many records are returned. */
	readonly limit: number;
	/** Returns only records that were written before the record with this id. */
	readonly before?: number;
}

/** A page of records, the latest first. */
export interface HistoryRows {
	/** Each record as JSON. */
	readonly records: readonly string[];
	/** The value of `before` for the next page; missing if there are no older records. */
	readonly next?: number;
}

/** The size of one record. Old records are removed until the sum of all sizes is small enough. */
export interface RowSize {
	readonly id: number;
	readonly bytes: number;
}

/** The file or database in which the history is kept. One process writes to it, one call at a time; it may be read meanwhile. */
export interface HistoryStore {
	/** Describes the damage that was found and repaired when the history file was opened; missing if there was none. */
	readonly repaired?: string;
	/** The largest id of a record; 0 if there is no record. */
	readonly lastId: number;
	/** The sum of the sizes of all records in bytes, as {@link sizeOf} counts them. */
	readonly bytes: number;
	/** Stores all rows or none. A row whose id is stored already is ignored, so that a call can be repeated. */
	append(rows: readonly HistoryRow[]): Promise<void>;
	page(query: HistoryQuery): Promise<HistoryRows>;
	/**
	 * The last records before an instant, which show the state at that instant: the last status of each session, the last event that says
	 * whether the agent ran, and the last record of any type.
	 */
	before(at: number): Promise<readonly HistoryRow[]>;
	/** Up to `limit` records with `from <= at < to` whose id is larger than `after`, in the order of writing. */
	window(from: number, to: number, after: number, limit: number): Promise<readonly HistoryRow[]>;
	/** Up to `limit` records, in the order of writing. With `olderThan`: only records from before that instant, the earliest first. */
	oldest(limit: number, olderThan?: number): Promise<readonly RowSize[]>;
	remove(ids: readonly number[]): Promise<void>;
	close(): Promise<void>;
}

/** The schema version of the tables. A store with a higher version was written by a later release, and is not changed. */
export const schemaVersion = 1;

/** How many bytes a row and its index entries need in addition to the JSON, measured with SQLite. */
const rowOverheadBytes = 120;

/** The size of a record in bytes, as the option `maxBytes` counts it. */
export const sizeOf = ({ json }: Pick<HistoryRow, "json">): number => Buffer.byteLength(json) + rowOverheadBytes;

/** The events of the agent that say whether it was running. */
export const runEvents = ["started", "found-dead", "stopped"] as const;

/** Thrown when the history's file or database fails. The message says why, for a person, and contains no secrets. */
export class HistoryStoreError extends Error {
	override readonly name = "HistoryStoreError";

	constructor(message: string) {
		super(sentence(message));
	}
}
