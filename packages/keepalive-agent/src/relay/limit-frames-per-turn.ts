import { monotonicMs } from "@x/base/clock";

/** At most this many frames of one client are handled in one turn of the event loop. */
const framesPerTurn = 16;
/**
 * The relay counts the frames that it handles of each client. Once one client's count is higher than this number, the counts of all clients
 * are reset in the next turn of the event loop. Lower counts cause no reset, because a reset costs time.
 */
const framesUnnoticed = 4;
/** At most this many milliseconds of one turn of the event loop are spent on handling waiting frames. */
const turnMs = 4;

/** A client whose frames are handled only as often as {@link Turns} allows. */
export interface TurnTaker {
	/** Handles the client's next waiting frame. Returns whether more frames wait. */
	handleNext(): boolean;
}

/**
 * Shares the event loop among clients. In one turn of the event loop only a few frames of each client are handled; then frames from the
 * venue and timers are handled. So a client that floods delays other clients by at most one turn.
 */
export class Turns {
	readonly #used = new Map<TurnTaker, number>();
	/** The clients with waiting frames, in the order in which their frames are handled next. */
	readonly #waiting = new Set<TurnTaker>();
	#isScheduled = false;
	readonly #runNextTurn: (run: () => void) => unknown;

	/** @param runNextTurn - runs a function in the next turn of the event loop. Default: `setImmediate`. */
	constructor(runNextTurn: (run: () => void) => unknown = setImmediate) {
		this.#runNextTurn = runNextTurn;
	}

	/** Whether a frame of the client may be handled now. If not, the caller keeps the frame and calls {@link wait}. */
	tryUse(client: TurnTaker): boolean {
		const used = this.#used.get(client) ?? 0;
		if (used >= framesPerTurn) return false;
		this.#used.set(client, used + 1);
		// Resetting the frame counts costs time, and most clients send few frames in a turn. So only a busy client makes the relay reset them.
		if (used >= framesUnnoticed) this.#schedule();
		return true;
	}

	wait(client: TurnTaker): void {
		this.#waiting.add(client);
		this.#schedule();
	}

	/** Has to be called when a client has ended or has no frames left. */
	forget(client: TurnTaker): void {
		this.#waiting.delete(client);
		this.#used.delete(client);
	}

	#schedule(): void {
		if (this.#isScheduled) return;
		this.#isScheduled = true;
		this.#runNextTurn(() => this.#turn());
	}

	#turn(): void {
		this.#isScheduled = false;
		this.#used.clear();
		const until = monotonicMs() + turnMs;
		for (const client of [...this.#waiting]) {
			if (monotonicMs() >= until) break;
			// The client is removed first: if it is added again below, it comes behind the clients that already wait.
			this.#waiting.delete(client);
			let hasMore = true;
			while (hasMore && this.tryUse(client)) hasMore = client.handleNext();
			if (hasMore) this.#waiting.add(client);
		}
		if (this.#waiting.size > 0) this.#schedule();
	}
}
