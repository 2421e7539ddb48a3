import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import type { DatabaseSync } from "node:sqlite";
import { monotonicMs, neverAborted, sleep } from "@x/base/clock";
import { placeOf } from "../config/own-files.ts";
import { codeOf } from "./state-file.ts";

/** The process that holds a lock, as it has written it down. */
export interface LockHolder {
	readonly pid: number;
	/** Of the machine or container. */
	readonly host: string;
	/** When it took the lock, in epoch milliseconds. */
	readonly since: number;
}

/** Ends a lock. Never throws. Returns why what the process has written down of itself stays there; undefined when it does not. */
export type Release = () => string | undefined;

/** What became of an attempt to lock. */
export type Locked =
	| { readonly result: "locked"; readonly release: Release }
	/** Another process holds it. What that has written down may be missing. */
	| { readonly result: "held"; readonly holder: LockHolder | undefined }
	/** The platform or the folder does not allow it. The reason is for a person. */
	| { readonly result: "failed"; readonly reason: string };

const retryEveryMs = 50;
/** SQLITE_BUSY, the lower byte of an extended code. */
const busyCode = 5;

/**
 * Keeps a file to this process: locks another one beside it, with `.lock` at the end of its name.
 *
 * The lock is one of SQLite on an empty database: a lock of the operating system (`fcntl`) on Linux and macOS. It ends with its process,
 * however that ends, so none is left by `kill -9` or a reboot, and no process id can be mistaken for another. It is of the file, so
 * containers of one machine see it too, and an empty file needs no space on a full disk. Node.js has no other way to such a lock, and the
 * agent uses SQLite already.
 *
 * @param waitMs - how long to wait for a holder that is about to end.
 */
export async function lockFile(file: string, waitMs: number): Promise<Locked> {
	const lock = `${placeOf(file)}.lock`;
	const holderFile = `${lock}.holder`;
	let database: DatabaseSync;
	try {
		// With its mode: SQLite would let everybody read it.
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
		// While the lock is held: afterwards it may be the file of the next process.
		const problem = removeHolder(holderFile);
		database.close();
		return problem;
	};
	return { result: "locked", release };
}

async function openDatabase(file: string): Promise<DatabaseSync> {
	const { DatabaseSync } = await withoutExperimentalWarning(() => import("node:sqlite"));
	const database = new DatabaseSync(file);
	// Without a journal in memory there would be one beside the file.
	database.exec("PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY");
	return database;
}

/** Begins the transaction that holds the lock. Nothing is ever written in it. */
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

/** Node.js 22 warns of node:sqlite, which it calls experimental, on stderr. */
async function withoutExperimentalWarning<T>(load: () => Promise<T>): Promise<T> {
	const { emitWarning } = process;
	process.emitWarning = (warning: string | Error, ...options: unknown[]): void => {
		// The cast: the parameters of a function with several signatures.
		if (options[0] !== "ExperimentalWarning") Reflect.apply(emitWarning, process, [warning, ...options]);
	};
	try {
		return await load();
	} finally {
		process.emitWarning = emitWarning;
	}
}

/** For the message of a process that finds the lock held; without it, the lock is as good. */
function writeHolder(file: string): void {
	const holder: LockHolder = { pid: process.pid, host: hostname(), since: Date.now() };
	try {
		writeFileSync(file, JSON.stringify(holder), { mode: 0o600 });
	} catch {
		// A full disk, for example.
	}
}

/** Returns why it is still there, if it is. */
function removeHolder(file: string): string | undefined {
	try {
		rmSync(file, { force: true });
		return undefined;
	} catch (error) {
		// The folder may be read-only by now.
		return codeOf(error);
	}
}

function readHolder(file: string): LockHolder | undefined {
	try {
		// The cast allows any member to be read.
		const { pid, host, since } = JSON.parse(readFileSync(file, "utf8")) as Partial<Record<keyof LockHolder, unknown>>;
		const isKnown = typeof pid === "number" && typeof host === "string" && typeof since === "number";
		return isKnown && Math.abs(since) <= 8.64e15 ? { pid, host, since } : undefined;
	} catch {
		return undefined;
	}
}
