import { monotonicMs } from "@x/base/clock";
import type { IbkrNoSession, IbkrPenaltyBox } from "@x/ibkr-session";
import type { SessionError } from "../../session-error.ts";
import type { UsedLimit, UsedLimits } from "../../session-limits.ts";
import type { IbkrRegion } from "./calendar.ts";
import type { IbkrSettings } from "./options.ts";

const dayMs = 86_400_000;
const maxBackoffMs = 1_800_000;
/** While the venue does not know the consumer key: a new one has been refused for up to two weeks. */
const unknownConsumerMs = 3_600_000;
/** A session that lasted for this many first delays resets the back-off. */
const stableDelays = 10;

/** How often something was attempted, as plain data. */
export interface IbkrAttemptCount {
	/** Attempts in the last 24 hours. */
	readonly last24h: number;
	/** The most that are allowed in any 24 hours. */
	readonly limit: number;
	/** When the next attempt is allowed, in epoch milliseconds. Missing when one is allowed now. */
	readonly nextAt?: number;
}

/**
 * Limits one kind of attempt, such as inits: by a back-off that doubles from `firstMs` to 30 minutes until a session has
 * lasted, and by a number in any 24 hours. IBKR refuses logins of users that retry once a minute for a night.
 *
 * A successful attempt lowers the back-off by one step, so that the first init after a loss is not delayed.
 */
export class AttemptLimit {
	readonly #limit: number;
	readonly #firstMs: number;
	readonly #gapMs: number;
	readonly #made: number[] = [];
	#maxMs = maxBackoffMs;
	/** Attempts since the back-off was reset. */
	#step = 0;
	#hasOpened = false;
	#resetAt = Number.NEGATIVE_INFINITY;

	/** @param options - with a `firstMs` of 0 there is no back-off; `gapMs` is the least time between two attempts, default 0. */
	constructor({ limit, firstMs, gapMs = 0 }: { limit: number; firstMs: number; gapMs?: number }) {
		this.#limit = limit;
		this.#firstMs = firstMs;
		this.#gapMs = gapMs;
	}

	/** Whether the attempts of the last 24 hours reach the limit. */
	get isUsedUp(): boolean {
		this.#forgetOld();
		return this.#made.length >= this.#limit;
	}

	/** Milliseconds until the next attempt is allowed; 0 when one is allowed now. */
	get waitMs(): number {
		const now = monotonicMs();
		const [oldest = now] = this.#made;
		const gapUntil = (this.#made.at(-1) ?? Number.NEGATIVE_INFINITY) + this.#gapMs;
		const usedUpMs = this.isUsedUp ? oldest + dayMs - now : 0;
		return Math.ceil(Math.max(0, usedUpMs, gapUntil - now, this.#backoffUntil() - now));
	}

	/**
	 * Counts an attempt and returns true, if one is allowed.
	 *
	 * @param isSecondHalf - the attempt continues one that was allowed: it needs no back-off, but counts for the day.
	 */
	tryAcquire(isSecondHalf = false): boolean {
		if (isSecondHalf ? this.isUsedUp : this.waitMs > 0) return false;
		this.#made.push(monotonicMs());
		if (!isSecondHalf) this.#step += 1;
		this.#hasOpened = false;
		return true;
	}

	/** What a later process has to know. */
	get used(): UsedLimit {
		this.#forgetOld();
		const toWall = Date.now() - monotonicMs();
		const step = Math.max(0, this.#hasOpened ? this.#step - 1 : this.#step);
		return { made: this.#made.map((at) => [Math.round(toWall + at), 1]), step };
	}

	/** Goes on where an earlier process stopped. @param used - `all`: nothing is known of it. */
	inherit(used: UsedLimit | "all"): void {
		const now = monotonicMs();
		const ages =
			used === "all"
				? // Spread over the day: the limit is used up, and becomes free as slowly as it may be used.
					Array.from({ length: this.#limit }, (_, index) => ((this.#limit - 1 - index) * dayMs) / this.#limit)
				: used.made.flatMap(([at, times]) =>
						Array.from({ length: Math.min(times, this.#limit) }, () => Math.max(0, Date.now() - at)),
					);
		const made = ages.map((ageMs) => now - ageMs).sort((a, b) => a - b);
		this.#made.splice(0, Number.POSITIVE_INFINITY, ...made.slice(-this.#limit));
		this.#step = used === "all" ? 0 : (used.step ?? 0);
		// The step says what the latest attempt was worth.
		this.#hasOpened = false;
	}

	/** Counts an attempt that an earlier process may have made. */
	countPossible(): void {
		this.#made.push(monotonicMs());
	}

	/** Records that the latest attempt opened a session. */
	recordOpened(): void {
		this.#hasOpened = true;
		this.#maxMs = maxBackoffMs;
	}

	/** Lets the back-off grow to an hour, until a session is opened: the venue does not know the consumer key. */
	recordUnknownConsumer(): void {
		this.#maxMs = unknownConsumerMs;
	}

	/** Records that a session is alive: resets the back-off if the latest attempt is long enough ago. */
	recordAlive(): void {
		const last = this.#made.at(-1);
		if (last === undefined || monotonicMs() - last >= stableDelays * this.#firstMs) this.#step = 0;
	}

	/**
	 * Resets the back-off because the circumstances changed, such as by a login. At most once in 30 minutes: circumstances
	 * that change all the time are a reason to stay slow. The attempts of the day stay counted.
	 */
	resetBackoff(): void {
		const now = monotonicMs();
		if (now - this.#resetAt < maxBackoffMs) return;
		this.#resetAt = now;
		this.#step = 0;
	}

	/** @param now - epoch milliseconds. */
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

/** IBKR allows one validation a minute. This may be shorter: the client's pacing delays a call that comes too early. */
const minValidationMs = 55_000;
const validationMs = 300_000;
/** The previous process may have validated just before it ended: a minute, with a margin for network jitter. */
const firstValidationMs = 62_000;
/** The same for tickles, one a second: a supervisor may restart a crashed process at once. */
const firstTickleMs = 1_250;
const renewalsPerDay = 100;

/** What is kept from one open to the next, so that reopening exceeds no limit of the venue. */
export class OpenHistory {
	readonly inits: AttemptLimit;
	/** New tokens. */
	readonly renewals: AttemptLimit;
	/** Questions whether the venue knows the consumer key by now. */
	readonly keyQuestions: AttemptLimit;
	/** Inits that may end another session. */
	readonly takeovers: AttemptLimit;
	/** As the latest validation reported it. */
	reportedRegion: IbkrRegion | undefined;
	/** Called when an attempt was counted. */
	onUsed: () => void = () => undefined;
	/** The same; undefined when that did not say, and since the latest open or change of the login. */
	reportedLoginType: "live" | "paper" | undefined;
	/** The accounts and the mode of the latest login, to be compared and never shown. */
	loginFound: string | undefined;
	/** The key of a login that is not the expected one. */
	wrongLoginKey: string | undefined;
	/** Whether this process has become the leader and has not opened a session since. */
	isTakeoverDue = false;
	/** Whether a status said that the key can open a session only with `compete`. */
	keyNeedsCompete = false;
	/** The answer that denied the login. Until a login is found, tickles ask for it. */
	lostLogin: IbkrNoSession | undefined;
	/** How the latest init failed, as a human-readable text: it is reported again while the back-off holds the next one. */
	initFailure: string | undefined;
	/** The same for the latest new token. */
	renewalFailure: string | undefined;
	/** Why the latest new token was refused, where only a person can correct it. */
	renewalRefused: SessionError | undefined;
	/** Whether the latest open waited for a session that reported ready or loading, and the wait did not help. */
	neverBecameReady = false;
	/** Whether the latest init was considered during the nightly reset or the weekend maintenance. */
	wasInMaintenance = false;
	/** Whether nothing has confirmed the login since it last became doubtful. */
	#isLoginInDoubt = true;
	#validatedAt = Number.NEGATIVE_INFINITY;
	readonly #createdAt = monotonicMs();

	constructor({ maxInitsPerDay, maxTakeoversPerDay, initBackoffMs }: IbkrSettings) {
		this.inits = new AttemptLimit({ limit: maxInitsPerDay, firstMs: initBackoffMs });
		this.renewals = new AttemptLimit({ limit: renewalsPerDay, firstMs: initBackoffMs });
		this.keyQuestions = new AttemptLimit({ limit: renewalsPerDay, firstMs: initBackoffMs });
		this.keyQuestions.recordUnknownConsumer();
		// Two programs that take over from each other must not do so at full speed.
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

	/** Whether the previous process may have validated less than a minute ago. */
	get isNew(): boolean {
		return monotonicMs() - this.#createdAt < firstValidationMs;
	}

	/** Milliseconds until the first tickle is allowed; 0 or less when it is. */
	get tickleInMs(): number {
		return this.#createdAt + firstTickleMs - monotonicMs();
	}

	/** Counts a validation and returns true, if one is due and allowed. */
	tryValidation(): boolean {
		if (this.isNew) return false;
		const intervalMs = this.#isLoginInDoubt ? minValidationMs : validationMs;
		if (monotonicMs() - this.#validatedAt < intervalMs) return false;
		this.#validatedAt = monotonicMs();
		this.#isLoginInDoubt = false;
		return true;
	}

	/** Milliseconds until a validation is allowed, for one that is due. */
	get validationInMs(): number {
		const from = Math.max(this.#createdAt + firstValidationMs, this.#validatedAt + minValidationMs);
		return Math.max(0, from - monotonicMs());
	}

	/** Makes a validation due. */
	doubtLogin(): void {
		this.#isLoginInDoubt = true;
	}

	/** Returns true once after each {@link doubtLogin}. */
	takeLoginDoubt(): boolean {
		const wasInDoubt = this.#isLoginInDoubt;
		this.#isLoginInDoubt = false;
		return wasInDoubt;
	}

	/** Records that there is a login. If it was lost, the back-off of inits starts anew. */
	recordLogin(): void {
		if (this.lostLogin) this.inits.resetBackoff();
		this.lostLogin = undefined;
	}

	/** The user's region: as set, else as reported. */
	region({ region }: Pick<IbkrSettings, "region">): IbkrRegion {
		return region ?? this.reportedRegion ?? "america";
	}

	/** A session was opened. */
	recordOpened(): void {
		this.isTakeoverDue = false;
		this.initFailure = undefined;
		this.renewalFailure = undefined;
		this.inits.recordOpened();
		this.renewals.recordOpened();
		this.recordAlive();
	}

	/** Records that a session is alive: after a stable time this resets the back-off. */
	recordAlive(): void {
		this.inits.recordAlive();
		this.renewals.recordAlive();
	}
}

/** What a later process has to know of the penalty box. A session can be alive meanwhile. */
export function usedPenalty({ blockedUntil }: IbkrPenaltyBox): UsedLimits {
	return blockedUntil === undefined ? {} : { calls: { made: [], pausedUntil: blockedUntil } };
}

/** Keeps the calls blocked for as long as an earlier process was told. */
export function inheritPenalty(penaltyBox: IbkrPenaltyBox, { calls }: UsedLimits): void {
	const waitMs = (calls?.pausedUntil ?? 0) - Date.now();
	if (waitMs > 0) penaltyBox.block(waitMs);
}
