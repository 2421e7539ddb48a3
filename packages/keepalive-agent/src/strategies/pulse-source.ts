import { readFile, stat } from "node:fs/promises";

/** A larger file holds no process id. */
const maxIdBytes = 64;

/** Tells, when asked again and again, whether there was a sign of life since it was asked before. */
export interface PulseReader {
	/** Never rejects: what cannot be read is no sign of life. */
	hasPulsed(): Promise<boolean>;
}

/**
 * Reads pulses from the modification time of a file: each change is a pulse, whatever the clocks say.
 *
 * @param freshMs - what the first look finds counts only if it is younger than this, by the clock of this machine. A time that lies in
 * the future shows nothing: it may be that of a bot that died long ago, and a bot that lives changes it.
 */
export function filePulses(file: string, freshMs: number): PulseReader {
	let lastMs: number | undefined;
	return {
		async hasPulsed() {
			try {
				const stats = await stat(file);
				if (!stats.isFile()) return false;
				const mtimeMs = Math.floor(stats.mtimeMs);
				const isFirst = lastMs === undefined;
				const hasChanged = mtimeMs !== lastMs;
				lastMs = mtimeMs;
				if (!isFirst) return hasChanged;
				const ageMs = Date.now() - mtimeMs;
				return ageMs >= 0 && ageMs < freshMs;
			} catch {
				return false;
			}
		},
	};
}

/**
 * Reads pulses from a process that exists; the file holds its id. One that has ended and waits for its parent does not count, and
 * neither does another process that has got the id of one that was seen before, until the file is written again.
 *
 * On Linux, neither does one that exists and that `/proc` does not show: whether it has ended cannot be told.
 */
export function processPulses(
	file: string,
	{ look = lookAt, onHidden = () => undefined }: ProcessPulseOptions = {},
): PulseReader {
	let isReported = false;
	let seen: { readonly id: number; readonly writtenMs: number; readonly started: string } | undefined;
	return {
		async hasPulsed() {
			try {
				const stats = await stat(file);
				if (!stats.isFile() || stats.size > maxIdBytes) return false;
				const text = (await readFile(file, "utf8")).trim();
				// 0 and negative numbers would name a group of processes.
				if (!/^[1-9]\d{0,9}$/.test(text) || !exists(Number(text))) return false;
				const [id, writtenMs] = [Number(text), stats.mtimeMs];
				const seenNow = await look(id);
				if (!seenNow) {
					// It may have ended just now.
					if (isReported || !exists(id)) return false;
					isReported = true;
					onHidden(id);
					return false;
				}
				const { isZombie, started } = seenNow;
				if (isZombie) return false;
				const isSameFile = seen?.id === id && seen.writtenMs === writtenMs;
				if (isSameFile && started !== seen?.started) return false;
				if (!isSameFile && started !== undefined) seen = { id, writtenMs, started };
				return true;
			} catch {
				return false;
			}
		},
	};
}

/** Options of {@link processPulses}. */
export interface ProcessPulseOptions {
	/** What the system says of a process; undefined where it should say something and does not. Default: asks this system. */
	readonly look?: (id: number) => Promise<ProcessLook | undefined>;
	/** Called once, with the id of a process that exists and is not shown. */
	readonly onHidden?: (id: number) => void;
}

/** What the system says of a process. */
export interface ProcessLook {
	/** It has ended, and its parent has not asked how. */
	readonly isZombie: boolean;
	/** When it was started, by a clock that never steps; undefined where the system does not say. */
	readonly started: string | undefined;
}

function exists(id: number): boolean {
	try {
		return process.kill(id, 0);
	} catch (error) {
		// It belongs to another user.
		return error instanceof Error && "code" in error && error.code === "EPERM";
	}
}

/** Only Linux says so. There, a process of another user can be hidden: `hidepid` of proc(5), `ProtectProc=` of systemd. */
async function lookAt(id: number): Promise<ProcessLook | undefined> {
	if (process.platform !== "linux") return { isZombie: false, started: undefined };
	const text = await readFile(`/proc/${id}/stat`, "utf8").catch(() => undefined);
	if (text === undefined) return undefined;
	// The name, in parentheses, may hold anything. After it come the state, as the third member, and as the 22nd the time of the start.
	const members = text.slice(text.lastIndexOf(")") + 2).split(" ");
	return { isZombie: members[0] === "Z", started: members[22 - 3] };
}
