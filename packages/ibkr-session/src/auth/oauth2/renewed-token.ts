import { monotonicMs, withDeadline } from "@x/base/clock";
import { isIbkrError } from "../../errors.ts";

/** A token that expires. */
export interface Expiring {
	/** When the token expires, in epoch milliseconds of the venue's clock. */
	readonly expiresAt: number;
}

/** Minimum number of milliseconds between two attempts to create a token. */
const pauseMs = 60_000;
/**
 * The longest pause in milliseconds. The pause doubles with each refusal in a row, because the venue counts the attempts and an
 * early retry would probably be refused too.
 */
const maxPauseMs = 1_800_000;
/**
 * The longest pause in milliseconds while IBKR says that it does not know the consumer key. IBKR has said so of new keys for up to two
 * weeks.
 */
const maxUnknownConsumerMs = 3_600_000;

/**
 * How long calls wait for a renewal while the current token is still valid. Calls wait, because the renewal invalidates
 * the current token, so that a call that is sent during the renewal may be refused. Calls wait no longer than this,
 * because a renewal that hangs must not stop them.
 */
const maxRenewalWaitMs = 2_000;

/**
 * A token that is created when it is first needed, and renewed before it expires.
 *
 * All callers share one token request to the venue, because each new token invalidates the previous one.
 */
export class RenewedToken<T extends Expiring> {
	readonly #create: () => Promise<T>;
	readonly #now: () => number;
	readonly #renewBeforeMs: number;
	#current: T | undefined;
	#pending: Promise<T> | undefined;
	/** When the renewal in `#pending` began, in milliseconds of the monotonic clock. */
	#pendingSince = 0;
	#renewAt = 0;
	/** When the next attempt is allowed, in milliseconds of the monotonic clock. */
	#nextAttemptAt = Number.NEGATIVE_INFINITY;
	/** The error of the latest attempt; undefined if the latest attempt succeeded. */
	#failure: { readonly error: unknown } | undefined;
	#refusals = 0;

	/**
	 * @param renewBeforeMs - a token is renewed this many milliseconds before it ends. A token with a lifetime of less than twice
	 * this time is renewed after half of its lifetime, so that it is not renewed at once.
	 */
	constructor(create: () => Promise<T>, now: () => number, renewBeforeMs: number) {
		this.#create = create;
		this.#now = now;
		this.#renewBeforeMs = renewBeforeMs;
	}

	/**
	 * Returns the current token or a new token. If an early renewal fails or takes long, the current token stays in use
	 * until it expires. If the token has expired and the latest attempt failed, this method throws the error of that
	 * attempt until another attempt is allowed.
	 */
	async get(): Promise<T> {
		const current = this.#current;
		if (current !== undefined && this.#now() < this.#renewAt) return current;
		if (monotonicMs() >= this.#nextAttemptAt) {
			try {
				return await this.#renewed(current);
			} catch {
				// The error is not lost: `#failure` holds it, and the code below throws it if no valid token is left.
			}
		}
		// The current token may have expired during the wait.
		if (this.#pending !== undefined && !this.#isValid(current)) return this.#pending;
		if (this.#failure !== undefined && !this.#isValid(current)) throw this.#failure.error;
		return current ?? this.renew();
	}

	/**
	 * Returns a new token. If the renewal takes long and the current token is valid, returns the current token while the
	 * renewal continues.
	 */
	async #renewed(current: T | undefined): Promise<T> {
		const pending = this.renew();
		if (current === undefined || !this.#isValid(current)) return pending;
		const ms = this.#pendingSince + maxRenewalWaitMs - monotonicMs();
		if (ms <= 0) return current;
		return withDeadline({ ms, onTimeout: () => undefined }, () => pending);
	}

	/** Creates a new token, even if the current token has not expired. */
	renew(): Promise<T> {
		if (this.#pending) return this.#pending;
		this.#pendingSince = monotonicMs();
		this.#pending = this.#create()
			.then(
				(token) => this.#onCreated(token),
				(error: unknown) => {
					this.#onFailed(error);
					throw error;
				},
			)
			.finally(() => {
				this.#pending = undefined;
			});
		return this.#pending;
	}

	#onCreated(token: T): T {
		this.#current = token;
		this.#failure = undefined;
		this.#refusals = 0;
		const now = this.#now();
		this.#renewAt = token.expiresAt - Math.min(this.#renewBeforeMs, (token.expiresAt - now) / 2);
		this.#nextAttemptAt = monotonicMs() + pauseMs;
		return token;
	}

	#onFailed(error: unknown): void {
		this.#failure = { error };
		const kind = isIbkrError(error) ? error.kind : undefined;
		this.#refusals = kind === "venue" || kind === "http" ? this.#refusals + 1 : 0;
		// After a network error, retry without a pause if there is no valid token: the venue has refused nothing, and every call
		// needs a token.
		const needsNoPause = kind === "network" && !this.#isValid(this.#current);
		const isUnknown = isIbkrError(error) && error.venueCode === "invalid-consumer";
		const maxMs = isUnknown ? maxUnknownConsumerMs : maxPauseMs;
		const waitMs = Math.min(pauseMs * 2 ** Math.max(0, this.#refusals - 1), maxMs);
		this.#nextAttemptAt = monotonicMs() + (needsNoPause ? 0 : waitMs);
	}

	#isValid(token: T | undefined): boolean {
		return token !== undefined && this.#now() < token.expiresAt;
	}
}
