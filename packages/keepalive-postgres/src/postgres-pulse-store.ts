import type { Database } from "./database-query.ts";
import { createTable, openDatabase, type PostgresStoreOptions } from "./options.ts";

/** Where the pulses are kept. Give either `url` or `query`. The table is `keepalive_pulse` by default. */
export type PostgresPulseStoreOptions = PostgresStoreOptions;

/** Pulses of programs, such as bots, that processes on several machines have to know of: one row for each program and process. */
export interface PostgresPulseStore {
	/** Creates the table if it is not there, which is all that needs the right to create one. Safe to call from several processes at once. */
	createTable(signal?: AbortSignal): Promise<void>;
	/**
	 * Records that a program lives. A statement that is carried out late says nothing newer than it said when it was sent.
	 *
	 * @param name - of the program.
	 * @param holder - of the process that saw it: unique for each start.
	 * @param at - when that was: epoch milliseconds by the clock of the database, such as {@link PulseReading.now} and what has passed since.
	 */
	write(name: string, holder: string, at: number, signal: AbortSignal): Promise<void>;
	/**
	 * Reads the clock of the database, and the latest pulse of a program that each other process has seen, of twenty of them at most.
	 *
	 * @param holder - of this process, whose own pulses do not count.
	 */
	read(name: string, holder: string, signal: AbortSignal): Promise<PulseReading>;
	/** Deletes pulses of a program that are more than a day old: each start of a process leaves one. It needs the right to delete. */
	deleteOld(name: string, signal: AbortSignal): Promise<void>;
	/** Closes the connections of a store with a `url`. Those of your own `query` stay open. Never rejects. */
	close(): Promise<void>;
}

/** What {@link PostgresPulseStore.read} found. Instants are epoch milliseconds by the clock of the database. */
export interface PulseReading {
	readonly now: number;
	/** The latest first. One later than `now` was given before the clock of the database was set back, and says nothing. */
	readonly others: readonly SharedPulse[];
}

/** A pulse that another process has seen. */
export interface SharedPulse {
	/** The process that saw it. */
	readonly holder: string;
	/** When it was given: epoch milliseconds by the clock of the database. */
	readonly at: number;
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

/** @param instant - an expression. */
const msOf = (instant: string): string => `extract(epoch FROM ${instant}) * 1000`;

class Store implements PostgresPulseStore {
	readonly #database: Database;
	readonly #table: string;

	constructor(database: Database, table: string) {
		this.#database = database;
		this.#table = table;
	}

	createTable(signal?: AbortSignal): Promise<void> {
		const columns = "name text NOT NULL, holder text NOT NULL, at timestamptz NOT NULL, PRIMARY KEY (name, holder)";
		return createTable(this.#database, this.#table, columns, signal);
	}

	async write(name: string, holder: string, at: number, signal: AbortSignal): Promise<void> {
		// A pulse in the future was given before the clock of the database was set back.
		const text = `INSERT INTO ${this.#table} AS row (name, holder, at) VALUES ($1, $2, to_timestamp($3::float8 / 1000))
			ON CONFLICT (name, holder) DO UPDATE
			SET at = CASE WHEN row.at > clock_timestamp() THEN excluded.at ELSE greatest(row.at, excluded.at) END`;
		await this.#ask(text, [name, holder, at], signal);
	}

	async read(name: string, holder: string, signal: AbortSignal): Promise<PulseReading> {
		const text = `SELECT ${msOf("clock_timestamp()")} AS now, other.holder, ${msOf("other.at")} AS at
			FROM (SELECT) AS one LEFT JOIN LATERAL
				(SELECT holder, at FROM ${this.#table} WHERE name = $1 AND holder <> $2 ORDER BY at DESC LIMIT 20) AS other ON true
			ORDER BY other.at DESC`;
		const rows = await this.#ask(text, [name, holder], signal);
		const others = rows.flatMap(({ holder: other, at }) =>
			typeof other === "string" ? [{ holder: other, at: Number(at) }] : [],
		);
		return { now: Number(rows[0]?.["now"]), others };
	}

	async deleteOld(name: string, signal: AbortSignal): Promise<void> {
		const text = `DELETE FROM ${this.#table} WHERE name = $1 AND at < clock_timestamp() - interval '1 day'`;
		await this.#ask(text, [name], signal);
	}

	close(): Promise<void> {
		return this.#database.close();
	}

	async #ask(text: string, params: readonly (string | number)[], signal: AbortSignal) {
		signal.throwIfAborted();
		return this.#database.query(text, params, signal);
	}
}
