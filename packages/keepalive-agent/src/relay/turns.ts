import { monotonicMs } from "@x/base/clock";

/** Frames that one client may have handled in one turn of the event loop. */
const framesPerTurn = 16;
/** After so many the turn is watched for its end. */
const framesUnnoticed = 4;
/** How long frames that waited may be handled in one turn. */
const turnMs = 4;

/** A client whose frames are handled in turns. */
export interface TurnTaker {
	/** Handles its next frame that waits. Returns whether more of them wait. */
	handleNext(): boolean;
}

/**
 * Shares the event loop among clients: in one turn of it each has a few frames handled, then the venue's frames and the timers have
 * theirs. So a client that floods delays nobody by more than a turn.
 */
export class Turns {
	readonly #used = new Map<TurnTaker, number>();
	/** Those with frames that wait, the next one first. */
	readonly #waiting = new Set<TurnTaker>();
	#isScheduled = false;

	/** Whether a frame may be handled now. If not, let it wait and call {@link wait}. */
	tryUse(client: TurnTaker): boolean {
		const used = this.#used.get(client) ?? 0;
		if (used >= framesPerTurn) return false;
		this.#used.set(client, used + 1);
		// Not for each frame: most clients send one in many turns.
		if (used >= framesUnnoticed) this.#schedule();
		return true;
	}

	wait(client: TurnTaker): void {
		this.#waiting.add(client);
		this.#schedule();
	}

	/** Call it when a client has ended, or has no frames left. */
	forget(client: TurnTaker): void {
		this.#waiting.delete(client);
		this.#used.delete(client);
	}

	#schedule(): void {
		if (this.#isScheduled) return;
		this.#isScheduled = true;
		setImmediate(() => this.#turn());
	}

	#turn(): void {
		this.#isScheduled = false;
		this.#used.clear();
		const until = monotonicMs() + turnMs;
		for (const client of [...this.#waiting]) {
			if (monotonicMs() >= until) break;
			// It may be added again below, behind the clients that wait already.
			this.#waiting.delete(client);
			let hasMore = true;
			while (hasMore && this.tryUse(client)) hasMore = client.handleNext();
			if (hasMore) this.#waiting.add(client);
		}
		if (this.#waiting.size > 0) this.#schedule();
	}
}
