import { readFile, stat } from "node:fs/promises";

/** The largest file that can hold a process id, in bytes. */
const maxIdBytes = 64;

/** Says at each call whether a strategy has given a pulse (a health signal) since the previous call. */
export interface PulseReader {
	/** Never rejects: a file that cannot be read counts as no pulse. */
	hasPulsed(): Promise<boolean>;
}

/**
 * Reads pulses (health signals) from the modification time of a file: each change of that time between two calls is a pulse, even a change
 * to an earlier time.
 *
 * @param freshMs - the first call has no earlier time to compare with. It returns a pulse only if the file was changed less than this many
 * milliseconds ago, and not in the future: a time in the future does not show when the bot was last alive.
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
 * Reads pulses (health signals) from a process, whose id is in a file. The process gives pulses as long as it exists, except in these
 * cases:
 * - It is a zombie: it has ended.
 * - It is another process that got the same id later. It counts only after the file was written again.
 * - It is hidden: `/proc` of Linux does not show it, so nobody knows whether it has ended.
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
				// Only a positive number is the id of one process: 0 and negative numbers name groups of processes.
				if (!/^[1-9]\d{0,9}$/.test(text) || !exists(Number(text))) return false;
				const [id, writtenMs] = [Number(text), stats.mtimeMs];
				const seenNow = await look(id);
				if (!seenNow) {
					// No report is made if the process has just ended.
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
	/**
	 * Returns what the operating system says about a process; undefined if it hides the process. Default: asks the operating system of this
	 * machine.
	 */
	readonly look?: (id: number) => Promise<ProcessLook | undefined>;
	/** Called once, with the id of a process that exists but is hidden. */
	readonly onHidden?: (id: number) => void;
}

/** What the operating system says about a process. */
export interface ProcessLook {
	/** True if the process has ended, but its parent has not read its exit status. */
	readonly isZombie: boolean;
	/** When the process was started, by a clock that nobody can set; undefined if the operating system does not say it. */
	readonly started: string | undefined;
}

function exists(id: number): boolean {
	try {
		return process.kill(id, 0);
	} catch (error) {
		// The error code EPERM means that the process exists but belongs to another user.
		return error instanceof Error && "code" in error && error.code === "EPERM";
	}
}

/**
 * Asks the operating system about a process; only Linux answers. Linux may hide a process of another user: see `hidepid` in proc(5) and
 * `ProtectProc=` of systemd.
 */
async function lookAt(id: number): Promise<ProcessLook | undefined> {
	if (process.platform !== "linux") return { isZombie: false, started: undefined };
	const text = await readFile(`/proc/${id}/stat`, "utf8").catch(() => undefined);
	if (text === undefined) return undefined;
	// The name of the program, in parentheses, may contain any character, so the text is split after it. Then follow the state (member 3)
	// and, later, the start time (member 22).
	const members = text.slice(text.lastIndexOf(")") + 2).split(" ");
	return { isZombie: members[0] === "Z", started: members[22 - 3] };
}
