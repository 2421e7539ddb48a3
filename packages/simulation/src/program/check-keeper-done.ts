import { isKeeperError, type Keeper } from "@x/keepalive";
import type { WorkerKeeper } from "@x/keepalive/worker";
import type { Journal } from "../journal.ts";

/**
 * Checks the keeper's `done()`, which resolves when every session was stopped on request, and rejects once a session has ended for good.
 *
 * - f: `done()` does not settle, or it resolves although a session has ended for good, or rejects although none has
 */
export class KeeperEnd {
	readonly #journal: Journal;
	#settled: "none" | "resolved" | "rejected" = "none";
	#hasFailed = false;

	constructor(journal: Journal) {
		this.#journal = journal;
	}

	/** To be called when a new process starts, before it has its keeper. If the keeper runs in a worker, a session may fail in between. */
	processStarted(): void {
		this.#settled = "none";
		this.#hasFailed = false;
	}

	/** To be called when the process has its keeper. @param isPresent - whether this is still the keeper of the process. */
	follow(keeper: Keeper | WorkerKeeper, isPresent: () => boolean): void {
		keeper.done().then(
			() => {
				if (isPresent()) this.#settled = "resolved";
			},
			(error: unknown) => {
				if (!isPresent()) return;
				this.#settled = "rejected";
				if (!isKeeperError(error) || error.kind !== "fatal") this.#journal.violate("f-done", "keeper", String(error));
			},
		);
	}

	/** To be called when a session has ended for good. */
	sessionFailed(): void {
		this.#hasFailed = true;
	}

	/** To be called once every session has stopped. */
	check(): void {
		const expected = this.#hasFailed ? "rejected" : "resolved";
		if (this.#settled === expected) return;
		const found = this.#settled === "none" ? "has not settled" : `has ${this.#settled}`;
		const reason = `${this.#hasFailed ? "a" : "no"} session ended for good`;
		this.#journal.violate("f-done", "keeper", `done() ${found}, but should have ${expected}, because ${reason}`);
	}
}
