import { redact } from "@x/base/redact";
import type { Sql } from "postgres";

/**
 * Sends one statement to PostgreSQL, such as `(text, params) => pool.query(text, params).then(({ rows }) => rows)` with the package pg.
 *
 * @param text - the statement, with `$1`, `$2` and so on in place of the parameters.
 * @param signal - aborts when the answer is no longer awaited. It does no harm if the database executes the statement later.
 * @returns the rows; numbers may be strings.
 */
export type PostgresQuery = (
	text: string,
	params: readonly (string | number)[],
	signal: AbortSignal,
) => Promise<readonly Readonly<Record<string, unknown>>[]>;

/** How a store sends statements. */
export interface Database {
	readonly query: PostgresQuery;
	close(): Promise<void>;
}

const connectTimeoutSeconds = 5;
/** An idle connection closes after this time. Longer than the time between two renewals, which therefore use one connection. */
const idleTimeoutSeconds = 30;

/** Sends statements to the database at `url`, over one connection that is replaced when a statement is not answered in time. */
export function databaseQuery(url: string): Database {
	const secrets = secretsOf(url);
	let current: Sql | undefined;
	const connect = (postgres: typeof import("postgres")): Sql =>
		postgres(url, {
			max: 2,
			connect_timeout: connectTimeoutSeconds,
			// Closes an idle connection, so that a program whose keeper has stopped can exit.
			idle_timeout: idleTimeoutSeconds,
			// The driver does not wait before it connects again: the caller decides when to retry.
			backoff: () => 0,
			onnotice: () => undefined,
			// Prepared statements fail behind poolers that share connections.
			prepare: false,
			connection: { application_name: "keepalive" },
		});
	const close = (sql: Sql | undefined): Promise<void> =>
		sql?.end({ timeout: 0 }).catch(() => undefined) ?? Promise.resolve();
	const query: PostgresQuery = async (text, params, signal) => {
		// Loaded at the first use, because a program may import this package without using a database.
		const { default: postgres } = await import("postgres");
		signal.throwIfAborted();
		let sql: Sql;
		try {
			current ??= connect(postgres);
			sql = current;
		} catch {
			// The driver's message would show the URL.
			throw new Error("@x/keepalive-postgres: option url is not one that the driver understands.");
		}
		const onAbort = (): void => {
			// The connection may be dead: later statements over it would wait until the operating system notices.
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

/** Decodes a part of a URL. Returns it unchanged if it contains a `%` that is not percent-encoded. */
function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}
