import type { StatusRecord } from "@x/keepalive";
import type { Journal } from "../journal.ts";

/**
 * The option `onOpen` of one session.
 *
 * - k-hook-count: alive after an open, and the hook was not called exactly once for it
 * - k-hook-outside: the hook was called while the session was not opening
 * - k-hook-losses: losses at the first open, although no attempt before it can have begun a countdown; or none told of after the
 *   session was lost
 */
export class OpenHookInvariant {
	readonly #name: string;
	readonly #journal: Journal;
	readonly #isLoss: ((cause: string) => boolean) | undefined;
	#last: StatusRecord["status"]["state"] | undefined;
	/** Calls of the hook since the session began to open. */
	#calls = 0;
	#isFirst = true;
	/** Whether a connection of an attempt that failed, or was closed by the gate, can have begun a countdown. */
	#hasCountdown = false;
	/** Whether the session was lost since it was last alive. */
	#wasLost = false;

	/**
	 * @param isLoss - whether a session that is lost for this cause, or an attempt that fails for it, may have lost orders, so that
	 * the hook has to be told. Without it any lost session may have, and no attempt.
	 */
	constructor(name: string, journal: Journal, isLoss?: (cause: string) => boolean) {
		this.#name = name;
		this.#isLoss = isLoss;
		this.#journal = journal;
	}

	/** A new process runs a new session object from now on. */
	processStarted(): void {
		this.#last = undefined;
		this.#calls = 0;
		this.#isFirst = true;
		this.#hasCountdown = false;
		this.#wasLost = false;
	}

	/** The session called the hook with this many losses. */
	called(losses: number): void {
		this.#journal.count("hook called");
		this.#calls += 1;
		if (this.#last !== "opening") this.#violate("k-hook-outside", `while ${this.#last}`);
		if (this.#isFirst && losses > 0 && !this.#hasCountdown)
			this.#violate("k-hook-losses", `${losses} at the first open`);
		this.#isFirst = false;
		if (this.#wasLost && losses === 0) this.#violate("k-hook-losses", "none after the session was lost");
	}

	/** The hook has returned, so the program knows these losses. */
	returned(losses: number): void {
		if (losses > 0) this.#wasLost = false;
	}

	/** The keeper published a record. */
	recorded({ status }: StatusRecord): void {
		const { state } = status;
		if (state === "opening") this.#calls = 0;
		if (state === "alive" && this.#last === "opening") {
			if (this.#calls !== 1) this.#violate("k-hook-count", `alive, and it was called ${this.#calls} times`);
			this.#wasLost = false;
		}
		// Where the venue had said that it cancels nothing, nothing was lost.
		if (status.state === "lost" && status.protection.state !== "unarmed") {
			this.#wasLost ||= this.#isLoss?.(status.cause.message) ?? true;
		}
		if (status.state === "waiting") this.#hasCountdown ||= this.#isLoss?.(status.cause.message) ?? false;
		// The gate closes an attempt that may have subscribed.
		if (status.state === "gated")
			this.#hasCountdown ||= this.#isLoss !== undefined && status.closed.orders === "unknown";
		this.#last = state;
	}

	#violate(rule: string, detail: string): void {
		this.#journal.violate(rule, this.#name, detail);
	}
}
