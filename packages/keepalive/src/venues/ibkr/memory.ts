import type { IbkrNoSession } from "@x/ibkr-session";
import type { SessionError } from "../../session-error.ts";
import { monotonicMs } from "../../time.ts";
import type { IbkrRegion } from "./calendar.ts";
import { Attempts } from "./limits.ts";
import type { IbkrSettings } from "./options.ts";

/** The venue allows one validation a minute; the client's own pacing waits for the rest of it. */
const leastGapMs = 55_000;
const usualGapMs = 300_000;
/**
 * A process that ended just before this one began may have validated in its last moment: a minute, and what the network
 * can bring two calls closer together.
 */
const firstGapMs = 62_000;
/** The same of the tickle, one a second: whatever restarts a program that crashes as soon as it is alive may be quick. */
const firstTickleMs = 1_250;
const renewalsPerDay = 100;

/** What has to be remembered from one opening to the next, so that no limit of the venue is broken by opening again. */
export class Memory {
	readonly inits: Attempts;
	/** New tokens. */
	readonly renewals: Attempts;
	/** Inits that may end another session. */
	readonly takeovers: Attempts;
	/** As a validation told it. */
	region: IbkrRegion | undefined;
	/** A status said that the key can only force. */
	forceOnlyKey = false;
	/** The login is known to be gone, by these words. Until it is seen again, a tickle asks for it. */
	lost: IbkrNoSession | undefined;
	/** So a validation refused the login: only another one can tell that it is back. */
	refused: IbkrNoSession | undefined;
	/** Why the latest new token was refused, where only a person can mend it. */
	renewalRefused: SessionError | undefined;
	/** The latest opening waited in vain for a brokerage session that said it was there, or nearly. */
	stuck = false;
	/** The latest attempt was inside a quiet time. */
	quiet = false;
	/** Nothing has asked for the login since something put it in doubt. */
	#doubt = true;
	#validatedAt = Number.NEGATIVE_INFINITY;
	readonly #begunAt = monotonicMs();

	constructor({ maxInitsPerDay, maxTakeoversPerDay, initBackoffMs }: IbkrSettings) {
		this.inits = new Attempts({ most: maxInitsPerDay, firstMs: initBackoffMs });
		this.renewals = new Attempts({ most: renewalsPerDay, firstMs: initBackoffMs });
		this.takeovers = new Attempts({ most: maxTakeoversPerDay, firstMs: 0 });
	}

	/** Whether the process before this one may have validated within the minute. */
	get isYoung(): boolean {
		return monotonicMs() - this.#begunAt < firstGapMs;
	}

	/** Milliseconds until this process may tickle. */
	get tickleInMs(): number {
		return this.#begunAt + firstTickleMs - monotonicMs();
	}

	/** True when a validation is due and allowed; it is counted then. */
	takeValidation(): boolean {
		if (this.isYoung) return false;
		const gapMs = this.#doubt || this.refused ? leastGapMs : usualGapMs;
		if (monotonicMs() - this.#validatedAt < gapMs) return false;
		this.#validatedAt = monotonicMs();
		this.#doubt = false;
		return true;
	}

	/** Something happened that puts the login in doubt. */
	doubt(): void {
		this.#doubt = true;
	}

	/** True once after each doubt. */
	takeDoubt(): boolean {
		const was = this.#doubt;
		this.#doubt = false;
		return was;
	}

	/** There is a login. If it was gone, what was held against the one before is over. */
	loginFound(): void {
		if (this.lost) this.inits.forgive();
		this.lost = undefined;
	}

	/** The region by which times are read. */
	regionIn({ region }: Pick<IbkrSettings, "region">): IbkrRegion {
		return region ?? this.region ?? "america";
	}

	/** A session was opened. */
	opened(): void {
		this.inits.opened();
		this.renewals.opened();
		this.alive();
	}

	/** A session is alive: waits that grew are forgotten once it lasted. */
	alive(): void {
		this.inits.alive();
		this.renewals.alive();
	}
}
