import type { BybitConnection } from "@x/bybit-dcp";
import { monotonicMs } from "../../time.ts";
import { type BybitCountdown, type BybitLossHow, Countdown, countdownWords, type Instant } from "./countdown.ts";
import type { BybitTimes } from "./exposure.ts";

export function instant(): Instant {
	return { monotonicMs: monotonicMs(), epochMs: Date.now() };
}

/**
 * Knows which of this session's connections the venue counts, and tells the countdown when the last of them is gone.
 *
 * Two may count at once: a new one is made before the old one is given up.
 */
export class LossWatch {
	readonly #countdown: Countdown;
	/** Each with when the last ping that was answered had been sent. */
	readonly #counting = new Map<BybitConnection, Instant>();

	constructor(times: Required<BybitTimes>) {
		this.#countdown = new Countdown(times);
	}

	get countdown(): BybitCountdown {
		return this.#countdown.at(instant());
	}

	/** Whether a connection may still come in time to save the orders, so far as is known here. */
	get isRacing(): boolean {
		return this.#countdown.isRacing(instant());
	}

	/** See {@link Countdown.savableMs}. */
	get savableMs(): number | undefined {
		return this.#countdown.savableMs(instant());
	}

	/** Whether it is certain, so far as is known here, that the venue has not cancelled since the latest loss. */
	get isHeld(): boolean {
		return this.#countdown.latest(instant()).state === "counting";
	}

	/** See {@link Countdown.lostForMs}. */
	get lostForMs(): number | undefined {
		return this.#countdown.lostForMs(instant());
	}

	/** Where the latest loss stands, and what is assumed of an earlier one, for people. Empty where there is nothing to tell. */
	words(scope: string): string {
		const latest = countdownWords(this.#countdown.latest(instant()), scope, Date.now());
		const whole = countdownWords(this.countdown, scope, Date.now());
		return latest === whole ? whole : `${latest} ${whole}`.trim();
	}

	/** The connection is subscribed and a ping of it, sent at `sent`, was answered. */
	counts(socket: BybitConnection, sent: Instant): void {
		if (socket.ended.aborted) return;
		const known = this.#counting.has(socket);
		this.#counting.set(socket, sent);
		if (known) return;
		this.#countdown.back(instant());
		socket.ended.addEventListener("abort", () => this.#gone(socket, "closed"), { once: true });
	}

	/** When the connection's last answered ping had been sent. */
	proved(socket: BybitConnection): Instant | undefined {
		return this.#counting.get(socket);
	}

	/** No pong came: whether and since when the venue has missed this connection is not known. */
	silent(socket: BybitConnection): void {
		this.#gone(socket, "silent");
	}

	/** A close on this side was not acknowledged. */
	doubt(): void {
		this.#countdown.doubt();
	}

	reconciled(): void {
		this.#countdown.reconciled();
	}

	#gone(socket: BybitConnection, how: BybitLossHow): void {
		const proved = this.#counting.get(socket);
		this.#counting.delete(socket);
		if (proved && this.#counting.size === 0) this.#countdown.lost(how, proved, instant());
	}
}
