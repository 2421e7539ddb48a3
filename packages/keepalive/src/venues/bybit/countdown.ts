import { type BybitTimes, bybitExposure } from "./exposure.ts";

/**
 * How a connection was lost, which decides from when the venue counts.
 *
 * - `closed`: the end of the socket was seen here, so the venue has seen it at about the same time;
 * - `silent`: no pong came. When the venue notices is not known: perhaps it has already, perhaps only by its idle rule.
 */
export type BybitLossHow = "closed" | "silent";

/** What a loss means for the orders. Instants are epoch milliseconds of this machine. Plain data. */
export interface BybitLoss {
	/** How it was lost, which decides what `heldUntil` counts from. */
	readonly how: BybitLossHow;
	/** When it was noticed here. */
	readonly lostAt: number;
	/** When the last ping that was answered had been sent: then, at the earliest, the venue lost us. */
	readonly provedAt: number;
	/**
	 * Until then the venue will not have cancelled: the window after a closed socket was noticed, or after the last proof
	 * where it is not known when the venue noticed.
	 */
	readonly heldUntil: number;
	/** The same without any trust in when the close was noticed: the window after the last proof. Never later than `heldUntil`. */
	readonly certainUntil: number;
	/** By then the venue has cancelled, unless a connection counted again: idle limit, scan and window after the loss. */
	readonly cancelledBy: number;
}

/**
 * The race against the window.
 *
 * - `none`: nothing was lost since the last connection counted, or nothing is enabled that could fire. A process that has
 *   just started knows nothing of what an earlier one lost;
 * - `counting`: lost, and too early for the venue to have cancelled;
 * - `averted`: a connection counted again before that. `certain` is false when it rests on a close noticed here without delay;
 * - `assume-fired`: too late, whether back (`backAt`) or not. It stays until the orders have been reconciled.
 */
export type BybitCountdown =
	| { readonly state: "none" }
	| (BybitLoss & { readonly state: "counting" })
	| (BybitLoss & { readonly state: "averted"; readonly backAt: number; readonly certain: boolean })
	| (BybitLoss & { readonly state: "assume-fired"; readonly backAt: number | null });

/** A clock that never steps, for what is decided, and the wall clock, for what is shown. */
export interface Instant {
	readonly monotonicMs: number;
	readonly epochMs: number;
}

interface Running {
	readonly how: BybitLossHow;
	readonly proved: Instant;
	readonly lost: Instant;
}

const none: BybitCountdown = Object.freeze({ state: "none" });

/** Remembers a loss until a connection counts again in time, or until the orders have been reconciled. */
export class Countdown {
	readonly #times: Required<BybitTimes>;
	#running: Running | undefined;
	#back: Instant | undefined;
	/** A loss for which it was too late, until reconciled: a second loss, won in time, does not undo the first. */
	#fired: { readonly proved: Instant; readonly told: BybitCountdown & { state: "assume-fired" } } | undefined;

	constructor(times: Required<BybitTimes>) {
		this.#times = times;
	}

	/** A connection that counted is gone. While one countdown runs a further loss starts no other: the venue's runs on. */
	lost(how: BybitLossHow, proved: Instant, now: Instant): void {
		if (this.#running && !this.#back) return;
		this.#running = { how, proved, lost: now };
		this.#back = undefined;
	}

	/** The close of the last connection was not acknowledged: the venue may have missed it, or us before it. */
	doubt(): void {
		if (this.#running && !this.#back) this.#running = { ...this.#running, how: "silent" };
	}

	/** A connection counts again: subscribed, and a ping of it answered, by `now`. */
	back(now: Instant): void {
		if (!this.#running || this.#back) return;
		this.#back = now;
		if (!this.#tooLate(this.#running, now)) return;
		const told = { ...this.#loss(this.#running), state: "assume-fired" as const, backAt: now.epochMs };
		this.#fired ??= { proved: this.#running.proved, told };
	}

	/** The orders were looked at while a connection counted. */
	reconciled(): void {
		this.#fired = undefined;
		if (this.#back) this.#running = undefined;
	}

	at(now: Instant): BybitCountdown {
		return this.#fired?.told ?? this.latest(now);
	}

	/** How long ago the venue can have lost us first of all that is not reconciled, in milliseconds. */
	lostForMs(now: Instant): number | undefined {
		const proved = this.#fired?.proved ?? this.#running?.proved;
		return proved && sinceMs(proved, now);
	}

	/** Whether a connection may still come in time to save the orders of the latest loss, so far as is known here. */
	isRacing(now: Instant): boolean {
		if (!this.#running || this.#back) return false;
		return sinceMs(this.#running.lost, now) < bybitExposure(this.#times).exposureMs;
	}

	/** For how long from now a connection that counts again saves the orders of the latest loss, in milliseconds, 0 or less when it is too late. */
	savableMs(now: Instant): number | undefined {
		if (!this.#running || this.#back) return undefined;
		return this.#windowMs - sinceMs(fromOf(this.#running), now);
	}

	/** The latest loss alone, whatever is assumed of an earlier one. */
	latest(now: Instant): BybitCountdown {
		if (!this.#running) return none;
		const loss = this.#loss(this.#running);
		if (this.#back) {
			const certain = this.#back.monotonicMs - this.#running.proved.monotonicMs < this.#windowMs;
			return { ...loss, state: "averted", backAt: this.#back.epochMs, certain };
		}
		return this.#tooLate(this.#running, now)
			? { ...loss, state: "assume-fired", backAt: null }
			: { ...loss, state: "counting" };
	}

	get #windowMs(): number {
		return this.#times.windowSeconds * 1_000;
	}

	#tooLate(running: Running, now: Instant): boolean {
		return sinceMs(fromOf(running), now) >= this.#windowMs;
	}

	#loss({ how, proved, lost }: Running): BybitLoss {
		const certainUntil = proved.epochMs + this.#windowMs;
		return {
			how,
			lostAt: lost.epochMs,
			provedAt: proved.epochMs,
			heldUntil: how === "closed" ? lost.epochMs + this.#windowMs : certainUntil,
			certainUntil,
			cancelledBy: lost.epochMs + bybitExposure(this.#times).exposureMs,
		};
	}
}

/** From when the venue may count: a silent line may have been missed since its last proof. */
function fromOf({ how, lost, proved }: Running): Instant {
	return how === "closed" ? lost : proved;
}

/** By both clocks: a machine that slept stops the monotonic one, and the venue did not sleep; the wall clock may be set back. */
export function sinceMs(from: Instant, now: Instant): number {
	return Math.max(now.monotonicMs - from.monotonicMs, now.epochMs - from.epochMs);
}

/** The countdown in words, or nothing where there is none to tell. */
export function countdownWords(countdown: BybitCountdown, scope: string, now: number): string {
	const iso = (at: number): string => new Date(at).toISOString();
	switch (countdown.state) {
		case "none":
		case "averted":
			return "";
		case "counting": {
			const seen = countdown.how === "closed" ? "" : " at the earliest, as it is not known when it notices the loss,";
			return (
				`The venue will cancel the orders of ${scope} in ${Math.max(0, countdown.heldUntil - now)} ms${seen} ` +
				`(${iso(countdown.heldUntil)}) unless a subscribed connection counts before that.`
			);
		}
		case "assume-fired":
			return (
				`It must be assumed that the venue has cancelled the orders of ${scope} since ${iso(countdown.heldUntil)}: ` +
				"reconcile them before trading goes on."
			);
	}
}
