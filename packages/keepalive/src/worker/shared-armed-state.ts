import { monotonicMs } from "@x/base/clock";

/**
 * How long a session counts as armed after its worker last wrote that the session is armed, in milliseconds. So a worker that hangs
 * or has died is noticed at most this much later, even if no message says so.
 */
export const maxSilenceMs = 500;

/** How often a worker refreshes its values in shared memory, in milliseconds. */
export const refreshMs = 50;

/** The unit of the times in shared memory, in milliseconds. With this unit, differences of up to two years fit in 32 bits. */
const tickMs = 32;

/** The index of each 32-bit value in shared memory. The common values come first, then `wordsPerSession` values for each session. */
const at = { pulse: 0, latePulses: 1, turn: 2, records: 3, logs: 4, tallies: 5, limits: 6, sessions: 7 } as const;

/** The kinds of messages whose receiver counts in shared memory how many it has received. */
export type Counted = "records" | "logs" | "tallies" | "limits";
const wordsPerSession = 4;

/** The moment that is time 0 for the times in shared memory. It is chosen by the thread that made the keeper. */
export interface ClockOrigin {
	/** The moment on the monotonic clock of the thread that made the keeper. Some runtimes start this clock anew in each thread. */
	readonly monotonicMs: number;
	/** The moment in epoch milliseconds. */
	readonly wallMs: number;
}

/**
 * Exchanges values between the worker and the program through shared memory, without messages.
 *
 * - The worker writes how long each session stays armed. The program reads this before each order.
 * - The worker writes how long the session's venue allows no call.
 * - The program writes when it last called `pulse()`.
 *
 * A session counts as armed while two times lie in the future: one on the monotonic clock, and one on the wall clock, which goes
 * on while the machine is suspended. For a session that is not armed, the worker writes times in the past.
 *
 * Each time is written and read atomically. A read during a write may get one old and one new time. If the session is not armed
 * before or after this write, one of these two times lies in the past. So a session that is not armed is never shown as armed.
 *
 * Times are compared by their difference, so that neither a long run nor a clock that is set wrongly makes them overflow. All
 * times are on the clocks of the thread that reads whether a session is armed.
 */
export class SharedArmedState {
	readonly buffer: SharedArrayBuffer;
	readonly #words: Int32Array;
	readonly #origin: ClockOrigin;

	/** @param sessions - a number of sessions, for which new memory is made; or memory that another thread has made. */
	constructor(sessions: number | SharedArrayBuffer, origin: ClockOrigin) {
		const isNew = typeof sessions === "number";
		this.buffer = isNew ? new SharedArrayBuffer(4 * (at.sessions + sessions * wordsPerSession)) : sessions;
		this.#words = new Int32Array(this.buffer);
		this.#origin = origin;
	}

	/** Whether a session is armed now. */
	isArmed(session: number): boolean {
		const word = at.sessions + session * wordsPerSession;
		const words = this.#words;
		return (
			isAhead(Atomics.load(words, word), monotonicMs() - this.#origin.monotonicMs) &&
			isAhead(Atomics.load(words, word + 1), Date.now() - this.#origin.wallMs)
		);
	}

	/**
	 * Writes that a session is armed until `armedUntil`, but for at most {@link maxSilenceMs}. The next call replaces this. All
	 * times are on the reader's monotonic clock.
	 *
	 * @param now - the current time.
	 * @param armedUntil - a time in the past for a session that is not armed.
	 * @param provenUntil - until when the last acknowledged beat proves the session to be alive.
	 */
	write(session: number, now: number, armedUntil: number, provenUntil: number): void {
		const word = at.sessions + session * wordsPerSession;
		// For a session that is not armed, `armedUntil` may be minus infinity, which would overflow and look like a time in the future. So
		// the time that is written lies at most one tick in the past.
		const leftMs = Math.max(-tickMs, Math.min(maxSilenceMs, armedUntil - now));
		Atomics.store(this.#words, word, ticks(now + leftMs - this.#origin.monotonicMs));
		Atomics.store(this.#words, word + 1, ticks(Date.now() + leftMs - this.#origin.wallMs));
		const provenMs = Math.max(0, provenUntil - now);
		Atomics.store(this.#words, word + 2, ticks(now + provenMs - this.#origin.monotonicMs));
	}

	/** For how many more milliseconds the last acknowledged beat proves a session to be alive; at least 0. */
	provenForMs(session: number): number {
		const until = Atomics.load(this.#words, at.sessions + session * wordsPerSession + 2);
		return Math.max(0, difference(until, monotonicMs() - this.#origin.monotonicMs) * tickMs);
	}

	/**
	 * Writes for how long the venue of a session allows no call. The program reads this when the worker has died and can send no message
	 * any more.
	 */
	writeVenueWait(session: number, now: number, waitMs: number): void {
		// If there is no wait, the written time is well in the past, so that rounding does not turn it into a wait.
		const until = Math.ceil((now + (waitMs > 0 ? waitMs : -2 * tickMs) - this.#origin.monotonicMs) / tickMs) | 0;
		Atomics.store(this.#words, at.sessions + session * wordsPerSession + 3, until);
	}

	/** Milliseconds until the venue of a session allows a call again, too long by at most two ticks; 0 if a call is allowed now. */
	venueWaitMs(session: number): number {
		const until = Atomics.load(this.#words, at.sessions + session * wordsPerSession + 3);
		return Math.max(0, difference(until, monotonicMs() - this.#origin.monotonicMs) * tickMs);
	}

	/** Records that the worker's event loop runs. */
	recordTurn(now: number): void {
		Atomics.store(this.#words, at.turn, ticks(now - this.#origin.monotonicMs));
	}

	/** Milliseconds since the worker's event loop last ran, accurate to 32 ms. */
	get silentMs(): number {
		return Math.max(
			0,
			-difference(Atomics.load(this.#words, at.turn), monotonicMs() - this.#origin.monotonicMs) * tickMs,
		);
	}

	/**
	 * Records that the program called `pulse()` at `now`. This time is written in milliseconds, which are more exact than ticks.
	 * Milliseconds in 32 bits overflow after weeks, but only recent pulses are compared.
	 */
	recordPulse(now: number, wasLate: boolean): void {
		if (wasLate) Atomics.add(this.#words, at.latePulses, 1);
		Atomics.store(this.#words, at.pulse, Math.floor(now - this.#origin.monotonicMs) | 0);
	}

	/** The time of the latest `pulse()`, exactly as it was written, so that a changed value shows a new call. */
	get pulse(): number {
		return Atomics.load(this.#words, at.pulse);
	}

	/** How long before `now` a `pulse()` was called, in milliseconds. */
	pulseAgeMs(pulse: number, now: number): number {
		return Math.max(0, (Math.floor(now - this.#origin.monotonicMs) - pulse) | 0);
	}

	/** How many calls of `pulse()` came later than the gate's tolerance allows. */
	get latePulses(): number {
		return Atomics.load(this.#words, at.latePulses);
	}

	/** Counts a message as received. */
	countReceived(what: Counted): void {
		Atomics.add(this.#words, at[what], 1);
	}

	/** How many of the `sent` messages the receiver has not counted as received yet. */
	notReceived(what: Counted, sent: number): number {
		return (sent - Atomics.load(this.#words, at[what])) | 0;
	}
}

/** Converts milliseconds to ticks, rounded down so that no time looks later than it is. */
function ticks(ms: number): number {
	return Math.floor(ms / tickMs) | 0;
}

/** How many ticks a time is after now; negative if the time is in the past. */
function difference(instant: number, nowMs: number): number {
	return (instant - Math.floor(nowMs / tickMs)) | 0;
}

function isAhead(instant: number, nowMs: number): boolean {
	return difference(instant, nowMs) > 0;
}
