import { monotonicMs, sleep } from "@x/base/clock";
import type { AgentKeeper, Loop, SessionDetails } from "./start-agent.ts";

const refreshEveryMs = 1_000;
/** Deadline, in milliseconds, for one request to the worker thread, which may answer late when it is busy. */
const timeoutMs = 5_000;

/**
 * What the worker thread last reported about its sessions and its event loop. The thread is asked once a second, and after each change of
 * a session's status.
 */
export class WorkerDetails implements Loop {
	readonly #keeper: AgentKeeper;
	readonly #ended = new AbortController();
	#sessions: ReadonlyMap<string, SessionDetails> = new Map();
	/** Milliseconds for which the event loops of earlier worker threads were blocked, in total. */
	#earlierStalledMs = 0;
	#stalledMs = 0;
	#turnedAt = monotonicMs();
	#refreshing: Promise<void> | undefined;
	#isStale = false;

	constructor(keeper: AgentKeeper) {
		this.#keeper = keeper;
		keeper.onStatus(() => void this.refresh());
		void this.#keepRefreshing();
	}

	/**
	 * Milliseconds since the event loop of the worker thread last ran. While no worker thread runs: milliseconds since the previous worker
	 * thread was last seen.
	 */
	get ageMs(): number {
		const silentMs = this.#keeper.workerSilentMs;
		if (silentMs !== undefined) this.#turnedAt = monotonicMs() - silentMs;
		return monotonicMs() - this.#turnedAt;
	}

	get stalledMs(): number {
		return this.#earlierStalledMs + this.#stalledMs;
	}

	of(session: string): SessionDetails {
		return this.#sessions.get(session) ?? { warnings: [] };
	}

	/** Asks the worker for its details. Never rejects: if the worker does not answer, the previous details are kept. */
	async refresh(): Promise<void> {
		this.#isStale = true;
		this.#refreshing ??= this.#refresh().finally(() => {
			this.#refreshing = undefined;
		});
		await this.#refreshing;
	}

	close(): void {
		this.#ended.abort();
	}

	async #refresh(): Promise<void> {
		while (this.#isStale && !this.#ended.signal.aborted) {
			this.#isStale = false;
			try {
				const { stalledMs, sessions } = await this.#keeper.call("details", undefined, { timeoutMs });
				// If `stalledMs` has decreased, it comes from a restarted worker, which counts from 0 again. The sum of earlier workers is kept.
				if (stalledMs < this.#stalledMs) this.#earlierStalledMs += this.#stalledMs;
				this.#stalledMs = stalledMs;
				this.#sessions = sessions;
			} catch {
				// The worker is busy or has died. The statuses of the sessions show that, so nothing is reported here.
				return;
			}
		}
	}

	async #keepRefreshing(): Promise<void> {
		while (!this.#ended.signal.aborted) {
			// Read for its side effect: the getter `ageMs` also records when the worker thread was last seen.
			void this.ageMs;
			await this.refresh();
			await sleep(refreshEveryMs, this.#ended.signal);
		}
	}
}
