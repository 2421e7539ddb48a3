import { type Instant, instantNow, longestElapsedMs } from "@x/base/instant";
import type { BybitConnection, BybitProduct } from "@x/bybit-dcp";
import { SessionError } from "../../session-error.ts";
import { retryWithin } from "./disposition.ts";
import { type BybitTimes, bybitExposure } from "./exposure.ts";

/**
 * How a connection was lost, which decides when the venue's countdown can have started.
 *
 * - `closed`: the socket's end was seen here, so the venue saw it at about the same time;
 * - `silent`: no pong came. The venue may have noticed already, or may notice only by its idle limit.
 */
export type BybitLossHow = "closed" | "silent";

/** What a loss means for the orders. Instants are epoch milliseconds of this machine. Plain data. */
export interface BybitLoss {
	/** How it was lost, which decides what `heldUntil` counts from. */
	readonly how: BybitLossHow;
	/** When it was noticed here. */
	readonly lostAt: number;
	/** When the last answered ping was sent: the earliest time at which the venue can have lost us. */
	readonly provedAt: number;
	/**
	 * The venue does not cancel before this: one window after the close was noticed, or after the last answered ping where it
	 * is not known when the venue noticed.
	 */
	readonly heldUntil: number;
	/** One window after the last answered ping, even for a close that was seen here. Never later than `heldUntil`. */
	readonly certainUntil: number;
	/** The venue has cancelled by this time unless a connection counts again: idle limit, scan and window after the loss. */
	readonly cancelledBy: number;
}

/**
 * The race between reconnecting and the venue's cancel.
 *
 * - `none`: no loss since the last connection counted, or no product is enabled, so nothing can be cancelled. A process that
 *   has just started knows nothing of what an earlier one lost;
 * - `counting`: lost, and too early for the venue to have cancelled;
 * - `averted`: a connection counted again in time. `certain` is false if that relies on the close having been noticed here
 *   without delay;
 * - `assume-fired`: too late, whether reconnected (`backAt`) or not. It stays until the orders have been reconciled.
 */
export type BybitCountdown =
	| { readonly state: "none" }
	| (BybitLoss & { readonly state: "counting" })
	| (BybitLoss & { readonly state: "averted"; readonly backAt: number; readonly certain: boolean })
	| (BybitLoss & { readonly state: "assume-fired"; readonly backAt: number | null });

interface Loss {
	readonly how: BybitLossHow;
	/** When the last answered ping was sent. */
	readonly pinged: Instant;
	readonly noticed: Instant;
}

const none: BybitCountdown = Object.freeze({ state: "none" });

/** Remembers a loss until a connection counts again in time, or until the orders have been reconciled. */
export class Countdown {
	readonly #times: Required<BybitTimes>;
	#loss: Loss | undefined;
	#reconnected: Instant | undefined;
	/** A loss that was not repaired in time, until reconciled. A later loss that is repaired in time does not undo it. */
	#fired: { readonly pinged: Instant; readonly countdown: BybitCountdown & { state: "assume-fired" } } | undefined;

	constructor(times: Required<BybitTimes>) {
		this.#times = times;
	}

	/** Records that the last counted connection is gone. Ignored while a countdown runs: the venue's runs on unchanged. */
	start(how: BybitLossHow, pinged: Instant, now: Instant): void {
		if (this.#loss && !this.#reconnected) return;
		this.#loss = { how, pinged, noticed: now };
		this.#reconnected = undefined;
	}

	/** Records that the venue may not have seen the close, or may have lost us before it. */
	markSilent(): void {
		if (this.#loss && !this.#reconnected) this.#loss = { ...this.#loss, how: "silent" };
	}

	/** Records that a connection counts again: subscribed, and its ping answered by `now`. */
	stop(now: Instant): void {
		if (!this.#loss || this.#reconnected) return;
		this.#reconnected = now;
		if (!this.#isTooLate(this.#loss, now)) return;
		const countdown = { ...this.#describe(this.#loss), state: "assume-fired" as const, backAt: now.wallMs };
		this.#fired ??= { pinged: this.#loss.pinged, countdown };
	}

	/** Records that the orders were read while a connection counted. */
	reconcile(): void {
		this.#fired = undefined;
		if (this.#reconnected) this.#loss = undefined;
	}

	/** The state that matters most: an unreconciled trigger, or else the latest loss. */
	at(now: Instant): BybitCountdown {
		return this.#fired?.countdown ?? this.latestAt(now);
	}

	/** The latest loss, whatever is assumed of an earlier one. */
	latestAt(now: Instant): BybitCountdown {
		if (!this.#loss) return none;
		const loss = this.#describe(this.#loss);
		if (this.#reconnected) {
			const certain = this.#reconnected.monotonicMs - this.#loss.pinged.monotonicMs < this.#windowMs;
			return { ...loss, state: "averted", backAt: this.#reconnected.wallMs, certain };
		}
		return this.#isTooLate(this.#loss, now)
			? { ...loss, state: "assume-fired", backAt: null }
			: { ...loss, state: "counting" };
	}

	/** Milliseconds since the venue can first have lost us, of all losses that are not reconciled. */
	lostForMs(now: Instant): number | undefined {
		const pinged = this.#fired?.pinged ?? this.#loss?.pinged;
		return pinged && longestElapsedMs(pinged, now);
	}

	/** True while a connection may still save the orders: until the latest time at which the venue can cancel. */
	maySaveOrders(now: Instant): boolean {
		if (!this.#loss || this.#reconnected) return false;
		return longestElapsedMs(this.#loss.noticed, now) < bybitExposure(this.#times).exposureMs;
	}

	/** Milliseconds within which a connection is certain to save the orders; 0 or less when it is too late for that. */
	savableMs(now: Instant): number | undefined {
		if (!this.#loss || this.#reconnected) return undefined;
		return this.#windowMs - longestElapsedMs(earliestStart(this.#loss), now);
	}

	get #windowMs(): number {
		return this.#times.windowSeconds * 1_000;
	}

	#isTooLate(loss: Loss, now: Instant): boolean {
		return longestElapsedMs(earliestStart(loss), now) >= this.#windowMs;
	}

	#describe({ how, pinged, noticed }: Loss): BybitLoss {
		const certainUntil = pinged.wallMs + this.#windowMs;
		return {
			how,
			lostAt: noticed.wallMs,
			provedAt: pinged.wallMs,
			heldUntil: how === "closed" ? noticed.wallMs + this.#windowMs : certainUntil,
			certainUntil,
			cancelledBy: noticed.wallMs + bybitExposure(this.#times).exposureMs,
		};
	}
}

/** When the venue's countdown can have started: it may have lost a silent connection right after the last answered ping. */
function earliestStart({ how, noticed, pinged }: Loss): Instant {
	return how === "closed" ? noticed : pinged;
}

/** The countdown as a sentence for people; empty where there is none. */
export function describeCountdown(countdown: BybitCountdown, products: string, nowMs: number): string {
	const iso = (at: number): string => new Date(at).toISOString();
	switch (countdown.state) {
		case "none":
		case "averted":
			return "";
		case "counting": {
			const inMs = Math.max(0, countdown.heldUntil - nowMs);
			return (
				`Bybit may cancel ${products} orders from ${iso(countdown.heldUntil)} (in ${inMs} ms) ` +
				"unless another subscribed connection counts by then."
			);
		}
		case "assume-fired":
			return `Assume that Bybit has cancelled ${products} orders since ${iso(countdown.heldUntil)}; reconcile before trading.`;
	}
}

/**
 * Knows which connections of this session the venue counts, and starts the countdown when the last of them is gone.
 *
 * Two can count at once: a new one is opened before the old one is closed.
 */
export class LossTracker {
	readonly #countdown: Countdown;
	readonly #products: string;
	readonly #isNothingEnabled: () => boolean;
	/** The counted connections, each with when its last answered ping was sent. */
	readonly #counted = new Map<BybitConnection, Instant>();

	/** @param isNothingEnabled - true while no product is enabled: then the venue cancels nothing after a loss. */
	constructor(
		options: Required<BybitTimes> & { readonly products: readonly BybitProduct[] },
		isNothingEnabled: () => boolean,
	) {
		this.#countdown = new Countdown(options);
		this.#products = options.products.join(", ");
		this.#isNothingEnabled = isNothingEnabled;
	}

	get countdown(): BybitCountdown {
		return this.#isNothingEnabled() ? none : this.#countdown.at(instantNow(Date.now));
	}

	/** See {@link Countdown.maySaveOrders}. */
	get maySaveOrders(): boolean {
		return this.#countdown.maySaveOrders(instantNow(Date.now));
	}

	/** True while the venue cannot have cancelled since the latest loss, as far as is known here. */
	get isCounting(): boolean {
		return this.#countdown.latestAt(instantNow(Date.now)).state === "counting";
	}

	/** See {@link Countdown.lostForMs}. */
	get lostForMs(): number | undefined {
		return this.#countdown.lostForMs(instantNow(Date.now));
	}

	/** Adds the countdown to the message, so that it appears in the status, and `withinMs` to the disposition. */
	explain(error: SessionError): SessionError {
		const description = this.#isNothingEnabled() ? "" : this.#describe();
		if (description === "") return error;
		const { session, cause } = error;
		const disposition = retryWithin(error.disposition, this.#countdown.savableMs(instantNow(Date.now)));
		return new SessionError(`${error.message} ${description}`, { disposition, session, cause });
	}

	/** Records an answered ping of a subscribed connection: from now on the venue counts it. */
	recordPing(socket: BybitConnection, sent: Instant): void {
		if (socket.ended.aborted) return;
		const isKnown = this.#counted.has(socket);
		this.#counted.set(socket, sent);
		if (isKnown) return;
		this.#countdown.stop(instantNow(Date.now));
		socket.ended.addEventListener("abort", () => this.#remove(socket, "closed"), { once: true });
	}

	/** When the connection's last answered ping was sent; undefined if the connection does not count. */
	lastPing(socket: BybitConnection): Instant | undefined {
		return this.#counted.get(socket);
	}

	/** Records a missed pong: it is not known whether and since when the venue has lost this connection. */
	recordSilence(socket: BybitConnection): void {
		this.#remove(socket, "silent");
	}

	/** Records that the venue did not acknowledge our close. */
	recordUnacknowledgedClose(): void {
		this.#countdown.markSilent();
	}

	/** See {@link Countdown.reconcile}. */
	reconcile(): void {
		this.#countdown.reconcile();
	}

	/** The latest loss, and what is assumed of an earlier one. */
	#describe(): string {
		const now = instantNow(Date.now);
		const latest = describeCountdown(this.#countdown.latestAt(now), this.#products, now.wallMs);
		const overall = describeCountdown(this.#countdown.at(now), this.#products, now.wallMs);
		return latest === overall ? overall : `${latest} ${overall}`.trim();
	}

	#remove(socket: BybitConnection, how: BybitLossHow): void {
		const pinged = this.#counted.get(socket);
		this.#counted.delete(socket);
		if (pinged && this.#counted.size === 0) this.#countdown.start(how, pinged, instantNow(Date.now));
	}
}
