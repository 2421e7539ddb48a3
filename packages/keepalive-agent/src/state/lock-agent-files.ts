import type { Config } from "../config/config.ts";
import { ConfigError } from "../config/config-error.ts";
import { type LockHolder, lockFile, type Release } from "./file-lock.ts";

/** How many milliseconds to wait, at most, for another agent to end: `keepalive stop` returns a moment before its agent has ended. */
const waitMs = 2_000;

/**
 * Locks the files that an agent writes, so that no other agent uses them. Two agents with one state file would overwrite each other's
 * record of used rate limits, and a shared history would mix the records of both agents.
 *
 * @param warn - receives problems that do not stop the agent, for example that the disk does not support locks.
 * @returns a function that releases the locks, and never throws.
 * @throws ConfigError when another agent has locked one of the files. After this error, no lock is held.
 */
export async function lockOwnFiles(
	config: Pick<Config, "file" | "state" | "history">,
	warn: (problem: string) => void,
): Promise<() => void> {
	const { file: configFile, state, history } = config;
	const files = [
		{ key: "state.file", file: state.file },
		...(history.kind === "sqlite" ? [{ key: "history.file", file: history.file }] : []),
	];
	const locks: { readonly file: string; readonly release: Release }[] = [];
	const releaseAll = (): void => {
		for (const { file, release } of locks) {
			const problem = release();
			if (problem !== undefined) warn(`${file}.lock.holder could not be removed (${problem}): delete it`);
		}
	};
	for (const { key, file } of files) {
		const locked = await lockFile(file, waitMs);
		switch (locked.result) {
			case "locked":
				locks.push({ file, release: locked.release });
				break;
			case "failed":
				warn(
					`${file} cannot be locked (${locked.reason}), so another agent could use it without an error: make sure that none does`,
				);
				break;
			case "held":
				releaseAll();
				throw new ConfigError(configFile, [{ key, message: heldText(key, file, locked.holder) }]);
		}
	}
	return releaseAll;
}

function heldText(key: string, file: string, holder: LockHolder | undefined): string {
	const who = holder
		? `process ${holder.pid} on ${holder.host}, since ${new Date(holder.since).toISOString()}`
		: "its process is not known";
	return `is in use by another agent or drill: ${file} (${who}). Stop it first, or give this one a ${key} of its own`;
}
