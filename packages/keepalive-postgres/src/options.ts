import { OptionError } from "@x/base/errors";
import { checkOptions, func, nonEmptyString, optional, rule } from "@x/base/option-schema";
import { type Database, databaseQuery, type PostgresQuery } from "./database-query.ts";

export const packageName = "@x/keepalive-postgres";

/** The database and the table that a store uses. Give either `url` or `query`. */
export interface PostgresStoreOptions {
	/**
	 * Address of the database, with user and password, such as `postgres://user:secret@db.example/trading`. The address is never
	 * shown in errors.
	 */
	readonly url?: string;
	/** A function that sends the store's statements over connections of your own, in place of `url`. */
	readonly query?: PostgresQuery;
	/**
	 * Name of the table: letters, digits and `_`. If the table's schema is not in the search path, write the schema and a dot
	 * before the name.
	 */
	readonly table?: string;
}

/**
 * Checks the options and makes the functions that send statements. Does not connect.
 *
 * @throws OptionError
 */
export function openDatabase(
	options: PostgresStoreOptions,
	usualTable: string,
): { readonly database: Database; readonly table: string } {
	checkOptions<PostgresStoreOptions>(
		packageName,
		{
			url: optional({ ...rule<string>("a postgres:// URL", isDatabaseUrl), hides: () => true }),
			query: optional(func()),
			table: optional(nonEmptyString()),
		},
		options,
	);
	const { url, query, table = usualTable } = options;
	if (!/^([a-z_]\w*\.)?[a-z_]\w*$/i.test(table)) {
		throw new OptionError(
			packageName,
			"table",
			`must be letters, digits and _ with at most one dot, got ${JSON.stringify(table)}`,
		);
	}
	if ((url === undefined) === (query === undefined)) {
		throw new OptionError(packageName, "url", "must be given, or query instead of it, but not both");
	}
	return { database: query ? { query, close: async () => undefined } : databaseQuery(url ?? ""), table };
}

/**
 * Creates a table if it is missing. First checks whether it exists, because CREATE TABLE IF NOT EXISTS needs the right to
 * create tables even when the table exists.
 *
 * @param columns - the definitions of the columns.
 */
export async function createTable(
	{ query }: Database,
	table: string,
	columns: string,
	signal: AbortSignal = new AbortController().signal,
): Promise<void> {
	const [found] = await query("SELECT to_regclass($1) IS NOT NULL AS is_there", [table], signal);
	if (found?.["is_there"] === true) return;
	const text = `CREATE TABLE IF NOT EXISTS ${table} (${columns})`;
	// When two processes create the same table at the same time, PostgreSQL may refuse one of the two statements. The second try then finds
	// the table.
	await query(text, [], signal).catch(() => query(text, [], signal));
}

function isDatabaseUrl(value: unknown): boolean {
	if (typeof value !== "string" || !URL.canParse(value)) return false;
	return ["postgres:", "postgresql:"].includes(new URL(value).protocol);
}
