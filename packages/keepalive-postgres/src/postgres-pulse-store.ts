import type { Database } from "./database-query.ts";
import { createTable, openDatabase, type PostgresStoreOptions } from "./options.ts";

/** Where the pulses are kept. Give either `url` or `query`. The table is `keepalive_pulse` by default. */
export type PostgresPulseStoreOptions = PostgresStoreOptions;

/** Pulses of programs, such as bots, that processes on several machines have to know of: one row for each program and process. */
export interface PostgresPulseStore {
	/** Creates the table if it is not there, which is all that needs the right to create one. Safe to call from several processes at once. */
	createTable(signal?: AbortSignal): Promise<void>;
	/**
	 * Records that a program lives.
	 *
	 * @param name - of the program.
	 * @param holder - of the process that saw it: unique for each start.
	 * @param ageMs - how long ago that was, in milliseconds.
	 */
	write(name: string, holder: string, ageMs: number, signal: AbortSignal): Promise<void>;
	/**
	 * The latest pulse of a program that another process has seen, by the clock of the database.
	 *
	 * @param holder - of this process, whose own pulses do not count.
	 * @returns undefined when there is none.
	 */
	readOthers(name: string, holder: string, signal: AbortSignal): Promise<SharedPulse | undefined>;
	/** Closes the connections of a store with a `url`. Those of your own `query` stay open. Never rejects. */
	close(): Promise<void>;
}

/** A pulse that another process has seen. */
export interface SharedPulse {
	/** The process that saw it. */
	readonly holder: string;
	/** Grows with each pulse that this process sees. */
	readonly count: number;
	/** How long ago it was given, in milliseconds by the clock of the database. Below 0 when that clock was set back. */
	readonly ageMs: number;
}

/**
 * Pulses in PostgreSQL. Each step is one statement, and only the clock of the database counts. Nothing connects before the first call.
 *
 * @throws OptionError
 */
export function postgresPulseStore(options: PostgresPulseStoreOptions): PostgresPulseStore {
	const { database, table } = openDatabase(options, "keepalive_pulse");
	return new Store(database, table);
}

class Store implements PostgresPulseStore {
	readonly #database: Database;
	readonly #table: string;

	constructor(database: Database, table: string) {
		this.#database = database;
		this.#table = table;
	}

	createTable(signal?: AbortSignal): Promise<void> {
		const columns =
			"name text NOT NULL, holder text NOT NULL, count bigint NOT NULL, at timestamptz NOT NULL, PRIMARY KEY (name, holder)";
		return createTable(this.#database, this.#table, columns, signal);
	}

	async write(name: string, holder: string, ageMs: number, signal: AbortSignal): Promise<void> {
		// Rows of processes that ended a day ago go.
		const text = `WITH old AS (DELETE FROM ${this.#table} WHERE name = $1 AND holder <> $2 AND at < clock_timestamp() - interval '1 day')
			INSERT INTO ${this.#table} AS row (name, holder, count, at)
			VALUES ($1, $2, 1, clock_timestamp() - $3::float8 * interval '1 millisecond')
			ON CONFLICT (name, holder) DO UPDATE SET count = row.count + 1, at = excluded.at`;
		await this.#ask(text, [name, holder, ageMs], signal);
	}

	async readOthers(name: string, holder: string, signal: AbortSignal): Promise<SharedPulse | undefined> {
		const text = `SELECT holder, count, extract(epoch FROM clock_timestamp() - at) * 1000 AS age_ms
			FROM ${this.#table} WHERE name = $1 AND holder <> $2 ORDER BY at DESC LIMIT 1`;
		const [row] = await this.#ask(text, [name, holder], signal);
		return row && { holder: String(row["holder"]), count: Number(row["count"]), ageMs: Number(row["age_ms"]) };
	}

	close(): Promise<void> {
		return this.#database.close();
	}

	async #ask(text: string, params: readonly (string | number)[], signal: AbortSignal) {
		signal.throwIfAborted();
		return this.#database.query(text, params, signal);
	}
}
