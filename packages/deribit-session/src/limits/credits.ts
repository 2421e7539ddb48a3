import { DeribitError } from "../errors.ts";
import { knowing } from "../known-options.ts";
import { after, monotonicMs } from "../time.ts";

/** What the venue lets one (sub)account call. The defaults are its published ones. */
export interface DeribitCreditOptions {
	/** Credits of a full pool. Default 50 000. */
	pool?: number;
	/** Credits that come back each second. Default 10 000. */
	perSecond?: number;
	/** Price of a call. Default 500. */
	perCall?: number;
	/**
	 * Credits that only calls with `fromReserve`, mass cancels and the answers to the venue's probes may spend. Default
	 * 3 000: an answer, a beat of three calls, a mass cancel, and one for what the venue counts otherwise.
	 */
	reserve?: number;
	/** The pool of its own that subscribing is counted in. Default 3 000 a call of 30 000, 10 000 a second, no reserve. */
	subscriptions?: Omit<DeribitCreditOptions, "subscriptions">;
}

/** What is used where an option is left out. */
export const deribitCreditDefaults = Object.freeze({
	pool: 50_000,
	perSecond: 10_000,
	perCall: 500,
	reserve: 3_000,
	subscriptions: Object.freeze({ pool: 30_000, perSecond: 10_000, perCall: 3_000, reserve: 0 }),
});

interface Waiting {
	urgent: boolean;
	go(): void;
}

/**
 * The credits of one (sub)account as this side counts them. An empty pool is error 10028, which ends the session and so
 * may cancel every working order: that is why a reserve is kept.
 *
 * The venue counts by account: hand one of these to all connections of an account. Calls that the matching engine counts
 * (orders, edits, single cancels) have a limit that depends on the account's tier, and are not counted here.
 */
export class DeribitCredits {
	readonly #options: Required<DeribitCreditOptions>;
	readonly #queue: Waiting[] = [];
	#left: number;
	#at = monotonicMs();
	#cancelTimer: (() => void) | undefined;
	#subscriptions: DeribitCredits | undefined;

	/** @throws {DeribitError} of kind `options`. */
	constructor(options?: DeribitCreditOptions) {
		this.#options = { ...deribitCreditDefaults, ...options };
		const { pool, perSecond, perCall, reserve } = this.#options;
		this.#left = pool;
		if (options === undefined) return;
		knowing(options, () => deribitCreditDefaults, "credits.");
		for (const [name, value] of Object.entries({ pool, perSecond, perCall })) {
			if (!(Number.isFinite(value) && value > 0)) throw refused(name, "a number above 0", value);
		}
		if (!(reserve >= 0 && reserve + perCall <= pool)) {
			throw refused("reserve", "from 0 to the pool less the price of one call", reserve);
		}
	}

	/** The pool that subscribing is counted in. */
	get subscriptions(): DeribitCredits {
		const { subscriptions } = this.#options;
		this.#subscriptions ??= new DeribitCredits({ ...deribitCreditDefaults.subscriptions, ...subscriptions });
		return this.#subscriptions;
	}

	/** Credits left now, the reserve among them. */
	get left(): number {
		const now = monotonicMs();
		this.#left = Math.min(this.#options.pool, this.#left + ((now - this.#at) / 1_000) * this.#options.perSecond);
		this.#at = now;
		return this.#left;
	}

	/**
	 * Milliseconds until a further call could go out, behind those that wait already; 0 for at once.
	 *
	 * @param fromReserve - for a call that may spend the reserve: such a call waits for other such calls only.
	 */
	waitMs(fromReserve = false): number {
		const ahead = fromReserve ? this.#queue.filter(({ urgent }) => urgent).length : this.#queue.length;
		return this.#msUntil((ahead + 1) * this.#options.perCall + (fromReserve ? 0 : this.#options.reserve));
	}

	/** Pays one call, whether there is enough or not. */
	pay(): void {
		this.#left = Math.max(0, this.left - this.#options.perCall);
	}

	/** The venue said that the pool is empty, whatever was counted here. */
	emptied(): void {
		this.#left = Math.min(0, this.left);
		// It did not say which.
		this.#subscriptions?.emptied();
	}

	/** Pays and calls `go` as soon as there is enough. The returned function takes it back. */
	queue(urgent: boolean, go: () => void): () => void {
		const waiting: Waiting = { urgent, go };
		const firstPatient = this.#queue.findIndex((other) => !other.urgent);
		this.#queue.splice(urgent && firstPatient >= 0 ? firstPatient : this.#queue.length, 0, waiting);
		this.#schedule();
		return () => {
			const index = this.#queue.indexOf(waiting);
			if (index < 0) return;
			this.#queue.splice(index, 1);
			this.#schedule();
		};
	}

	#msUntil(credits: number): number {
		const lacking = credits - this.left;
		// Rounded up: a timer that fires a hair early would find it still lacking.
		return lacking <= 0 ? 0 : Math.ceil((lacking / this.#options.perSecond) * 1_000);
	}

	#schedule(): void {
		this.#cancelTimer?.();
		const first = this.#queue[0];
		if (!first) return;
		const { perCall, reserve } = this.#options;
		this.#cancelTimer = after(this.#msUntil(perCall + (first.urgent ? 0 : reserve)), () => this.#release());
	}

	#release(): void {
		const { perCall, reserve } = this.#options;
		for (let first = this.#queue[0]; first; first = this.#queue[0]) {
			if (this.left < perCall + (first.urgent ? 0 : reserve)) break;
			this.#queue.shift();
			this.pay();
			first.go();
		}
		this.#schedule();
	}
}

/** Calls that the matching engine counts in a pool of its own, which depends on the account's tier. */
const matching =
	/^private\/(buy|sell|edit|edit_by_label|cancel|cancel_by_label|cancel_quotes|close_position|mass_quote)$/;
const massCancel = /^private\/cancel_all/;
const subscribing = /^(public|private)\/subscribe$/;

/** How a method is paid: not at all from these pools, from that for subscribing, like any call, or from the reserve too. */
export function paymentOf(method: string): "none" | "subscription" | "ordinary" | "urgent" {
	if (matching.test(method)) return "none";
	if (subscribing.test(method)) return "subscription";
	return massCancel.test(method) ? "urgent" : "ordinary";
}

/** A call that is not made for want of credits. */
export function lacksCredits(method: string, waitMs: number): DeribitError {
	return new DeribitError(
		`${method} was not sent: the credits are spent but for the reserve, and a call too many ends the session; try again in ${waitMs} ms`,
		{ kind: "credits", method, waitMs },
	);
}

function refused(name: string, allowed: string, value: unknown): DeribitError {
	const shown = typeof value === "number" ? `the number ${value}` : `a ${typeof value}`;
	return new DeribitError(`option credits.${name} must be ${allowed}, not ${shown}`, { kind: "options" });
}
