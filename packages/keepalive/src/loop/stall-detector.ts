import { dispositionOf, isOver, SessionError } from "../session-error.ts";
import { causeOf } from "../status/status.ts";
import { monotonicMs, sleep } from "../time.ts";

/** A sleep is looked at this often, in milliseconds, so that a machine that slept is noticed soon after it woke. */
export const sliceMs = 30_000;

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

	/** By how many milliseconds a wait of `ms` since then took longer than it should have: something stood still. */
	overslept(ms: number): number {
		return Math.max(this.elapsedMs - ms, this.sleptMs);
	}

	/** Milliseconds for which the machine slept since then. A wall clock that was set back counts for nothing. */
	get sleptMs(): number {
		return Math.max(0, this.#now() - this.#startedWall - this.elapsedMs);
	}
}

/** What came of a piece of work, and for how long our own process or machine stood still meanwhile. */
export interface Watched<T> {
	readonly value: T;
	/** Milliseconds the event loop was blocked at a stretch, beyond a tick of `stallMs`. */
	readonly blockedMs: number;
	/** Milliseconds the machine slept. */
	readonly sleptMs: number;
}

/** Does work that may take any time, and notices when what it brought may have lain unread. */
export async function watched<T>(
	{ now, stallMs }: { readonly now: () => number; readonly stallMs: number },
	work: () => Promise<T>,
): Promise<Watched<T>> {
	const over = new AbortController();
	const sleeping = new StallWatch(now);
	let blockedMs = 0;
	let due = monotonicMs();
	const look = (): void => {
		blockedMs = Math.max(blockedMs, monotonicMs() - due);
	};
	const tick = async (): Promise<void> => {
		while (!over.signal.aborted) {
			due = monotonicMs() + stallMs;
			await sleep(stallMs, over.signal);
			if (!over.signal.aborted) look();
		}
	};
	void tick();
	try {
		const value = await work();
		// The answer may have been read before the tick that is overdue.
		look();
		return { value, blockedMs, sleptMs: sleeping.sleptMs };
	} finally {
		over.abort();
	}
}

/** For a loop that found that time had passed it by. */
export function stallError(name: string, ms: number): SessionError {
	return new SessionError(`${stood(ms)}; asking ${name} before judging it`, { disposition: { action: "retry" } });
}

/** A loss that followed on standing still, with that named first: it is the likely cause, and asks for the same as before. */
export function lossAfter(ms: number, reason: unknown): SessionError {
	return new SessionError(`${stood(ms)}; then: ${causeOf(reason).message}`, {
		disposition: dispositionOf(reason),
		session: isOver(reason) ? "ended" : "unclear",
		cause: reason,
	});
}

function stood(ms: number): string {
	return `@x/keepalive: this process or machine stood still for ${Math.round(ms)} ms`;
}
