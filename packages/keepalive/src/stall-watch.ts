import { monotonicMs, sleep } from "./time.ts";

/** A sleep is looked at this often, so that a machine that slept is noticed soon after it woke. */
const sliceMs = 30_000;

/**
 * Notices that this process or machine stood still while something was awaited.
 *
 * A blocked event loop shows on the monotonic clock, as a timer that is late. A sleeping machine stops that clock, and
 * shows as a wall clock that went further than the monotonic one.
 */
export class StallWatch {
	readonly #now: () => number;
	readonly #startedAt = monotonicMs();
	readonly #startedWall: number;

	constructor(now: () => number) {
		this.#now = now;
		this.#startedWall = now();
	}

	/** The wall clock when the watch began, in epoch milliseconds. */
	get startedWall(): number {
		return this.#startedWall;
	}

	/** The monotonic clock when the watch began. */
	get startedAt(): number {
		return this.#startedAt;
	}

	/** Milliseconds since then by the monotonic clock. */
	get elapsedMs(): number {
		return monotonicMs() - this.#startedAt;
	}

	/** Milliseconds for which the machine slept since then. A wall clock that was set back counts for nothing. */
	get sleptMs(): number {
		return Math.max(0, this.#now() - this.#startedWall - this.elapsedMs);
	}
}

/** Sleeps, and returns by how many milliseconds our own process or machine overslept; at once when it did by `stallMs`. */
export async function sleepWatched(
	ms: number,
	signal: AbortSignal,
	{ now, stallMs }: { readonly now: () => number; readonly stallMs: number },
): Promise<number> {
	const until = monotonicMs() + ms;
	for (;;) {
		const watch = new StallWatch(now);
		const slice = Math.min(sliceMs, Math.max(0, until - monotonicMs()));
		await sleep(slice, signal);
		const stoodStillMs = Math.max(watch.elapsedMs - slice, watch.sleptMs);
		// Timers of some runtimes wake up to two milliseconds early: what is left then is not slept again.
		if (signal.aborted || stoodStillMs > stallMs || until - monotonicMs() < 2) return stoodStillMs;
	}
}
