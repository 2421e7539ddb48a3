import type { Database } from "./database-query.ts";
import { createTable, openDatabase, type PostgresStoreOptions } from "./options.ts";

/**
 * The database and the table in which the pulses are stored. Give either `url` or `query`. Default of `table`: `keepalive_pulse`.
 */
export type PostgresPulseStoreOptions = PostgresStoreOptions;

/**
 * Shares the pulses of programs between processes on several machines. A pulse is the report of a program, such as a bot, that
 * the program is healthy. The table has one row for each pair of a program and a process that saw a pulse of that program.
 */
export interface PostgresPulseStore {
	/**
	 * Creates the table if it is missing. The right to create tables is needed only in that case. Several processes may call this
	 * at once.
	 */
	createTable(signal?: AbortSignal): Promise<void>;
	/**
	 * Records when a process saw a pulse of a program. The database stores the time `at`, even if it executes the
	 * statement later.
	 *
	 * @param name - the name of the program.
	 * @param holder - an id of the process that saw the pulse, unique for each start of that process.
	 * @param at - when the process saw the pulse, in epoch milliseconds by the clock of the database. Compute it as
	 * {@link PulseReading.now} of an earlier reading plus the time since then.
	 */
	write(name: string, holder: string, at: number, signal: AbortSignal): Promise<void>;
	/**
	 * Reads the clock of the database and, for each process other than this one, when it last saw a pulse of the program.
	 * Returns at most twenty processes, those with the latest pulses.
	 *
	 * @param holder - the id of this process. Pulses that this process saw itself are left out.
	 */
	read(name: string, holder: string, signal: AbortSignal): Promise<PulseReading>;
	/**
	 * Deletes the rows of a program that are more than a day old. Each start of a process adds a row that otherwise stays
	 * forever. Needs the right to delete rows.
	 */
	deleteOld(name: string, signal: AbortSignal): Promise<void>;
	/**
	 * Closes the connections that the store made to its `url`. Connections of your own, which `query` uses, stay open. Never
	 * rejects.
	 */
	close(): Promise<void>;
}

/** The result of {@link PostgresPulseStore.read}. Times are epoch milliseconds by the clock of the database. */
export interface PulseReading {
	readonly now: number;
	/**
	 * The pulses that other processes saw, the latest first. Ignore a pulse that is later than `now`: it was written before the
	 * clock of the database was set back.
	 */
	readonly others: readonly SharedPulse[];
}

/** A pulse that another process has seen. */
export interface SharedPulse {
	/** The id of the process that saw the pulse. */
	readonly holder: string;
	/** When that process saw the pulse, in epoch milliseconds by the clock of the database. */
	readonly at: number;
}

/**
 * A store for pulses in PostgreSQL. Each read and each write is one statement, and all times are by the clock of the database.
 * The store does not connect before its first call.
 *
 * @throws OptionError
 */
export function postgresPulseStore(options: PostgresPulseStoreOptions): PostgresPulseStore {
	const { database, table } = openDatabase(options, "keepalive_pulse");
	return new Store(database, table);
}

/**
 * Returns the SQL expression for a point in time in epoch milliseconds.
 *
 * @param instant - an SQL expression for that point in time.
 */
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
		// A stored pulse with a time in the future was written before the clock of the database was set back, so the new pulse
		// replaces it.
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
