import { monotonicMs } from "@x/base/clock";

/** How many frames of one client may be handled in one turn of the event loop. */
const framesPerTurn = 16;
/** When a client has had this many frames handled, the end of the event loop's turn is awaited, to reset the counts. */
const framesUnnoticed = 4;
/** How long waiting frames may be handled in one turn of the event loop. */
const turnMs = 4;

/** A client whose frames {@link Turns} lets be handled. */
export interface TurnTaker {
	/** Handles the client's next waiting frame. Returns whether more frames wait. */
	handleNext(): boolean;
}

/**
 * Shares the event loop among clients: in one turn of the event loop only a few frames of each client are handled; then the venue's frames
 * and the timers are. So a client that floods delays the others by at most one turn.
 */
export class Turns {
	readonly #used = new Map<TurnTaker, number>();
	/** The clients with waiting frames; the client whose turn is next comes first. */
	readonly #waiting = new Set<TurnTaker>();
	#isScheduled = false;

	/** Whether a frame may be handled now. If not, keep the frame and call {@link wait}. */
	tryUse(client: TurnTaker): boolean {
		const used = this.#used.get(client) ?? 0;
		if (used >= framesPerTurn) return false;
		this.#used.set(client, used + 1);
		// Not scheduled for each frame, because most clients send one frame in many turns.
		if (used >= framesUnnoticed) this.#schedule();
		return true;
	}

	wait(client: TurnTaker): void {
		this.#waiting.add(client);
		this.#schedule();
	}

	/** Call it when a client has ended or has no frames left. */
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
			// The client may be added again below, behind the clients that wait already.
			this.#waiting.delete(client);
			let hasMore = true;
			while (hasMore && this.tryUse(client)) hasMore = client.handleNext();
			if (hasMore) this.#waiting.add(client);
		}
		if (this.#waiting.size > 0) this.#schedule();
	}
}
