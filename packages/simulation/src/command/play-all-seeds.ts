import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { Outcome } from "../simulate.ts";

/** A run that takes this long for each simulated day has hung: a day usually takes seconds. */
const longestDayMs = 120_000;

/** The error for a run that ended without an outcome. */
export class RunFailed extends Error {
	override readonly name = "RunFailed";
	readonly seed: number;

	constructor(seed: number, why: string) {
		super(`seed ${seed} ${why}`);
		this.seed = seed;
	}
}

/** Which seeds to play, and how. */
export interface PoolOptions {
	readonly first: number;
	readonly last: number;
	readonly days: number;
	readonly jobs: number;
	/** Called with the outcome of each run. If it returns false, no further run is started. */
	readonly onOutcome: (outcome: Outcome) => boolean;
	/** The path of the worker program. Default: `seed-worker.ts` in this folder. */
	readonly worker?: string;
	/** Whether to hide the standard error of the workers. Default false. */
	readonly isQuiet?: boolean;
}

/**
 * Plays seeds in several processes, with a deadline for each run. All processes have ended when the call returns.
 *
 * @throws RunFailed for a run that crashes or does not end.
 */
export async function playAll(options: PoolOptions): Promise<void> {
	const { first, last, days, jobs, onOutcome, isQuiet = false } = options;
	const worker = options.worker ?? join(import.meta.dirname, "seed-worker.ts");
	let next = first;
	let isOver = false;
	const children: ChildProcess[] = [];
	const playOn = async (child: ChildProcess): Promise<void> => {
		while (!isOver && next <= last) {
			const seed = next;
			next += 1;
			const outcome = await playOne(child, seed, days);
			if (!onOutcome(outcome)) isOver = true;
		}
	};
	try {
		const count = Math.min(jobs, last - first + 1);
		for (let made = 0; made < count; made += 1) {
			children.push(fork(worker, { stdio: ["ignore", "ignore", isQuiet ? "ignore" : "inherit", "ipc"] }));
		}
		await Promise.all(children.map(playOn));
	} finally {
		isOver = true;
		for (const child of children) child.kill();
	}
}

function playOne(child: ChildProcess, seed: number, days: number): Promise<Outcome> {
	return new Promise((resolve, reject) => {
		const settle = (): void => {
			clearTimeout(timer);
			child.off("message", onMessage);
			child.off("exit", onExit);
		};
		const fail = (why: string): void => {
			settle();
			child.kill("SIGKILL");
			reject(new RunFailed(seed, why));
		};
		// The cast below is safe: the worker sends only outcomes.
		const onMessage = (message: unknown): void => {
			settle();
			resolve(message as Outcome);
		};
		const onExit = (code: number | null, signal: string | null): void =>
			fail(`crashed its worker process (${signal ?? `exit code ${code}`})`);
		const mostMs = longestDayMs * Math.max(1, days);
		const timer = setTimeout(() => fail(`did not end within ${mostMs / 1_000} s`), mostMs);
		child.on("message", onMessage);
		child.on("exit", onExit);
		child.send({ seed, days });
	});
}
