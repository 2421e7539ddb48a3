import { sleep } from "@x/base/clock";
import type { KeeperLimits } from "@x/keepalive/worker";
import { codeOf, writeState } from "./state-file.ts";

/** The longest time between two writes, in milliseconds. The file is written this often so that it says when the agent was last alive. */
const aliveEveryMs = 10_000;
/** A write that takes longer than this many milliseconds is reported as a problem of the disk. */
const slowMs = 5_000;

/** A function that is called with the reason when the file can no longer be written, and with undefined when it can be written again. */
export type OnStateProblem = (problem: string | undefined) => void;

/**
 * Keeps the state file up to date: it writes the file after each change of a used rate limit, and every ten seconds. Writes run one at a
 * time; changes that come during a write are in the next write. Only the start and the end of the agent wait for a write, for at most five
 * seconds.
 */
export class StateKeeper {
	readonly #file: string;
	readonly #onProblem: OnStateProblem;
	readonly #ended = new AbortController();
	/** The rate limits that the sessions have used. Undefined while they are unknown: the state file is left unchanged for that time. */
	#sessions: KeeperLimits | undefined;
	#isChanged = false;
	#writing: Promise<void> | undefined;
	#problem: string | undefined;

	/** @param sessions - the rate limits that the sessions have used; undefined when all rate limits count as used up. */
	constructor(file: string, sessions: KeeperLimits | undefined, onProblem: OnStateProblem) {
		this.#file = file;
		this.#sessions = sessions;
		this.#onProblem = onProblem;
	}

	/** Begins to write the file. Resolves once the first write has succeeded, has failed, or takes too long. */
	async start(): Promise<void> {
		const written = this.#write();
		void this.#keepWriting();
		await this.#orSlow(written);
	}

	/** Writes used rate limits that have changed. */
	update(sessions: KeeperLimits): void {
		this.#sessions = sessions;
		void this.#write();
	}

	/** Writes the file for the last time, with the mark that the agent has shut down cleanly. */
	async end(): Promise<void> {
		this.#ended.abort();
		await this.#orSlow(this.#write());
	}

	/** Writes the current state. Never rejects. */
	async #write(): Promise<void> {
		this.#isChanged = true;
		this.#writing ??= this.#writeAll().finally(() => {
			this.#writing = undefined;
		});
		await this.#writing;
	}

	async #writeAll(): Promise<void> {
		while (this.#isChanged && this.#sessions) {
			this.#isChanged = false;
			const { aborted: ended } = this.#ended.signal;
			try {
				await writeState(this.#file, this.#sessions, ended);
				this.#report(undefined);
			} catch (error) {
				this.#report(codeOf(error));
			}
		}
	}

	#report(problem: string | undefined): void {
		if (problem === this.#problem) return;
		this.#problem = problem;
		this.#onProblem(problem === undefined ? undefined : `${this.#file} cannot be written: ${problem}`);
	}

	async #keepWriting(): Promise<void> {
		while (!this.#ended.signal.aborted) {
			await sleep(aliveEveryMs, this.#ended.signal);
			if (!this.#ended.signal.aborted) await this.#orSlow(this.#write());
		}
	}

	async #orSlow(written: Promise<void>): Promise<void> {
		const done = new AbortController();
		const isSlow = sleep(slowMs, done.signal).then(() => !done.signal.aborted);
		if ((await Promise.race([written, isSlow])) === true) this.#report("the disk does not answer");
		done.abort();
	}
}
