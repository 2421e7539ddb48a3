import { sleep } from "@x/base/clock";
import type { KeeperLimits } from "@x/keepalive/worker";
import { codeOf, writeState } from "./state-file.ts";

/** The longest time between two writes, so that the file says when the agent last lived. */
const aliveEveryMs = 10_000;
/** A disk that does not answer for so long is reported. */
const slowMs = 5_000;

/** Called when the file can no longer be written, with the reason, and when it can again. */
export type OnStateProblem = (problem: string | undefined) => void;

/**
 * Keeps the state file up to date: after each change of a limit, and every ten seconds. One write is under way at a time, and what changes
 * meanwhile is in the next one. Nothing waits for a write but the start and the end of the agent, and these not for long.
 */
export class StateKeeper {
	readonly #file: string;
	readonly #onProblem: OnStateProblem;
	readonly #ended = new AbortController();
	/** Undefined while nothing is known: the file that is there is left alone then. */
	#sessions: KeeperLimits | undefined;
	#isChanged = false;
	#writing: Promise<void> | undefined;
	#problem: string | undefined;

	/** @param sessions - what is known at the start; undefined when the limits count as used up. */
	constructor(file: string, sessions: KeeperLimits | undefined, onProblem: OnStateProblem) {
		this.#file = file;
		this.#sessions = sessions;
		this.#onProblem = onProblem;
	}

	/** Writes the file from now on. Resolves once it is written for the first time, or cannot be, or is slow. */
	async start(): Promise<void> {
		const written = this.#write();
		void this.#keepWriting();
		await this.#orSlow(written);
	}

	/** The limits have changed. */
	update(sessions: KeeperLimits): void {
		this.#sessions = sessions;
		void this.#write();
	}

	/** Writes for the last time that the agent ended in order. */
	async end(): Promise<void> {
		this.#ended.abort();
		await this.#orSlow(this.#write());
	}

	/** Never rejects. */
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
