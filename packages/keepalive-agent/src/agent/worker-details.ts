import { monotonicMs, sleep } from "@x/base/clock";
import type { AgentKeeper, Loop, SessionDetails } from "./agent.ts";

const refreshEveryMs = 1_000;
/** Deadline of one question; a busy worker may answer late. */
const timeoutMs = 5_000;

/** What the worker last said of its sessions and of its loop. Asked for once a second and after each change of a status. */
export class WorkerDetails implements Loop {
	readonly #keeper: AgentKeeper;
	readonly #ended = new AbortController();
	#sessions: ReadonlyMap<string, SessionDetails> = new Map();
	/** The stalls of the workers before this one. */
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

	/** Without a worker it is the time since there was one. */
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

	/** Asks the worker. Never rejects; without an answer the last one stays. */
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
				// A new worker counts from 0.
				if (stalledMs < this.#stalledMs) this.#earlierStalledMs += this.#stalledMs;
				this.#stalledMs = stalledMs;
				this.#sessions = sessions;
			} catch {
				// It is busy or has died, which its statuses say.
				return;
			}
		}
	}

	async #keepRefreshing(): Promise<void> {
		while (!this.#ended.signal.aborted) {
			// Also the time at which the worker was last seen.
			void this.ageMs;
			await this.refresh();
			await sleep(refreshEveryMs, this.#ended.signal);
		}
	}
}
