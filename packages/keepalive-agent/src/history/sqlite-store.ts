import { closeSync, existsSync, fchmodSync, openSync, renameSync, statSync } from "node:fs";
import { basename } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
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

const tables = `
	CREATE TABLE record (
		id INTEGER PRIMARY KEY,
		at INTEGER NOT NULL,
		type TEXT NOT NULL,
		session TEXT,
		bytes INTEGER NOT NULL,
		json TEXT NOT NULL
	) STRICT;
	CREATE INDEX record_at ON record (at);
	CREATE INDEX record_session ON record (session, type, at);
	PRAGMA user_version = ${schemaVersion};
`;

/** A call waits at most this many milliseconds while another program has locked the file. */
const lockTimeoutMs = 2_000;
const keptAside = 3;
/** The result codes SQLITE_CORRUPT and SQLITE_NOTADB. They are compared with the lower byte of an extended result code. */
const damageCodes: ReadonlySet<number> = new Set([11, 26]);

const columns = "id, at, type, session, json";

/** Keeps the history in an SQLite file. Every call blocks its thread until the disk has answered, so use it in a thread of its own. */
export class SqliteStore implements HistoryStore {
	readonly repaired?: string;
	readonly #file: string;
	readonly #database: DatabaseSync;
	readonly #insert: StatementSync;
	readonly #statements = new Map<string, StatementSync>();
	readonly #inode: bigint | undefined;
	#bytes: number;

	/** Opens or creates the file. A damaged file is kept under another name. @throws HistoryStoreError */
	constructor(file: string) {
		this.#file = file;
		try {
			this.#database = open(file);
		} catch (error) {
			if (!isDamage(error)) throw storeError("opened", error);
			const aside = moveAside(file);
			this.repaired = `the history was damaged and is kept as ${basename(aside)}; a new one was started`;
			this.#database = attempt("opened", () => open(file));
		}
		this.#inode = inodeOf(file);
		this.#insert = this.#database.prepare(
			"INSERT INTO record (id, at, type, session, bytes, json) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
		);
		this.#bytes = attempt("read", () => this.#number("SELECT coalesce(sum(bytes), 0) AS value FROM record"));
	}

	get bytes(): number {
		return this.#bytes;
	}

	get lastId(): number {
		return this.#number("SELECT coalesce(max(id), 0) AS value FROM record");
	}

	async append(rows: readonly HistoryRow[]): Promise<void> {
		// The file was removed or replaced: SQLite would write all further records into a file that nobody can open any more.
		if (inodeOf(this.#file) !== this.#inode) throw new HistoryStoreError("cannot be written: the file was removed");
		this.#change("written", () => {
			let bytes = 0;
			for (const row of rows) {
				const size = sizeOf(row);
				const { changes } = this.#insert.run(row.id, row.at, row.type, row.session ?? null, size, row.json);
				if (Number(changes) > 0) bytes += size;
			}
			return bytes;
		});
	}

	async page({ from, to, session, type, limit, before }: HistoryQuery): Promise<HistoryRows> {
		const range = this.#idsOf(from, to);
		if (!range) return { records: [] };
		const last = before === undefined ? range.last : Math.min(range.last, before - 1);
		const rows = this.#all(
			`SELECT id, json FROM record WHERE id BETWEEN ? AND ? AND at >= ? AND at < ? AND ${type ? "type = ?" : "type <> ?"}
			${session === undefined ? "" : "AND session = ?"} ORDER BY id DESC LIMIT ?`,
			[range.first, last, from, to, type ?? "gap", ...(session === undefined ? [] : [session]), limit + 1],
		);
		const records = rows.slice(0, limit).map(({ json }) => String(json));
		const next = rows.length > limit ? Number(rows[limit - 1]?.["id"]) : undefined;
		return next === undefined ? { records } : { records, next };
	}

	async before(at: number): Promise<readonly HistoryRow[]> {
		return this.#rows(
			`SELECT ${columns} FROM record WHERE id IN (
				SELECT max(id) FROM record WHERE type = 'status' AND at < ?1 GROUP BY session
				UNION SELECT max(id) FROM record WHERE at < ?1
				UNION SELECT max(id) FROM record WHERE at < ?1 AND type = 'agent' AND session IS NULL
					AND json ->> 'event' IN (${runEvents.map((event) => `'${event}'`).join()})
			) ORDER BY id`,
			[at],
		);
	}

	async window(from: number, to: number, after: number, limit: number): Promise<readonly HistoryRow[]> {
		// ORDER BY id makes SQLite read the rows by id. With the index on time it would read the whole window again for each page.
		return this.#rows(`SELECT ${columns} FROM record WHERE id > ? AND at >= ? AND at < ? ORDER BY id LIMIT ?`, [
			after,
			from,
			to,
			limit,
		]);
	}

	async oldest(limit: number, olderThan?: number): Promise<readonly RowSize[]> {
		const rows =
			olderThan === undefined
				? this.#all("SELECT id, bytes FROM record ORDER BY id LIMIT ?", [limit])
				: this.#all("SELECT id, bytes FROM record WHERE at < ? ORDER BY at LIMIT ?", [olderThan, limit]);
		return rows.map(({ id, bytes }) => ({ id: Number(id), bytes: Number(bytes) }));
	}

	async remove(ids: readonly number[]): Promise<void> {
		const remove = this.#prepare("DELETE FROM record WHERE id = ? RETURNING bytes");
		this.#change("pruned", () => -ids.reduce((sum, id) => sum + Number(remove.get(id)?.["bytes"] ?? 0), 0));
	}

	async close(): Promise<void> {
		this.#database.close();
	}

	/** The first and the last id in a span of time, found with the index on time. They narrow a query that reads rows by id. */
	#idsOf(from: number, to: number): { readonly first: number; readonly last: number } | undefined {
		const [row] = this.#all("SELECT min(id) AS first, max(id) AS last FROM record WHERE at >= ? AND at < ?", [
			from,
			to,
		]);
		if (!row || row["first"] === null) return undefined;
		return { first: Number(row["first"]), last: Number(row["last"]) };
	}

	/** Runs `work` as one transaction. `work` returns the number of bytes that it has added, or minus the number that it has removed. */
	#change(what: string, work: () => number): void {
		attempt(what, () => {
			this.#database.exec("BEGIN IMMEDIATE");
			try {
				const bytes = work();
				this.#database.exec("COMMIT");
				this.#bytes += bytes;
			} catch (error) {
				this.#rollBack();
				throw error;
			}
		});
	}

	#rollBack(): void {
		try {
			this.#database.exec("ROLLBACK");
		} catch {
			// The error of ROLLBACK is ignored: after some errors, such as a full disk, SQLite has already rolled back and refuses the statement.
		}
	}

	#rows(sql: string, parameters: readonly SQLInputValue[]): HistoryRow[] {
		return this.#all(sql, parameters).map(({ id, at, type, session, json }) => ({
			id: Number(id),
			at: Number(at),
			// The cast is safe: append() writes only records of these types.
			type: String(type) as HistoryRow["type"],
			...(session !== null && { session: String(session) }),
			json: String(json),
		}));
	}

	#all(sql: string, parameters: readonly SQLInputValue[] = []) {
		return attempt("read", () => this.#prepare(sql).all(...parameters));
	}

	#number(sql: string): number {
		return Number(this.#all(sql)[0]?.["value"]);
	}

	#prepare(sql: string): StatementSync {
		const known = this.#statements.get(sql) ?? this.#database.prepare(sql);
		this.#statements.set(sql, known);
		return known;
	}
}

function open(file: string): DatabaseSync {
	// The file is created before SQLite opens it, because SQLite would let everybody read it. SQLite's other files get the permissions of
	// this file.
	const descriptor = openSync(file, "a", 0o600);
	try {
		fchmodSync(descriptor, 0o600);
	} finally {
		closeSync(descriptor);
	}
	const database = new DatabaseSync(file);
	try {
		database.exec(`PRAGMA busy_timeout = ${lockTimeoutMs}`);
		// The version is checked before the first write, so that a file of a later version stays unchanged.
		const version = Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
		if (version > schemaVersion) {
			throw new HistoryStoreError(`cannot be opened: a later version of this program wrote it (schema ${version})`);
		}
		const found = database.prepare("PRAGMA quick_check(1)").get();
		if (found?.["quick_check"] !== "ok") throw new DamagedError();
		// With synchronous = FULL a committed transaction is on the disk, so that it survives a power failure.
		database.exec(
			`PRAGMA journal_mode = WAL;
			PRAGMA synchronous = FULL;
			PRAGMA journal_size_limit = 4000000;
			PRAGMA cache_size = -8000`,
		);
		if (version === 0) database.exec(`BEGIN; ${tables} COMMIT;`);
		return database;
	} catch (error) {
		database.close();
		throw error;
	}
}

const inodeOf = (file: string): bigint | undefined => statSync(file, { bigint: true, throwIfNoEntry: false })?.ino;

class DamagedError extends Error {}

function isDamage(error: unknown): boolean {
	if (error instanceof DamagedError) return true;
	return (
		typeof error === "object" && error !== null && "errcode" in error && damageCodes.has(Number(error.errcode) & 255)
	);
}

/**
 * Renames a damaged file. When all names are taken, the file with the last name is replaced, because the first damaged files hold the most
 * records.
 */
function moveAside(file: string): string {
	const names = Array.from({ length: keptAside }, (_, index) => `${file}.damaged-${index + 1}`);
	// The cast is safe: `names` is not empty.
	const aside = names.find((name) => !existsSync(name)) ?? (names.at(-1) as string);
	attempt("replaced", () => {
		for (const suffix of ["", "-wal", "-shm"]) {
			if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
		}
	});
	return aside;
}

function attempt<T>(what: string, work: () => T): T {
	try {
		return work();
	} catch (error) {
		throw storeError(what, error);
	}
}

/**
 * Makes an error whose message may be shown, because it holds no secret: SQLite's messages contain no stored values, and the messages of
 * Node.js contain only the path.
 */
function storeError(what: string, error: unknown): HistoryStoreError {
	if (error instanceof HistoryStoreError) return error;
	const text = error instanceof Error ? error.message : "unknown error";
	return new HistoryStoreError(`cannot be ${what}: ${text}`);
}
