import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import type { DatabaseSync } from "node:sqlite";
import { monotonicMs, neverAborted, sleep } from "@x/base/clock";
import { placeOf } from "../config/file-path-conflicts.ts";
import { codeOf } from "./state-file.ts";

/** The process that holds a lock. It has described itself in a file beside the lock. */
export interface LockHolder {
	readonly pid: number;
	/** The host name of the machine or container. */
	readonly host: string;
	/** When the process took the lock, in epoch milliseconds. */
	readonly since: number;
}

/** Releases a lock. Never throws. If the file that describes the process could not be removed, returns the reason; otherwise undefined. */
export type Release = () => string | undefined;

/** The result of an attempt to lock a file. */
export type Locked =
	| { readonly result: "locked"; readonly release: Release }
	/** Another process holds the lock. `holder` is undefined if that process has not described itself. */
	| { readonly result: "held"; readonly holder: LockHolder | undefined }
	/** The platform or the folder does not allow a lock. The reason is for a person. */
	| { readonly result: "failed"; readonly reason: string };

const retryEveryMs = 50;
/** The error code of SQLite for a lock that is held (SQLITE_BUSY). Its extended error codes have this value in the lower byte. */
const busyCode = 5;

/**
 * Locks a file for this process. The lock is on a second file with the ending `.lock`: an empty database, which SQLite locks. On Linux and
 * macOS, that is a lock of the operating system (`fcntl`). Node.js has no other way to take such a lock. It has these advantages:
 * - The operating system releases the lock when its process ends, even by `kill -9` or a reboot.
 * - A later process with the same process id is never mistaken for the holder.
 * - The lock belongs to the file, so it also works between containers on one machine.
 * - It works on a full disk, because the database stays empty.
 *
 * @param waitMs - how many milliseconds to wait, at most, for a holder that is about to end.
 */
export async function lockFile(file: string, waitMs: number): Promise<Locked> {
	const lock = `${placeOf(file)}.lock`;
	const holderFile = `${lock}.holder`;
	let database: DatabaseSync;
	try {
		// The file is created here, readable only by its owner. SQLite would create it so that everybody can read it.
		closeSync(openSync(lock, "a", 0o600));
		database = await openDatabase(lock);
	} catch (error) {
		return { result: "failed", reason: codeOf(error) };
	}
	const endMs = monotonicMs() + waitMs;
	for (;;) {
		const failure = begin(database);
		if (failure === undefined) break;
		if (failure === "busy" && monotonicMs() < endMs) {
			await sleep(retryEveryMs, neverAborted);
			continue;
		}
		database.close();
		return failure === "busy" ? { result: "held", holder: readHolder(holderFile) } : { result: "failed", ...failure };
	}
	writeHolder(holderFile);
	const release: Release = () => {
		// The holder's file is removed while the lock is still held: after the release, the next process may already have written its own.
		const problem = removeHolder(holderFile);
		database.close();
		return problem;
	};
	return { result: "locked", release };
}

async function openDatabase(file: string): Promise<DatabaseSync> {
	const { DatabaseSync } = await withoutExperimentalWarning(() => import("node:sqlite"));
	const database = new DatabaseSync(file);
	// The journal is in memory, because SQLite would otherwise write a journal file beside the lock.
	database.exec("PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY");
	return database;
}

/** Begins the transaction that holds the lock. The transaction never writes anything. */
function begin(database: DatabaseSync): undefined | "busy" | { readonly reason: string } {
	try {
		database.exec("BEGIN IMMEDIATE");
		return undefined;
	} catch (error) {
		const code = error instanceof Error && "errcode" in error ? Number(error.errcode) : 0;
		if ((code & 255) === busyCode) return "busy";
		return { reason: error instanceof Error ? error.message : "unknown error" };
	}
}

/** Hides the warning that Node.js 22 prints on stderr because node:sqlite is experimental. */
async function withoutExperimentalWarning<T>(load: () => Promise<T>): Promise<T> {
	const { emitWarning } = process;
	process.emitWarning = (warning: string | Error, ...options: unknown[]): void => {
		// Reflect.apply is used because emitWarning has several signatures.
		if (options[0] !== "ExperimentalWarning") Reflect.apply(emitWarning, process, [warning, ...options]);
	};
	try {
		return await load();
	} finally {
		process.emitWarning = emitWarning;
	}
}

/**
 * Describes this process in a file. Another process that finds the lock held reads the file, and names this process in its error. The lock
 * itself does not need the file.
 */
function writeHolder(file: string): void {
	const holder: LockHolder = { pid: process.pid, host: hostname(), since: Date.now() };
	try {
		writeFileSync(file, JSON.stringify(holder), { mode: 0o600 });
	} catch {
		// Writing this file can fail, for example because the disk is full. The lock works without the file that describes its holder.
	}
}

/** Removes the file that describes this process. If the file could not be removed, returns the reason; otherwise undefined. */
function removeHolder(file: string): string | undefined {
	try {
		rmSync(file, { force: true });
		return undefined;
	} catch (error) {
		// The file could not be removed, for example because the folder has become read-only.
		return codeOf(error);
	}
}

function readHolder(file: string): LockHolder | undefined {
	try {
		// The cast is safe: it only allows reading any member, and each is checked below.
		const { pid, host, since } = JSON.parse(readFileSync(file, "utf8")) as Partial<Record<keyof LockHolder, unknown>>;
		const isKnown = typeof pid === "number" && typeof host === "string" && typeof since === "number";
		return isKnown && Math.abs(since) <= 8.64e15 ? { pid, host, since } : undefined;
	} catch {
		return undefined;
	}
}
