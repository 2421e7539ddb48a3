import { monotonicMs } from "@x/base/clock";
import type { IbkrNoSession, IbkrPenaltyBox } from "@x/ibkr-session";
import type { SessionError } from "../../session-error.ts";
import type { UsedLimit, UsedLimits } from "../../session-limits.ts";
import type { IbkrSettings } from "./options.ts";
import type { IbkrRegion } from "./reset-times.ts";

const dayMs = 86_400_000;
const maxBackoffMs = 1_800_000;
/** The longest back-off while IBKR does not know the OAuth consumer key, in milliseconds. IBKR has refused new keys for up to two weeks. */
const unknownConsumerMs = 3_600_000;
/** If a session has lasted this many times the first delay, the back-off is reset. */
const stableDelays = 10;

/** How many attempts of one kind, such as inits, were made. Plain data. */
export interface IbkrAttemptCount {
	/** Attempts in the last 24 hours. */
	readonly last24h: number;
	/** Maximum number of attempts in any 24 hours. */
	readonly limit: number;
	/** When the next attempt is allowed, in epoch milliseconds. Missing if it is allowed now. */
	readonly nextAt?: number;
}

/**
 * Limits one kind of attempt, such as inits, in two ways:
 *
 * - A back-off doubles from `firstMs` to 30 minutes. It is reset once a session has lasted for some time. An attempt that opened a
 *   session lowers it by one step, so that the first init after a loss is not delayed.
 * - There is a maximum number of attempts in any 24 hours.
 *
 * The reason: IBKR has refused the logins of a user that had retried once a minute for a night.
 */
export class AttemptLimit {
	readonly #limit: number;
	readonly #firstMs: number;
	readonly #gapMs: number;
	readonly #made: number[] = [];
	#maxMs = maxBackoffMs;
	/** Number of attempts since the back-off was last reset. */
	#step = 0;
	#hasOpened = false;
	#resetAt = Number.NEGATIVE_INFINITY;

	/**
	 * @param options - `limit`: attempts in any 24 hours. `firstMs`: the first delay of the back-off; with 0 there is no back-off.
	 * `gapMs`: the minimum time between two attempts; default 0.
	 */
	constructor({ limit, firstMs, gapMs = 0 }: { limit: number; firstMs: number; gapMs?: number }) {
		this.#limit = limit;
		this.#firstMs = firstMs;
		this.#gapMs = gapMs;
	}

	/** Whether the attempts of the last 24 hours have reached the limit. */
	get isUsedUp(): boolean {
		this.#forgetOld();
		return this.#made.length >= this.#limit;
	}

	/** Milliseconds until the next attempt is allowed; 0 if an attempt is allowed now. */
	get waitMs(): number {
		const now = monotonicMs();
		const [oldest = now] = this.#made;
		const gapUntil = (this.#made.at(-1) ?? Number.NEGATIVE_INFINITY) + this.#gapMs;
		const usedUpMs = this.isUsedUp ? oldest + dayMs - now : 0;
		return Math.ceil(Math.max(0, usedUpMs, gapUntil - now, this.#backoffUntil() - now));
	}

	/**
	 * If an attempt is allowed now, counts it and returns true.
	 *
	 * @param isSecondHalf - true for the second request of an attempt that was already allowed. This request counts towards the
	 * limit of 24 hours, but is not delayed by the back-off.
	 */
	tryAcquire(isSecondHalf = false): boolean {
		if (isSecondHalf ? this.isUsedUp : this.waitMs > 0) return false;
		this.#made.push(monotonicMs());
		if (!isSecondHalf) this.#step += 1;
		this.#hasOpened = false;
		return true;
	}

	/** The state to pass on to a later process. */
	get used(): UsedLimit {
		this.#forgetOld();
		const toWall = Date.now() - monotonicMs();
		const step = Math.max(0, this.#hasOpened ? this.#step - 1 : this.#step);
		return { made: this.#made.map((at) => [Math.round(toWall + at), 1]), step };
	}

	/** Takes over the state of an earlier process. @param used - `all` if nothing is known about the earlier process. */
	inherit(used: UsedLimit | "all"): void {
		const now = monotonicMs();
		const ages =
			used === "all"
				? // The limit counts as used up, by attempts spread evenly over 24 hours, so that they expire one by one.
					Array.from({ length: this.#limit }, (_, index) => ((this.#limit - 1 - index) * dayMs) / this.#limit)
				: used.made.flatMap(([at, times]) =>
						Array.from({ length: Math.min(times, this.#limit) }, () => Math.max(0, Date.now() - at)),
					);
		const made = ages.map((ageMs) => now - ageMs).sort((a, b) => a - b);
		this.#made.splice(0, Number.POSITIVE_INFINITY, ...made.slice(-this.#limit));
		this.#step = used === "all" ? 0 : (used.step ?? 0);
		// False, because `used.step` already considers whether the latest attempt opened a session.
		this.#hasOpened = false;
	}

	/** Counts one more attempt, because an earlier process may have made an attempt just before it was killed. */
	countPossible(): void {
		this.#made.push(monotonicMs());
		if (this.#made.length > this.#limit) this.#made.shift();
	}

	/** Records that the latest attempt opened a session. */
	recordOpened(): void {
		this.#hasOpened = true;
		this.#maxMs = maxBackoffMs;
	}

	/** Lets the back-off grow to an hour, until the next successful open, because the venue does not know the OAuth consumer key. */
	recordUnknownConsumer(): void {
		this.#maxMs = unknownConsumerMs;
	}

	/** Records that a session is alive. Resets the back-off if the latest attempt was long enough ago. */
	recordAlive(): void {
		const last = this.#made.at(-1);
		if (last === undefined || monotonicMs() - last >= stableDelays * this.#firstMs) this.#step = 0;
	}

	/**
	 * Resets the back-off because something has changed, for example a person has logged in. Does so at most once in 30 minutes, so that
	 * frequent changes do not defeat the back-off. The attempts of the last 24 hours remain counted.
	 */
	resetBackoff(): void {
		const now = monotonicMs();
		if (now - this.#resetAt < maxBackoffMs) return;
		this.#resetAt = now;
		this.#step = 0;
	}

	/** @param now - the current time in epoch milliseconds. */
	count(now: number): IbkrAttemptCount {
		const { waitMs } = this;
		const nextAt = waitMs > 0 ? { nextAt: Math.round(now + waitMs) } : {};
		return { last24h: this.#made.length, limit: this.#limit, ...nextAt };
	}

	#backoffUntil(): number {
		const last = this.#made.at(-1);
		const step = this.#hasOpened ? this.#step - 1 : this.#step;
		if (last === undefined || step <= 0) return Number.NEGATIVE_INFINITY;
		return last + Math.min(this.#firstMs * 2 ** Math.min(step - 1, 20), this.#maxMs);
	}

	#forgetOld(): void {
		const now = monotonicMs();
		while (this.#made[0] !== undefined && now - this.#made[0] >= dayMs) this.#made.shift();
	}
}

/**
 * The minimum time between two validations, in milliseconds. IBKR allows one a minute. A shorter time is safe here, because the client's
 * rate limiter delays a call that comes too early.
 */
const minValidationMs = 55_000;
const validationMs = 300_000;
/**
 * How long no validation is sent after the start of this process, in milliseconds: the previous process may have sent one just before it
 * ended. This is the minute that IBKR requires, plus a margin for network jitter.
 */
const firstValidationMs = 62_000;
/**
 * How long no tickle is sent after the start of this process, in milliseconds: IBKR allows one a second, and a crashed process may be
 * restarted at once.
 */
const firstTickleMs = 1_250;
const renewalsPerDay = 100;

/** What a session remembers from one open to the next, so that it exceeds no limit of IBKR by reopening. */
export class OpenHistory {
	readonly inits: AttemptLimit;
	/** Limits the calls of the option `renew`, which makes a new token. */
	readonly renewals: AttemptLimit;
	/** Limits the tickles that check whether IBKR knows the OAuth consumer key by now. */
	readonly keyQuestions: AttemptLimit;
	/** Limits the inits with `compete: true`, which may end another session. */
	readonly takeovers: AttemptLimit;
	/** The region that the latest validation reported. */
	reportedRegion: IbkrRegion | undefined;
	/** Called when an attempt was counted in one of these limits. */
	onUsed: () => void = () => undefined;
	/** The login type that the latest validation reported; undefined if it reported none. Reset at each open and when the login changes. */
	reportedLoginType: "live" | "paper" | undefined;
	/** The accounts and the login type of the latest login, as text. Only compared with those of the next login, never shown. */
	loginFound: string | undefined;
	/** The session key of a login that is not the expected one. */
	wrongLoginKey: string | undefined;
	/** True after this process has become the leader, until it opens a session. */
	isTakeoverDue = false;
	/** Whether IBKR has said that this key can open a session only with `compete: true`. */
	keyNeedsCompete = false;
	/**
	 * The answer that said that nobody is logged in; undefined while somebody is logged in. While it is set, each open sends a
	 * tickle to look for a login.
	 */
	lostLogin: IbkrNoSession | undefined;
	/** Why the latest init failed, as human-readable text. Errors repeat it while the back-off delays the next init. */
	initFailure: string | undefined;
	/** Why the latest attempt to make a new token failed, as human-readable text. */
	renewalFailure: string | undefined;
	/** The error of the latest attempt to make a new token, if only a person can correct its cause. */
	renewalRefused: SessionError | undefined;
	/** True if the latest open timed out while it waited for the brokerage session to become ready. */
	neverBecameReady = false;
	/** Whether the nightly reset or the weekend maintenance was under way when the session last wanted to send an init. */
	wasInMaintenance = false;
	/** True if the login became doubtful and has not been checked since. */
	#isLoginInDoubt = true;
	#validatedAt = Number.NEGATIVE_INFINITY;
	readonly #createdAt = monotonicMs();

	constructor({ maxInitsPerDay, maxTakeoversPerDay, initBackoffMs }: IbkrSettings) {
		this.inits = new AttemptLimit({ limit: maxInitsPerDay, firstMs: initBackoffMs });
		this.renewals = new AttemptLimit({ limit: renewalsPerDay, firstMs: initBackoffMs });
		this.keyQuestions = new AttemptLimit({ limit: renewalsPerDay, firstMs: initBackoffMs });
		this.keyQuestions.recordUnknownConsumer();
		// The minimum time between takeovers slows down two programs that take the session from each other.
		this.takeovers = new AttemptLimit({ limit: maxTakeoversPerDay, firstMs: 0, gapMs: initBackoffMs });
	}

	/** See `Session.usedLimits`. */
	get used(): UsedLimits {
		const { inits, renewals, keyQuestions, takeovers } = this;
		return {
			inits: inits.used,
			renewals: renewals.used,
			keyQuestions: keyQuestions.used,
			takeovers: takeovers.used,
		};
	}

	/** See `Session.inheritLimits`. */
	inherit(used: UsedLimits | "all", wasKilled: boolean): void {
		const { inits, renewals, keyQuestions, takeovers } = this;
		for (const [name, limit] of Object.entries({ inits, renewals, keyQuestions, takeovers })) {
			const one = used === "all" ? used : used[name];
			if (one) limit.inherit(one);
			if (wasKilled) limit.countPossible();
		}
	}

	/** Whether this process is so young that the previous process may have sent a validation less than a minute ago. */
	get isNew(): boolean {
		return monotonicMs() - this.#createdAt < firstValidationMs;
	}

	/** Milliseconds until the first tickle of this process is allowed; 0 or less if it is allowed now. */
	get tickleInMs(): number {
		return this.#createdAt + firstTickleMs - monotonicMs();
	}

	/** Returns true, and counts a validation, if one is due and allowed. */
	tryValidation(): boolean {
		if (this.isNew) return false;
		const intervalMs = this.#isLoginInDoubt ? minValidationMs : validationMs;
		if (monotonicMs() - this.#validatedAt < intervalMs) return false;
		this.#validatedAt = monotonicMs();
		this.#isLoginInDoubt = false;
		return true;
	}

	/** Milliseconds until a validation is allowed. */
	get validationInMs(): number {
		const from = Math.max(this.#createdAt + firstValidationMs, this.#validatedAt + minValidationMs);
		return Math.max(0, from - monotonicMs());
	}

	/** Records that the login has become doubtful, which makes a validation due. */
	doubtLogin(): void {
		this.#isLoginInDoubt = true;
	}

	/** Returns true once after each {@link doubtLogin}; false at further calls. */
	takeLoginDoubt(): boolean {
		const wasInDoubt = this.#isLoginInDoubt;
		this.#isLoginInDoubt = false;
		return wasInDoubt;
	}

	/** Records that somebody is logged in. If the login had been lost, resets the back-off of inits. */
	recordLogin(): void {
		if (this.lostLogin) this.inits.resetBackoff();
		this.lostLogin = undefined;
	}

	/** The user's region: the option `region`, or else the region that a validation reported, or else `america`. */
	region({ region }: Pick<IbkrSettings, "region">): IbkrRegion {
		return region ?? this.reportedRegion ?? "america";
	}

	/** Records that a session was opened. */
	recordOpened(): void {
		this.isTakeoverDue = false;
		this.initFailure = undefined;
		this.renewalFailure = undefined;
		this.inits.recordOpened();
		this.renewals.recordOpened();
		this.recordAlive();
	}

	/** Records that a session is alive, which resets the back-offs once the session has lasted long enough. */
	recordAlive(): void {
		this.inits.recordAlive();
		this.renewals.recordAlive();
	}
}

/** The block after a 429, to pass on to a later process. A block forbids calls, but the session can stay alive during a block. */
export function usedPenalty({ blockedUntil }: IbkrPenaltyBox): UsedLimits {
	return blockedUntil === undefined ? {} : { calls: { made: [], pausedUntil: blockedUntil } };
}

/** Blocks all calls until the end of the block that an earlier process got with a 429. */
export function inheritPenalty(penaltyBox: IbkrPenaltyBox, { calls }: UsedLimits): void {
	const waitMs = (calls?.pausedUntil ?? 0) - Date.now();
	if (waitMs > 0) penaltyBox.block(waitMs);
}
