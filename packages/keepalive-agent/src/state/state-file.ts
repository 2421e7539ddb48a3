import { readFileSync } from "node:fs";
import { type FileHandle, open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { type InheritedLimits, isKeeperLimits, type KeeperLimits, moveLimits } from "@x/keepalive/worker";
import { type BootInstant, bootInstantNow, elapsedMs, isBootInstant } from "./boot-clock.ts";

/** The content of the state file. Plain data, without secrets. */
interface State {
	readonly version: 1;
	/** When the agent was last known to be alive, in epoch milliseconds. */
	readonly savedAt: number;
	/** The same time as `savedAt`, by a clock that nobody can set; missing if the platform has no such clock. */
	readonly savedAtBoot?: BootInstant;
	/** Whether the agent shut down cleanly. */
	readonly ended: boolean;
	readonly sessions: KeeperLimits;
}

/** What an earlier agent has left in its state file. */
export interface EarlierState {
	/** The rate limits that the sessions have used. */
	readonly limits: InheritedLimits;
	/** Why the used rate limits are unknown although there is a file. */
	readonly problem?: string;
	/**
	 * A text for a person that says which times were corrected, because the clock was set forward after the file was written. Undefined if
	 * no time was corrected.
	 */
	readonly correction?: string;
	/** When the earlier agent was last seen, in epoch milliseconds. Undefined if that agent shut down cleanly. */
	readonly diedAt?: number;
}

/**
 * Differences up to this many milliseconds between the times in the state file and this machine's clock are ignored: a running clock is
 * often corrected by a small step.
 */
const toleratedMs = 5_000;
/** The largest state file that is read, in bytes: enough for a thousand sessions with every limit in use. */
const maxBytes = 16_000_000;

/**
 * Reads the state file of an earlier agent. If the file exists but cannot be used, all rate limits count as used up, because nobody knows
 * which were used.
 *
 * The times in the file are by the wall clock. If somebody has since set that clock forward, the times look older than they are. This
 * function finds that out by a second clock, which runs from the start of the machine, and corrects the times. After a restart of the
 * machine it cannot.
 *
 * @param now - epoch milliseconds.
 */
export function readState(file: string, now: number, boot = bootInstantNow()): EarlierState {
	const unknown = (problem: string): EarlierState => ({ limits: "used-up", problem: `${file} ${problem}` });
	let text: string;
	try {
		text = readFileSync(file, "utf8");
	} catch (error) {
		const code = codeOf(error);
		return code === "ENOENT" ? { limits: { sessions: {} } } : unknown(`cannot be read: ${code}`);
	}
	const state = text.length <= maxBytes ? parse(text) : undefined;
	if (!state) return unknown("is damaged");
	const { savedAt, savedAtBoot, ended, sessions } = state;
	if (savedAt > now + toleratedMs) {
		return unknown(
			`was written at ${new Date(savedAt).toISOString()}, which is in the future. Check the clock of this machine`,
		);
	}
	const sinceMs = elapsedMs(savedAtBoot, boot);
	const setForwardMs = sinceMs === undefined ? 0 : now - savedAt - sinceMs;
	const isSet = setForwardMs > toleratedMs;
	const seconds = Math.round(setForwardMs / 1_000);
	return {
		limits: { sessions: isSet ? moveLimits(sessions, setForwardMs) : sessions, wasKilled: !ended },
		...(isSet && { correction: `the clock was set forward by ${seconds} s since the state file was written` }),
		...(!ended && { diedAt: Math.min(savedAt, now) }),
	};
}

function parse(text: string): State | undefined {
	try {
		const state: unknown = JSON.parse(text);
		return isState(state) ? state : undefined;
	} catch {
		return undefined;
	}
}

/** The latest time that a `Date` can hold, in epoch milliseconds. */
const latestDate = 8.64e15;

function isState(value: unknown): value is State {
	if (typeof value !== "object" || value === null) return false;
	// The value may be any JSON, so each member is checked below.
	const { version, savedAt, savedAtBoot, ended, sessions } = value as Partial<Record<keyof State, unknown>>;
	if (savedAtBoot !== undefined && !isBootInstant(savedAtBoot)) return false;
	const isInstant = typeof savedAt === "number" && savedAt >= 0 && savedAt <= latestDate;
	return version === 1 && isInstant && typeof ended === "boolean" && isKeeperLimits(sessions);
}

/**
 * Replaces the file as a whole: after a crash at any moment, the file has either the old or the new content.
 *
 * @throws Error of Node.js, with its `code`.
 */
export async function writeState(file: string, sessions: KeeperLimits, ended: boolean): Promise<void> {
	const savedAtBoot = bootInstantNow();
	const state: State = { version: 1, savedAt: Date.now(), ...(savedAtBoot && { savedAtBoot }), ended, sessions };
	const temporary = `${file}.tmp`;
	await withHandle(temporary, "w", async (handle) => {
		// The mode is set because an existing file would keep its own mode.
		await handle.chmod(0o600);
		await handle.writeFile(JSON.stringify(state));
		await handle.sync();
	});
	await rename(temporary, file);
	// The error is ignored, because not every platform can sync a folder. The rename then reaches the disk a little later.
	await withHandle(dirname(file), "r", (handle) => handle.sync()).catch(() => undefined);
}

async function withHandle(path: string, flags: "r" | "w", work: (handle: FileHandle) => Promise<void>): Promise<void> {
	const handle = await open(path, flags, 0o600);
	try {
		await work(handle);
	} finally {
		await handle.close();
	}
}

/** Returns the code of an error of Node.js. */
export function codeOf(error: unknown): string {
	return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
}
