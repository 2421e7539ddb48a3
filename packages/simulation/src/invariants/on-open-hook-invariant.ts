import type { StatusRecord } from "@x/keepalive";
import type { Journal } from "../journal.ts";

/**
 * Checks the calls of the session option `onOpen` (the hook). Each call gets the losses: each time at which the session was lost and the
 * venue may have cancelled orders.
 *
 * - k-hook-count: the session is alive after an open, but the hook was not called exactly once during that open
 * - k-hook-outside: the hook was called while the session was not opening
 * - k-hook-losses: the hook got losses at the first open, although no earlier attempt can have begun a countdown at the venue; or it got no
 *   losses although the session was lost
 */
export class OpenHookInvariant {
	readonly #name: string;
	readonly #journal: Journal;
	readonly #isLoss: ((cause: string) => boolean) | undefined;
	#last: StatusRecord["status"]["state"] | undefined;
	/** The number of times that the hook was called since the session began to open. */
	#calls = 0;
	#isFirst = true;
	/**
	 * Whether an earlier attempt to open may have begun the venue's countdown to cancel orders. This happens if the attempt failed, or if the
	 * health gate closed the session because the program hung.
	 */
	#hasCountdown = false;
	/** Whether the session has been lost since the last time it was alive. */
	#wasLost = false;

	/**
	 * @param isLoss - receives the cause of a lost session or of a failed attempt to open. Returns whether the venue may have cancelled
	 *   orders, so that the hook must get losses. Default: true for every lost session, false for every failed attempt.
	 */
	constructor(name: string, journal: Journal, isLoss?: (cause: string) => boolean) {
		this.#name = name;
		this.#isLoss = isLoss;
		this.#journal = journal;
	}

	/** To be called when a new process with a new session object has started. */
	processStarted(): void {
		this.#last = undefined;
		this.#calls = 0;
		this.#isFirst = true;
		this.#hasCountdown = false;
		this.#wasLost = false;
	}

	/** To be called when the session has called the hook with this many losses (times at which orders may have been cancelled). */
	called(losses: number): void {
		this.#journal.count("hook called");
		this.#calls += 1;
		if (this.#last !== "opening") this.#violate("k-hook-outside", `onOpen was called while ${this.#last}`);
		if (this.#isFirst && losses > 0 && !this.#hasCountdown)
			this.#violate("k-hook-losses", `${losses} losses at the first open`);
		this.#isFirst = false;
		if (this.#wasLost && losses === 0) this.#violate("k-hook-losses", "no losses after the session was lost");
	}

	/** To be called when the hook has returned without an error, so that later calls need not get these losses again. */
	returned(losses: number): void {
		if (losses > 0) this.#wasLost = false;
	}

	/** To be called when the keeper has published a status record. */
	recorded({ status }: StatusRecord): void {
		const { state } = status;
		if (state === "opening") this.#calls = 0;
		if (state === "alive" && this.#last === "opening") {
			if (this.#calls !== 1) this.#violate("k-hook-count", `onOpen was called ${this.#calls} times for one open`);
			this.#wasLost = false;
		}
		// If the session was unarmed when it was lost, the venue cancels nothing. The hook need not get losses then.
		if (status.state === "lost" && status.protection.state !== "unarmed") {
			this.#wasLost ||= this.#isLoss?.(status.cause.message) ?? true;
		}
		if (status.state === "waiting") this.#hasCountdown ||= this.#isLoss?.(status.cause.message) ?? false;
		// When the program hangs, the health gate closes the session, even if it is still opening. If the attempt to open has already subscribed
		// at the venue, this close starts the venue's countdown to the cancel of the orders.
		if (status.state === "gated")
			this.#hasCountdown ||= this.#isLoss !== undefined && status.closed.orders === "unknown";
		this.#last = state;
	}

	#violate(rule: string, detail: string): void {
		this.#journal.violate(rule, this.#name, detail);
	}
}
