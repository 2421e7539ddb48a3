import { redact } from "@x/base/redact";
import type { Sql } from "postgres";

/**
 * Sends one statement to PostgreSQL, such as `(text, params) => pool.query(text, params).then(({ rows }) => rows)` with the
 * package pg.
 *
 * @param text - the statement, with `$1`, `$2` and so on in place of the parameters.
 * @param signal - aborts when the caller no longer waits for the answer. The database may still execute the statement later;
 * the stores allow for that.
 * @returns the rows; numbers in them may be strings.
 */
export type PostgresQuery = (
	text: string,
	params: readonly (string | number)[],
	signal: AbortSignal,
) => Promise<readonly Readonly<Record<string, unknown>>[]>;

/** The function with which a store sends its statements, and the function that closes its connections. */
export interface Database {
	readonly query: PostgresQuery;
	close(): Promise<void>;
}

const connectTimeoutSeconds = 5;
/**
 * A connection that is idle for this long is closed. By default a leader renews every 5 s, so its renewals use the same connection. With a
 * `renewMs` above this time, each renewal connects again.
 */
const idleTimeoutSeconds = 30;

/**
 * Sends statements to the database at `url` over at most two connections. When a statement gets no answer in time, the
 * connections are replaced.
 */
export function databaseQuery(url: string): Database {
	const secrets = secretsOf(url);
	let current: Sql | undefined;
	const connect = (postgres: typeof import("postgres")): Sql =>
		postgres(url, {
			max: 2,
			connect_timeout: connectTimeoutSeconds,
			// The driver closes an idle connection, so that a program can exit after its keeper has stopped.
			idle_timeout: idleTimeoutSeconds,
			// The driver reconnects without a back-off, because the caller decides when to try again.
			backoff: () => 0,
			onnotice: () => undefined,
			// Prepared statements are not used, because they fail behind a connection pooler that shares connections between programs.
			prepare: false,
			connection: { application_name: "keepalive" },
		});
	const close = (sql: Sql | undefined): Promise<void> =>
		sql?.end({ timeout: 0 }).catch(() => undefined) ?? Promise.resolve();
	const query: PostgresQuery = async (text, params, signal) => {
		// The driver is loaded at the first statement, because a program may import this package without using a database.
		const { default: postgres } = await import("postgres");
		signal.throwIfAborted();
		let sql: Sql;
		try {
			current ??= connect(postgres);
			sql = current;
		} catch {
			// The driver's own error is not passed on, because its message would show the URL.
			throw new Error("@x/keepalive-postgres: option url cannot be parsed (postgres://user:password@host/database).");
		}
		const onAbort = (): void => {
			// The connection may be dead. Over a dead connection, later statements would wait until the operating system notices.
			if (current === sql) current = undefined;
			void close(sql);
		};
		signal.addEventListener("abort", onAbort, { once: true });
		try {
			return await sql.unsafe(text, [...params]);
		} catch (error) {
			signal.throwIfAborted();
			const said = error instanceof Error ? error.message : "unknown error";
			throw new Error(`@x/keepalive-postgres: a statement failed: ${redact(said, secrets)}.`);
		} finally {
			signal.removeEventListener("abort", onAbort);
		}
	};
	return {
		query,
		close: () => {
			const sql = current;
			current = undefined;
			return close(sql);
		},
	};
}

function secretsOf(url: string): string[] {
	const { username, password, search } = new URL(url);
	return [url, password, decoded(password), username, decoded(username), search].filter((each) => each !== "");
}

/**
 * Decodes a percent-encoded part of a URL. Returns the part unchanged if it contains a `%` that begins no valid percent-encoding.
 */
function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}
