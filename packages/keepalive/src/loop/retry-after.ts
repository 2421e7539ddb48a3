import { dispositionOf } from "../session-error.ts";
import { monotonicMs } from "../time.ts";

/**
 * What a venue that asked for silence is owed: no call before an instant, counted from when it asked. It outlives the
 * session that was told, because a penalty box does not care what became of that.
 */
export class Silence {
	#until: number | undefined;

	/** Takes an error that asks for a wait to heart; of several waits the longest holds. */
	heed(error: unknown): void {
		const disposition = dispositionOf(error);
		if (disposition.action !== "wait") return;
		const until = monotonicMs() + disposition.forMs;
		if (this.#until === undefined || until > this.#until) this.#until = until;
	}

	/** Milliseconds until a call is welcome; 0 when one is now. */
	get leftMs(): number {
		return this.#until === undefined ? 0 : Math.max(0, this.#until - monotonicMs());
	}
}
