import { OptionError } from "@x/base/errors";
import { checkOptions, number, type OptionSchema, object, optional, rule, secret } from "@x/base/option-schema";
import { DeribitError, packageName } from "../errors.ts";
import { pools } from "../generated/facts.ts";
import { CreditPool, type PoolSettings } from "./credit-pool.ts";

/** The venue's rate limit for one (sub)account. The defaults are the limits that Deribit publishes. */
export interface DeribitCreditOptions {
	/** Credits of a full pool. Default 50 000. */
	readonly pool?: number;
	/** Credits added each second. Default 10 000. */
	readonly perSecond?: number;
	/** Cost of a call, in credits. Default 500. */
	readonly perCall?: number;
	/**
	 * Credits that only calls with `fromReserve`, mass cancels and replies to `test_request` may spend. Default 3 000, the
	 * cost of six calls: one reply to `test_request`, the three calls with which a keepalive regularly renews the
	 * protection, a mass cancel, and one spare call.
	 */
	readonly reserve?: number;
	/**
	 * By how many milliseconds the network delays of two calls may differ. Default 300, enough for the retransmission of a
	 * lost packet. Calls that are sent one after the other can arrive together, and the venue counts a call when it arrives.
	 * Therefore each pool keeps a margin that it never spends: the credits that refill in `jitterMs`.
	 */
	readonly jitterMs?: number;
	/**
	 * The separate pools of methods that the venue counts separately. The pool `subscribe` is used for both
	 * `public/subscribe` and `private/subscribe`.
	 */
	readonly pools?: {
		readonly subscribe?: Pick<DeribitCreditOptions, "pool" | "perSecond" | "perCall">;
		readonly get_instruments?: Pick<DeribitCreditOptions, "pool" | "perSecond" | "perCall">;
		readonly get_transaction_log?: Pick<DeribitCreditOptions, "pool" | "perSecond" | "perCall">;
		readonly move_positions?: Pick<DeribitCreditOptions, "pool" | "perSecond" | "perCall">;
	};
}

/** A rate limit in calls, as the venue returns it in `private/get_account_summary`. */
export interface DeribitRateLimit {
	/** How many calls are allowed per second. */
	readonly rate: number;
	/** How many calls are allowed at once. */
	readonly burst: number;
}

/** The limit of one pool of credits. */
export interface RateLimitOfPool extends DeribitRateLimit {
	/** The name of the pool: `default`, or the method without `public/` or `private/`. */
	readonly pool: string;
}

type PoolOptions = Pick<DeribitCreditOptions, "pool" | "perSecond" | "perCall">;

/** The defaults of the options. Pool size, refill rate and cost of a call are the values that Deribit publishes. */
const defaults = /* @__PURE__ */ (() =>
	Object.freeze({
		pool: pools.default.pool,
		perSecond: pools.default.perSecond,
		perCall: pools.default.call,
		reserve: 3_000,
		jitterMs: 300,
	}))();

const positive = /* @__PURE__ */ (() =>
	optional(rule<number>("a number above 0", (value) => Number.isFinite(value) && Number(value) > 0)))();
const poolSchema: OptionSchema<PoolOptions> = { pool: positive, perSecond: positive, perCall: positive };
const schema: OptionSchema<{ credits: DeribitCreditOptions }> = /* @__PURE__ */ (() => {
	const pool = optional(object(poolSchema));
	const named = { subscribe: pool, get_instruments: pool, get_transaction_log: pool, move_positions: pool };
	const atLeast0 = optional(number({ min: 0 }));
	const all = { ...poolSchema, reserve: atLeast0, jitterMs: atLeast0, pools: optional(object(named)) };
	return { credits: secret(object<DeribitCreditOptions>(all)) };
})();

/** Methods that the venue's matching engine counts. Their limit depends on the account's tier. */
const matching =
	/^private\/(buy|sell|edit|edit_by_label|cancel|cancel_by_label|cancel_quotes|close_position|mass_quote)$/;
const massCancel = /^private\/cancel_all/;

/**
 * A client-side rate limiter with the venue's limits: pools of credits that refill at a constant rate. A call that
 * exceeds the venue's limit gets error 10028, which ends the session and so may cancel every working order. Therefore
 * the default pool keeps a reserve for urgent calls, and every pool keeps a margin.
 *
 * The venue counts by account: share one `DeribitCredits` among all connections of an account. Calls that the matching
 * engine counts (orders, edits, single cancels) have a limit that depends on the account's tier and are not counted
 * here.
 */
export class DeribitCredits {
	readonly #default: CreditPool;
	readonly #ownPools = new Map<string, CreditPool>();
	readonly #jitterMs: number;

	/** @throws {OptionError} for an unknown option or a value that is not allowed. */
	constructor(options: DeribitCreditOptions = {}) {
		checkOptions(packageName, schema, { credits: options });
		this.#jitterMs = options.jitterMs ?? defaults.jitterMs;
		for (const [name, { methods, call, pool, perSecond }] of Object.entries(pools)) {
			if (name === "default") continue;
			// The cast is safe: the table `pools` has the same names as the option `pools`.
			const given = options.pools?.[name as Exclude<keyof typeof pools, "default">] ?? {};
			const own = new CreditPool(this.#settings({ pool, perSecond, perCall: call }, given, 0, `credits.pools.${name}`));
			for (const method of methods) this.#ownPools.set(method, own);
		}
		const { reserve = defaults.reserve } = options;
		this.#default = new CreditPool(this.#settings(defaults, options, reserve, "credits"));
	}

	/** Credits in the default pool now, including the reserve for urgent calls and the margin that no call may spend. */
	get left(): number {
		return this.#default.left;
	}

	/**
	 * How many milliseconds a call of this method would wait if it were added to the queue now; 0 when it could be sent at once.
	 *
	 * @param fromReserve - whether the call may spend the reserve. If true, it waits only for queued calls that may spend the
	 * reserve too.
	 */
	waitMs(method: string, fromReserve = false): number {
		return this.#poolOf(method)?.waitMs(fromReserve || massCancel.test(method)) ?? 0;
	}

	/**
	 * The rate limit of this method, after the reserve for urgent calls and the safety margin are deducted, and the name
	 * of its pool. Undefined for a method that the matching engine counts.
	 */
	limitOf(method: string): RateLimitOfPool | undefined {
		const found = this.#poolOf(method);
		if (!found) return undefined;
		const { pool, perSecond, perCall, reserve, margin } = found.settings;
		const name = found === this.#default ? "default" : method.replace(/^\w+\//, "");
		return { pool: name, rate: perSecond / perCall, burst: Math.floor((pool - reserve - margin) / perCall) };
	}

	/** Deducts the cost of a call of this method, at most down to 0 credits. */
	spend(method: string): void {
		this.#poolOf(method)?.spend();
	}

	/**
	 * Deducts the cost and calls `send` as soon as there are enough credits. The returned function removes the call from
	 * the queue.
	 */
	enqueue(method: string, fromReserve: boolean, send: () => void): () => void {
		const pool = this.#poolOf(method) ?? this.#default;
		return pool.enqueue(fromReserve || massCancel.test(method), send);
	}

	/**
	 * Sets the credits of all pools to 0. Must be called when the venue replied that a limit is exceeded: the reply does
	 * not say which limit.
	 */
	drain(): void {
		for (const pool of [this.#default, ...this.#ownPools.values()]) pool.drain();
	}

	/**
	 * Sets the limit of the default pool to the limit that the venue grants to this account. Credits that were spent are
	 * not given back.
	 */
	setLimit({ rate, burst }: DeribitRateLimit): void {
		const { perCall, reserve } = this.#default.settings;
		const [pool, perSecond] = [burst * perCall, rate * perCall];
		const margin = Math.max(0, Math.min(this.#marginOf(perSecond), pool - perCall));
		const kept = Math.max(0, Math.min(reserve, pool - perCall - margin));
		this.#default.settings = { pool, perSecond, perCall, reserve: kept, margin };
	}

	/** The pool of a method; undefined for a method that the matching engine counts. */
	#poolOf(method: string): CreditPool | undefined {
		return matching.test(method) ? undefined : (this.#ownPools.get(method) ?? this.#default);
	}

	#marginOf(perSecond: number): number {
		return (perSecond * this.#jitterMs) / 1_000;
	}

	#settings(published: Required<PoolOptions>, given: PoolOptions, reserve: number, option: string): PoolSettings {
		const { pool = published.pool, perSecond = published.perSecond, perCall = published.perCall } = given;
		const margin = this.#marginOf(perSecond);
		const least = reserve + margin + perCall;
		if (least > pool) {
			throw new OptionError(
				packageName,
				`${option}.pool`,
				`must be at least ${least} to cover one call, the reserve and a margin`,
			);
		}
		return { pool, perSecond, perCall, reserve, margin };
	}
}

/** The error of a call that would exceed the rate limit. */
export function creditsError(call: string, retryAfterMs: number): DeribitError {
	return new DeribitError(
		`not sent: it would exceed the rate limit, and Deribit would end the session. Retry in ${retryAfterMs} ms`,
		{ kind: "credits", call, retryAfterMs },
	);
}
