import { OptionError } from "@x/base/errors";
import { checkOptions, func, nonEmptyString, optional, rule } from "@x/base/option-schema";
import { type Database, databaseQuery, type PostgresQuery } from "./database-query.ts";

export const packageName = "@x/keepalive-postgres";

/** Where something is kept. Give either `url` or `query`. */
export interface PostgresStoreOptions {
	/** Address of the database, with user and password, such as `postgres://user:secret@db.example/trading`. Never shown. */
	readonly url?: string;
	/** Sends the statements over connections of your own. */
	readonly query?: PostgresQuery;
	/** The table, with its schema if it is not in the search path: letters, digits and `_`. */
	readonly table?: string;
}

/** Nothing connects here. @throws OptionError */
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
 * Creates a table where it is missing. CREATE TABLE IF NOT EXISTS needs the right to create one also where it exists.
 *
 * @param columns - their definitions.
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
	// Two processes that create it at the same time: one of them may be refused, and then it is there.
	await query(text, [], signal).catch(() => query(text, [], signal));
}

function isDatabaseUrl(value: unknown): boolean {
	if (typeof value !== "string" || !URL.canParse(value)) return false;
	return ["postgres:", "postgresql:"].includes(new URL(value).protocol);
}
