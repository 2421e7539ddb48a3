import { redact } from "@x/base/redact";
import type { Sql } from "postgres";
import {
	type HistoryQuery,
	type HistoryRow,
	type HistoryRows,
	type HistoryStore,
	HistoryStoreError,
	type RowSize,
	runEvents,
	schemaVersion,
	sizeOf,
} from "./history-store.ts";

const connectTimeoutSeconds = 5;

/** The Postgres schema in which the history is kept. */
export interface PostgresPlace {
	/** The URL with its password: it must never be shown. */
	readonly url: string;
	/** The Postgres schema that contains the tables. Each agent needs a schema of its own. */
	readonly schema: string;
}

type Value = string | number | null;
type Row = Readonly<Record<string, unknown>>;

/** Keeps the history in a Postgres database. */
export class PostgresStore implements HistoryStore {
	readonly #sql: Sql;
	readonly #url: string;
	readonly #schema: string;
	#bytes = 0;
	#lastId = 0;

	private constructor(sql: Sql, { url, schema }: PostgresPlace) {
		this.#sql = sql;
		this.#url = url;
		this.#schema = schema;
	}

	/** Connects, and creates the tables if they are missing. @throws HistoryStoreError */
	static async open(place: PostgresPlace): Promise<PostgresStore> {
		// The module is imported on demand, because most agents do not use Postgres.
		const { default: postgres } = await import("postgres").catch(() => {
			throw new HistoryStoreError("cannot be opened: the package postgres is not installed. Install it");
		});
		let sql: Sql;
		try {
			sql = postgres(place.url, {
				max: 2,
				connect_timeout: connectTimeoutSeconds,
				// The driver itself must not delay a new connection, because the history already waits between its attempts.
				backoff: () => 0,
				onnotice: () => undefined,
				// Prepared statements are off, because connection poolers that share one server connection do not support them.
				prepare: false,
				connection: { application_name: "keepalive" },
			});
		} catch {
			// The driver's error is not passed on: its message would show the URL.
			throw new HistoryStoreError("cannot be opened: postgresUrl is not a URL that the driver understands");
		}
		const store = new PostgresStore(sql, place);
		try {
			await store.#prepare();
			return store;
		} catch (error) {
			await store.close();
			throw error;
		}
	}

	get bytes(): number {
		return this.#bytes;
	}

	get lastId(): number {
		return this.#lastId;
	}

	async append(rows: readonly HistoryRow[]): Promise<void> {
		const given = rows.map((row) => ({ ...row, bytes: sizeOf(row) }));
		const stored = await this.#all(
			`INSERT INTO {schema}.record (id, at, type, session, bytes, json)
			SELECT id, at, type, session, bytes, json FROM json_to_recordset($1::text::json)
				AS given (id bigint, at bigint, type text, session text, bytes integer, json text)
			ON CONFLICT DO NOTHING RETURNING bytes`,
			[JSON.stringify(given)],
		);
		this.#bytes += sumOf(stored);
	}

	async page({ from, to, session, type, limit, before }: HistoryQuery): Promise<HistoryRows> {
		const rows = await this.#all(
			`SELECT id, json FROM {schema}.record WHERE at >= $1 AND at < $2 AND ($3::bigint IS NULL OR id < $3)
				AND (type = $4 OR ($4::text IS NULL AND type <> 'gap')) AND ($5::text IS NULL OR session = $5)
			ORDER BY id DESC LIMIT $6`,
			[from, to, before ?? null, type ?? null, session ?? null, limit + 1],
		);
		const records = rows.slice(0, limit).map(({ json }) => String(json));
		const next = rows.length > limit ? Number(rows[limit - 1]?.["id"]) : undefined;
		return next === undefined ? { records } : { records, next };
	}

	async before(at: number): Promise<readonly HistoryRow[]> {
		return this.#rows(
			`SELECT * FROM {schema}.record WHERE id IN (
				SELECT max(id) FROM {schema}.record WHERE type = 'status' AND at < $1 GROUP BY session
				UNION SELECT max(id) FROM {schema}.record WHERE at < $1
				UNION SELECT max(id) FROM {schema}.record WHERE at < $1 AND type = 'agent'
					AND json::json ->> 'event' IN (${runEvents.map((event) => `'${event}'`).join()})
			) ORDER BY id`,
			[at],
		);
	}

	async window(from: number, to: number, after: number, limit: number): Promise<readonly HistoryRow[]> {
		return this.#rows("SELECT * FROM {schema}.record WHERE at >= $1 AND at < $2 AND id > $3 ORDER BY id LIMIT $4", [
			from,
			to,
			after,
			limit,
		]);
	}

	async oldest(limit: number, olderThan?: number): Promise<readonly RowSize[]> {
		const rows =
			olderThan === undefined
				? await this.#all("SELECT id, bytes FROM {schema}.record ORDER BY id LIMIT $1", [limit])
				: await this.#all("SELECT id, bytes FROM {schema}.record WHERE at < $1 ORDER BY at LIMIT $2", [
						olderThan,
						limit,
					]);
		return rows.map(({ id, bytes }) => ({ id: Number(id), bytes: Number(bytes) }));
	}

	async remove(ids: readonly number[]): Promise<void> {
		const removed = await this.#all(
			`DELETE FROM {schema}.record WHERE id IN (SELECT value::bigint FROM json_array_elements_text($1::text::json) AS value)
			RETURNING bytes`,
			[JSON.stringify(ids)],
		);
		this.#bytes -= sumOf(removed);
	}

	async close(): Promise<void> {
		await this.#sql.end({ timeout: 1 }).catch(() => undefined);
	}

	async #prepare(): Promise<void> {
		const [found] = await this.#all("SELECT to_regclass('{schema}.history_version') AS name");
		// CREATE SCHEMA runs only if the schema is missing, because it needs a permission. The database user may lack that permission if
		// somebody else has created the schema.
		const [schema] = await this.#all("SELECT 1 FROM pg_namespace WHERE nspname = $1", [this.#schema]);
		if (found?.["name"] === null) {
			await this.#all(
				`${schema ? "" : "CREATE SCHEMA IF NOT EXISTS {schema};"}
				CREATE TABLE {schema}.record (
					id bigint PRIMARY KEY,
					at bigint NOT NULL,
					type text NOT NULL,
					session text,
					bytes integer NOT NULL,
					json text NOT NULL
				);
				CREATE INDEX record_at ON {schema}.record (at);
				CREATE INDEX record_session ON {schema}.record (session, type, at);
				CREATE TABLE {schema}.history_version (version integer NOT NULL);
				INSERT INTO {schema}.history_version VALUES (${schemaVersion})`,
			);
		}
		const [version] = await this.#all("SELECT max(version) AS version FROM {schema}.history_version");
		if (Number(version?.["version"]) > schemaVersion) {
			const later = `(schema ${version?.["version"]})`;
			throw new HistoryStoreError(`cannot be opened: a later version of this program wrote it ${later}`);
		}
		const [totals] = await this.#all(
			"SELECT coalesce(max(id), 0) AS last, coalesce(sum(bytes), 0) AS bytes FROM {schema}.record",
		);
		this.#lastId = Number(totals?.["last"]);
		this.#bytes = Number(totals?.["bytes"]);
	}

	async #rows(text: string, values: readonly Value[]): Promise<HistoryRow[]> {
		return (await this.#all(text, values)).map(({ id, at, type, session, json }) => ({
			id: Number(id),
			at: Number(at),
			// The cast is safe: append() writes only records of these types.
			type: String(type) as HistoryRow["type"],
			...(session !== null && { session: String(session) }),
			json: String(json),
		}));
	}

	/** Runs one statement with values, or several without values in one transaction. @throws HistoryStoreError */
	async #all(text: string, values: readonly Value[] = []): Promise<readonly Row[]> {
		try {
			const statement = text.replaceAll("{schema}", `"${this.#schema}"`);
			return await this.#sql.unsafe(statement, [...values]);
		} catch (error) {
			throw this.#storeError(error);
		}
	}

	#storeError(error: unknown): HistoryStoreError {
		const { message, code } =
			error instanceof Error ? { code: undefined, ...error, message: error.message } : { message: "", code: undefined };
		const password = URL.parse(this.#url)?.password ?? "";
		const secrets = [this.#url, password, decoded(password)];
		return new HistoryStoreError(`Postgres: ${redact(message || String(code), secrets)}`);
	}
}

function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

const sumOf = (rows: readonly Row[]): number => rows.reduce((sum, { bytes }) => sum + Number(bytes), 0);
