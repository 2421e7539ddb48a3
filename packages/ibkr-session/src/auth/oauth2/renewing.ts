import { isIbkrError } from "../../errors.ts";
import { monotonicMs } from "../../time.ts";

/** What {@link Renewing} keeps: something that ends. */
export interface Expiring {
	/** Epoch milliseconds of the venue's clock. */
	readonly expiresAt: number;
}

/** After it was made, or a renewal failed, so much time passes before the next attempt, whatever its end. */
const pauseMs = 60_000;
/** After refusals in a row the pause doubles to this: nothing that is done here changes them, and the venue counts them. */
const longestPauseMs = 1_800_000;

/**
 * A token that is made when it is first needed, and again some time before its end.
 *
 * However many callers need it at once, one exchange is under way: each would make the venue forget the one before.
 */
export class Renewing<T extends Expiring> {
	readonly #make: () => Promise<T>;
	readonly #now: () => number;
	readonly #earlyMs: number;
	#current: T | undefined;
	#pending: Promise<T> | undefined;
	#renewAt = 0;
	#notBefore = Number.NEGATIVE_INFINITY;
	/** Why none could be made, when the latest attempt failed. */
	#failure: { readonly error: unknown } | undefined;
	#refusals = 0;

	/** @param earlyMs - how long before its end it is made again, though never in the first half of its life. */
	constructor(make: () => Promise<T>, now: () => number, earlyMs: number) {
		this.#make = make;
		this.#now = now;
		this.#earlyMs = earlyMs;
	}

	/**
	 * The one in use, or a new one. An early renewal that fails leaves the old one in use until its end. After that it fails
	 * with the error of the latest attempt until the next one may be made.
	 */
	async get(): Promise<T> {
		const current = this.#current;
		if (current !== undefined && this.#now() < this.#renewAt) return current;
		if (monotonicMs() >= this.#notBefore) {
			try {
				return await this.renew();
			} catch {
				// Judged below, as it is while the pause lasts.
			}
		}
		if (this.#failure !== undefined && !this.#isGood(current)) throw this.#failure.error;
		return current ?? this.renew();
	}

	/** Makes a new one, also when the one in use has not ended: the venue said that it is gone. */
	renew(): Promise<T> {
		this.#pending ??= this.#make()
			.then(
				(made) => this.#take(made),
				(error: unknown) => {
					this.#failed(error);
					throw error;
				},
			)
			.finally(() => {
				this.#pending = undefined;
			});
		return this.#pending;
	}

	#take(made: T): T {
		this.#current = made;
		this.#failure = undefined;
		this.#refusals = 0;
		const now = this.#now();
		this.#renewAt = made.expiresAt - Math.min(this.#earlyMs, (made.expiresAt - now) / 2);
		this.#notBefore = monotonicMs() + pauseMs;
		return made;
	}

	#failed(error: unknown): void {
		this.#failure = { error };
		const kind = isIbkrError(error) ? error.kind : undefined;
		this.#refusals = kind === "refused" ? this.#refusals + 1 : 0;
		// What never arrived costs nothing, and without a token nothing goes on.
		const isFree = kind === "network" && !this.#isGood(this.#current);
		const waitMs = Math.min(pauseMs * 2 ** Math.max(0, this.#refusals - 1), longestPauseMs);
		this.#notBefore = monotonicMs() + (isFree ? 0 : waitMs);
	}

	#isGood(token: T | undefined): boolean {
		return token !== undefined && this.#now() < token.expiresAt;
	}
}
