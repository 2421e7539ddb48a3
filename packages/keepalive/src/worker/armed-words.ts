import { monotonicMs } from "@x/base/clock";

/**
 * How long a session counts as armed after its worker last said so, in milliseconds: a worker that hangs or has died
 * is noticed after this time at the latest, even if no message says so.
 */
export const maxSilenceMs = 500;

/** How often a worker refreshes its words, in milliseconds. */
export const refreshMs = 50;

/** The unit of the instants in shared memory: differences of up to two years then fit in 32 bits. */
const tickMs = 32;

/** Where things are: common words first, then `wordsPerSession` for each session. */
const at = { pulse: 0, latePulses: 1, turn: 2, records: 3, logs: 4, tallies: 5, limits: 6, sessions: 7 } as const;

/** What is sent in messages and counted by its receiver. */
export type Counted = "records" | "logs" | "tallies" | "limits";
const wordsPerSession = 4;

/** The origins of the instants: the thread that made the keeper chooses them. */
export interface WordOrigin {
	/** On the monotonic clock of that thread. Threads of some runtimes start this clock anew. */
	readonly monotonicMs: number;
	/** Epoch milliseconds. */
	readonly wallMs: number;
}

/**
 * What two threads tell each other without messages: until when each session is armed (written by the worker, read before
 * each order), until when its venue allows no call, and when the program last gave a pulse (the other way round).
 *
 * Each entry is written and read as a whole. A session counts as armed while two instants lie in the future, one on the
 * monotonic clock and one on the wall clock, which also counts while the machine is suspended. Each alone was true for the
 * moment when it was written, and a session that is not armed has both in the past, so no order of reads and writes shows a
 * session as armed that was not. Instants are compared by their difference, so that neither a long run nor a clock that is
 * set wrongly makes them overflow.
 *
 * All instants are on the clocks of the thread that reads whether a session is armed.
 */
export class ArmedWords {
	readonly buffer: SharedArrayBuffer;
	readonly #words: Int32Array;
	readonly #origin: WordOrigin;

	/** @param sessions - how many, or the memory that another thread has made. */
	constructor(sessions: number | SharedArrayBuffer, origin: WordOrigin) {
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
	 * Says that a session is armed until `armedUntil` unless the worker writes again.
	 *
	 * @param now - on the reader's monotonic clock, as are the two instants.
	 * @param armedUntil - in the past for a session that is not armed.
	 * @param provenUntil - when its last acknowledged beat stops to count.
	 */
	write(session: number, now: number, armedUntil: number, provenUntil: number): void {
		const word = at.sessions + session * wordsPerSession;
		// At least one tick in the past: an infinite past would wrap around.
		const leftMs = Math.max(-tickMs, Math.min(maxSilenceMs, armedUntil - now));
		Atomics.store(this.#words, word, ticks(now + leftMs - this.#origin.monotonicMs));
		Atomics.store(this.#words, word + 1, ticks(Date.now() + leftMs - this.#origin.wallMs));
		const provenMs = Math.max(0, provenUntil - now);
		Atomics.store(this.#words, word + 2, ticks(now + provenMs - this.#origin.monotonicMs));
	}

	/** Milliseconds until the last acknowledged beat of a session stops to count; at least 0. */
	provenForMs(session: number): number {
		const until = Atomics.load(this.#words, at.sessions + session * wordsPerSession + 2);
		return Math.max(0, difference(until, monotonicMs() - this.#origin.monotonicMs) * tickMs);
	}

	/** Says for how long the venue of a session allows no call. It is read when the worker has died and no message can say so any more. */
	writeVenueWait(session: number, now: number, waitMs: number): void {
		// Without a wait, in the past: rounding must not make one of it.
		const until = Math.ceil((now + (waitMs > 0 ? waitMs : -2 * tickMs) - this.#origin.monotonicMs) / tickMs) | 0;
		Atomics.store(this.#words, at.sessions + session * wordsPerSession + 3, until);
	}

	/** Milliseconds until the venue of a session allows a call again, up to two ticks too many; 0 when it allows one now. */
	venueWaitMs(session: number): number {
		const until = Atomics.load(this.#words, at.sessions + session * wordsPerSession + 3);
		return Math.max(0, difference(until, monotonicMs() - this.#origin.monotonicMs) * tickMs);
	}

	/** The worker's event loop turns. */
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

	/** The program gave a pulse at `now`. In milliseconds: only recent ones are compared. */
	recordPulse(now: number, wasLate: boolean): void {
		if (wasLate) Atomics.add(this.#words, at.latePulses, 1);
		Atomics.store(this.#words, at.pulse, Math.floor(now - this.#origin.monotonicMs) | 0);
	}

	/** The pulse as it was written, which changes with each one. */
	get pulse(): number {
		return Atomics.load(this.#words, at.pulse);
	}

	/** How old a pulse is at `now`, in milliseconds. */
	pulseAgeMs(pulse: number, now: number): number {
		return Math.max(0, (Math.floor(now - this.#origin.monotonicMs) - pulse) | 0);
	}

	/** How many pulses were late. */
	get latePulses(): number {
		return Atomics.load(this.#words, at.latePulses);
	}

	/** One more message was received. */
	countReceived(what: Counted): void {
		Atomics.add(this.#words, at[what], 1);
	}

	/** How many of `sent` messages were not received yet. */
	notReceived(what: Counted, sent: number): number {
		return (sent - Atomics.load(this.#words, at[what])) | 0;
	}
}

/** Rounded down, so that no instant looks later than it is. */
function ticks(ms: number): number {
	return Math.floor(ms / tickMs) | 0;
}

/** How many ticks an instant is after now; negative if it is past. */
function difference(instant: number, nowMs: number): number {
	return (instant - Math.floor(nowMs / tickMs)) | 0;
}

function isAhead(instant: number, nowMs: number): boolean {
	return difference(instant, nowMs) > 0;
}
