import { after, monotonicMs } from "@x/base/clock";
import { OptionError } from "@x/base/errors";
import { checkOptions, number, type OptionSchema, object, optional, rule, secret } from "@x/base/option-schema";
import { DeribitError, packageName } from "../errors.ts";

/** The venue's rate limit for one (sub)account. The defaults are the published ones. */
export interface DeribitCreditOptions {
	/** Credits of a full pool. Default 50 000. */
	readonly pool?: number;
	/** Credits added each second. Default 10 000. */
	readonly perSecond?: number;
	/** Cost of a call. Default 500. */
	readonly perCall?: number;
	/**
	 * Credits that only calls with `fromReserve`, mass cancels and replies to `test_request` may spend. Default 3 000: one
	 * reply, a beat of three calls, a mass cancel, and one call as a margin.
	 */
	readonly reserve?: number;
	/** The separate pool of subscribe calls. Default 3 000 a call of 30 000, 10 000 a second, no reserve. */
	readonly subscriptions?: Omit<DeribitCreditOptions, "subscriptions">;
}

/** The defaults of the options. */
export const deribitCreditDefaults = Object.freeze({
	pool: 50_000,
	perSecond: 10_000,
	perCall: 500,
	reserve: 3_000,
	subscriptions: Object.freeze({ pool: 30_000, perSecond: 10_000, perCall: 3_000, reserve: 0 }),
});

const positive = /* @__PURE__ */ (() =>
	optional(rule<number>("a number above 0", (value) => Number.isFinite(value) && Number(value) > 0)))();
const poolSchema: OptionSchema<Omit<DeribitCreditOptions, "subscriptions">> = /* @__PURE__ */ (() => ({
	pool: positive,
	perSecond: positive,
	perCall: positive,
	reserve: optional(number({ min: 0 })),
}))();
const schema: OptionSchema<{ credits: DeribitCreditOptions }> = /* @__PURE__ */ (() => ({
	credits: secret(object<DeribitCreditOptions>({ ...poolSchema, subscriptions: optional(object(poolSchema)) })),
}))();

interface QueuedCall {
	readonly isUrgent: boolean;
	send(): void;
}

/**
 * A client-side rate limiter with the venue's limits: a pool of credits that refills at a constant rate. Exceeding the
 * limit is error 10028, which ends the session and so may cancel every working order; therefore a reserve is kept.
 *
 * The venue counts by account: share one among all connections of an account. Calls that the matching engine counts
 * (orders, edits, single cancels) have a limit that depends on the account's tier and are not counted here.
 */
export class DeribitCredits {
	readonly #options: Required<DeribitCreditOptions>;
	readonly #queue: QueuedCall[] = [];
	#left: number;
	#leftAt = monotonicMs();
	#cancelTimer: (() => void) | undefined;
	#subscriptions: DeribitCredits | undefined;

	/** @throws {OptionError} for an unknown option or a value that is not allowed. */
	constructor(options?: DeribitCreditOptions) {
		if (options !== undefined) checkOptions(packageName, schema, { credits: options });
		const given = Object.entries(options ?? {}).filter(([, value]) => value !== undefined);
		this.#options = { ...deribitCreditDefaults, ...Object.fromEntries(given) };
		const { pool, perCall, reserve } = this.#options;
		if (reserve + perCall > pool) {
			throw new OptionError(
				packageName,
				"credits.reserve",
				`must be at most ${pool - perCall} (pool less perCall), got ${reserve}`,
			);
		}
		this.#left = pool;
	}

	/** The separate pool of subscribe calls. */
	get subscriptions(): DeribitCredits {
		const { subscriptions } = this.#options;
		this.#subscriptions ??= new DeribitCredits({ ...deribitCreditDefaults.subscriptions, ...subscriptions });
		return this.#subscriptions;
	}

	/** Credits left now, including the reserve. */
	get left(): number {
		const now = monotonicMs();
		this.#left = Math.min(this.#options.pool, this.#left + ((now - this.#leftAt) / 1_000) * this.#options.perSecond);
		this.#leftAt = now;
		return this.#left;
	}

	/**
	 * Milliseconds until one more call can be sent after those in the queue; 0 when it can be sent now.
	 *
	 * @param fromReserve - for a call that may spend the reserve; it queues behind other such calls only.
	 */
	waitMs(fromReserve = false): number {
		const ahead = fromReserve ? this.#queue.filter(({ isUrgent }) => isUrgent).length : this.#queue.length;
		return this.#msUntil((ahead + 1) * this.#options.perCall + (fromReserve ? 0 : this.#options.reserve));
	}

	/** Deducts the cost of one call, down to 0. */
	spend(): void {
		this.#left = Math.max(0, this.left - this.#options.perCall);
	}

	/** Empties the pools: the venue replied that the limit is exceeded, without saying which. */
	drain(): void {
		this.#left = Math.min(0, this.left);
		this.#subscriptions?.drain();
	}

	/** Deducts the cost and calls `send` as soon as there are enough credits. The returned function cancels that. */
	enqueue(isUrgent: boolean, send: () => void): () => void {
		const call: QueuedCall = { isUrgent, send };
		const firstOrdinary = this.#queue.findIndex((other) => !other.isUrgent);
		this.#queue.splice(isUrgent && firstOrdinary >= 0 ? firstOrdinary : this.#queue.length, 0, call);
		this.#schedule();
		return () => {
			const index = this.#queue.indexOf(call);
			if (index < 0) return;
			this.#queue.splice(index, 1);
			this.#schedule();
		};
	}

	#msUntil(credits: number): number {
		const missing = credits - this.left;
		// Rounded up: a timer that fires early would find too few credits.
		return missing <= 0 ? 0 : Math.ceil((missing / this.#options.perSecond) * 1_000);
	}

	#required({ isUrgent }: QueuedCall): number {
		return this.#options.perCall + (isUrgent ? 0 : this.#options.reserve);
	}

	#schedule(): void {
		this.#cancelTimer?.();
		const first = this.#queue[0];
		if (first) this.#cancelTimer = after(this.#msUntil(this.#required(first)), () => this.#sendQueued());
	}

	#sendQueued(): void {
		for (let first = this.#queue[0]; first; first = this.#queue[0]) {
			if (this.left < this.#required(first)) break;
			this.#queue.shift();
			this.spend();
			first.send();
		}
		this.#schedule();
	}
}

/** Calls that the matching engine counts, in a pool that depends on the account's tier. */
const matching =
	/^private\/(buy|sell|edit|edit_by_label|cancel|cancel_by_label|cancel_quotes|close_position|mass_quote)$/;
const massCancel = /^private\/cancel_all/;
const subscribing = /^(public|private)\/subscribe$/;

/** Which credits a method costs: none of these, those of subscriptions, ordinary ones, or (`urgent`) also the reserve. */
export function creditClassOf(method: string): "none" | "subscription" | "ordinary" | "urgent" {
	if (matching.test(method)) return "none";
	if (subscribing.test(method)) return "subscription";
	return massCancel.test(method) ? "urgent" : "ordinary";
}

/** The error of a call that would exceed the rate limit. */
export function creditsError(call: string, retryAfterMs: number): DeribitError {
	return new DeribitError(
		`not sent: it would exceed the rate limit, which ends the session. Retry in ${retryAfterMs} ms`,
		{ kind: "credits", call, retryAfterMs },
	);
}
