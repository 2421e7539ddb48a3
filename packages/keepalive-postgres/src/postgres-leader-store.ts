import type { LeaderNote, LeaderStore, StoredLeader, TakeResult } from "@x/keepalive/leader";
import type { Database } from "./database-query.ts";
import { createTable, openDatabase, type PostgresStoreOptions, packageName } from "./options.ts";

/**
 * The database and the table in which the leaders are stored. Give either `url` or `query`. Default of `table`:
 * `keepalive_leader`.
 */
export type PostgresLeaderStoreOptions = PostgresStoreOptions;

/** A leader store in PostgreSQL. Its table has one row for each name under which processes elect a leader. */
export interface PostgresLeaderStore extends LeaderStore {
	/**
	 * Creates the table if it is missing. The right to create tables is needed only in that case. Several processes may call this
	 * at once.
	 */
	createTable(signal?: AbortSignal): Promise<void>;
	/** Returns which process leads, and whether this process could lead. Changes nothing. */
	inspect(name: string, signal?: AbortSignal): Promise<LeaderInspection>;
	/**
	 * Closes the connections that the store made to its `url`. Connections of your own, which `query` uses, stay open. Never
	 * rejects.
	 */
	close(): Promise<void>;
}

/** The result of {@link PostgresLeaderStore.inspect}. */
export interface LeaderInspection {
	/** The process that leads now. Missing when no process leads. */
	readonly leader?: StoredLeader;
	/** Whether the database user may read and write the table, or create it if it is missing. */
	readonly mayLead: boolean;
}

/**
 * A leader store in PostgreSQL, for `leaderSession` of `@x/keepalive/leader`. Each change is one statement. Whether a leader has expired is
 * decided in that statement, by the clock of the database.
 *
 * Use one database that does not fail over, or synchronous replication: an asynchronous replica that becomes the primary may have
 * missed a change of the leader. The store does not connect before its first call.
 *
 * @throws OptionError
 */
export function postgresLeaderStore(options: PostgresLeaderStoreOptions): PostgresLeaderStore {
	const { database, table } = openDatabase(options, "keepalive_leader");
	return new Store(database, table);
}

/**
 * Returns the SQL expression for the time at which a leader expires if it takes or renews the lead now.
 *
 * @param ttl - the SQL parameter with the ttl in milliseconds, such as `$3`.
 */
const afterTtl = (ttl: string): string => `clock_timestamp() + ${ttl}::float8 * interval '1 millisecond'`;

/**
 * Returns the SQL expression for the milliseconds that have passed since a point in time.
 *
 * @param column - a column with that point in time.
 */
const msSince = (column: string): string => `extract(epoch FROM clock_timestamp() - ${column}) * 1000`;

function noteOf(row: Readonly<Record<string, unknown>>): { readonly note?: LeaderNote } {
	const { note: text, note_age_ms: ageMs } = row;
	return typeof text === "string" ? { note: { text, ageMs: Math.max(0, Number(ageMs)) } } : {};
}

class Store implements PostgresLeaderStore {
	readonly #database: Database;
	readonly #table: string;

	constructor(database: Database, table: string) {
		this.#database = database;
		this.#table = table;
	}

	createTable(signal?: AbortSignal): Promise<void> {
		const columns = `name text PRIMARY KEY, holder text NOT NULL, epoch bigint NOT NULL,
			since timestamptz NOT NULL, expires_at timestamptz NOT NULL, note text, noted_at timestamptz`;
		return createTable(this.#database, this.#table, columns, signal);
	}

	async take(name: string, holder: string, ttlMs: number, signal: AbortSignal): Promise<TakeResult> {
		const table = this.#table;
		const taken = await this.#ask(
			`INSERT INTO ${table} AS row (name, holder, epoch, since, expires_at)
			VALUES ($1, $2, 1, clock_timestamp(), ${afterTtl("$3")})
			ON CONFLICT (name) DO UPDATE SET holder = $2, epoch = row.epoch + 1, since = clock_timestamp(),
				expires_at = ${afterTtl("$3")}
			WHERE row.expires_at <= clock_timestamp() OR row.holder = $2
			RETURNING epoch, row.note, ${msSince("row.noted_at")} AS note_age_ms`,
			[name, holder, ttlMs],
			signal,
		);
		if (taken[0]) return { isTaken: true, epoch: Number(taken[0]["epoch"]), ...noteOf(taken[0]) };
		const leader = await this.#read(name, signal);
		if (leader) return { isTaken: false, leader };
		throw new Error(`${packageName}: the row of ${name} was deleted. Do not delete rows while processes use them.`);
	}

	async inspect(name: string, signal: AbortSignal = new AbortController().signal): Promise<LeaderInspection> {
		const [schema] = this.#table.includes(".") ? this.#table.split(".") : [];
		const [found] = await this.#ask(
			`SELECT to_regclass($1) IS NOT NULL AS is_there,
				CASE WHEN to_regclass($1) IS NULL THEN has_schema_privilege(${schema === undefined ? "current_schema()" : "$2"}, 'CREATE')
				ELSE has_table_privilege(to_regclass($1), 'SELECT') AND has_table_privilege(to_regclass($1), 'INSERT')
					AND has_table_privilege(to_regclass($1), 'UPDATE') END AS may_lead`,
			[this.#table, ...(schema === undefined ? [] : [schema])],
			signal,
		);
		const mayLead = found?.["may_lead"] === true;
		const leader = found?.["is_there"] === true && mayLead ? await this.#read(name, signal) : undefined;
		return { mayLead, ...(leader && leader.expiresInMs > 0 && { leader }) };
	}

	async renew(
		name: string,
		holder: string,
		epoch: number,
		ttlMs: number,
		signal: AbortSignal,
		note?: string,
	): Promise<boolean> {
		const setNote = note === undefined ? "" : ", note = $5, noted_at = clock_timestamp()";
		const renewed = await this.#ask(
			`UPDATE ${this.#table} SET expires_at = ${afterTtl("$4")}${setNote}
			WHERE name = $1 AND holder = $2 AND epoch = $3 RETURNING epoch`,
			[name, holder, epoch, ttlMs, ...(note === undefined ? [] : [note])],
			signal,
		);
		return renewed.length === 1;
	}

	/**
	 * Releases the lead by setting the holder to an empty text. A renewal that arrives after the release then finds no row with its holder,
	 * and changes nothing.
	 */
	async release(name: string, holder: string, epoch: number, signal: AbortSignal): Promise<void> {
		await this.#ask(
			`UPDATE ${this.#table} SET holder = '', expires_at = clock_timestamp() WHERE name = $1 AND holder = $2 AND epoch = $3`,
			[name, holder, epoch],
			signal,
		);
	}

	close(): Promise<void> {
		return this.#database.close();
	}

	/** Reads the last leader, even if it has expired. */
	async #read(name: string, signal: AbortSignal): Promise<StoredLeader | undefined> {
		const [row] = await this.#ask(
			`SELECT holder, epoch, ${msSince("since")} AS led_for_ms,
				extract(epoch FROM expires_at - clock_timestamp()) * 1000 AS expires_in_ms
			FROM ${this.#table} WHERE name = $1`,
			[name],
			signal,
		);
		return (
			row && {
				holder: String(row["holder"]),
				epoch: Number(row["epoch"]),
				ledForMs: Math.max(0, Number(row["led_for_ms"])),
				expiresInMs: Math.max(0, Number(row["expires_in_ms"])),
			}
		);
	}

	async #ask(text: string, params: readonly (string | number)[], signal: AbortSignal) {
		signal.throwIfAborted();
		return this.#database.query(text, params, signal);
	}
}
