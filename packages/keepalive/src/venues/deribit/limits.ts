import { TokenBucket } from "@x/base/rate-limiter";
import { RetryAfter } from "@x/base/retry-after";
import { type DeribitCredits, isDeribitError } from "@x/deribit-session";
import {
	countRepeatedUpgrade,
	inheritConnections,
	limiterPerTransport,
	slidingWindowLimiter,
	usedConnections,
} from "../../connection-limiter.ts";
import { reworded, SessionError } from "../../session-error.ts";
import type { UsedLimits } from "../../session-limits.ts";
import type { ResolvedDeribitOptions } from "./options.ts";

/**
 * Maximum number of connection attempts in five minutes. The venue documents no limit on attempts, but allows 32 open connections for one
 * address. This package allows ten attempts for each of these. During an outage, one session makes at most about 40 attempts in that
 * time.
 */
const maxAttempts = 320;
const windowMs = 300_000;

const limiterFor = limiterPerTransport(() => slidingWindowLimiter(maxAttempts, windowMs));

const transportOf = ({ socket }: ResolvedDeribitOptions) => socket.WebSocket ?? globalThis.WebSocket;

const limiterOf = (options: ResolvedDeribitOptions) => options.connectionLimiter ?? limiterFor(transportOf(options));

/**
 * To be called with the error of a connection attempt. Node's built-in WebSocket may repeat a refused attempt, so with this class a
 * refused attempt is counted once more.
 */
export function countRefusedConnection(options: ResolvedDeribitOptions, error: unknown): void {
	if (!isDeribitError(error) || error.kind !== "network") return;
	countRepeatedUpgrade(limiterOf(options), options.host, transportOf(options));
}

/** See `Session.usedLimits`. */
export const usedLimitsOf = (options: ResolvedDeribitOptions): UsedLimits =>
	usedConnections(limiterOf(options), options.host);

/** See `Session.inheritLimits`. */
export const inheritLimits = (options: ResolvedDeribitOptions, used: UsedLimits | "all", wasKilled: boolean): number =>
	inheritConnections(limiterOf(options), options.host, used, wasKilled);

/**
 * Counts a connection attempt.
 *
 * @throws SessionError (wait) when this process has reached its connection limit; nothing is sent.
 */
export function tryAcquireConnection(options: ResolvedDeribitOptions): void {
	const { host } = options;
	const forMs = limiterOf(options).tryAcquire(host);
	if (forMs === 0) return;
	throw new SessionError(
		`@x/keepalive/deribit: not connecting to ${host} for another ${forMs} ms: the connection limit of this process is reached`,
		{ disposition: { action: "wait", forMs } },
	);
}

/**
 * How many opens after a connection loss are made without the keeper's general back-off: `burst` opens, plus one for each `everyMs`
 * milliseconds.
 */
const quickOpens = { burst: 10, everyMs: 10_000 } as const;
/** The longest wait before an open that is made without the general back-off, in milliseconds. */
const quickOpenMs = 1_500;

/**
 * Decides how soon a session is opened again after a connection loss. A session whose connection drops at most once every ten seconds
 * never waits for the keeper's general back-off.
 *
 * The venue limits how many connections are open, but not how often one is opened. But each open makes a login, and the venue has a limit
 * on logins that it does not publish. So after ten opens in quick succession, further ones are delayed by the general back-off.
 */
export class ReopenPace {
	readonly #opens = new TokenBucket(quickOpens);
	/** Whether the session has been open before. Until then, all opens are delayed by the general back-off. */
	#hasBeenOpen = false;

	/** To be called before each open. Each open uses up one of the opens that `quickOpens` allows. */
	countOpen(): void {
		this.#opens.tryAcquire();
	}

	/** To be called when an open has succeeded. */
	markOpen(): void {
		this.#hasBeenOpen = true;
	}

	/**
	 * Limits the delay before the next open, by `withinMs` in the error's disposition, if the connection broke or got no answer. Changes
	 * nothing if a call or a handshake was refused, because a refused handshake may mean a ban.
	 *
	 * @param isBroken - to be set if the connection broke but `error` does not show this, because its cause is not an error of the client.
	 */
	apply(error: SessionError, isBroken = false): SessionError {
		const { message, disposition, cause } = error;
		const isQuick = isBroken || (isDeribitError(cause) && (cause.kind === "closed" || cause.kind === "timeout"));
		if (!isQuick || !this.#hasBeenOpen || disposition.action !== "retry" || this.#opens.waitMs > 0) return error;
		return reworded(error, message, { disposition: { ...disposition, withinMs: quickOpenMs } });
	}
}

/** The sessions that keepers of this process run, with their rate limiters, by host and API key. */
const runningByKey = new Map<string, Set<{ readonly credits: DeribitCredits }>>();

const keyOf = ({ host, credentials }: ResolvedDeribitOptions): string => `${host} ${credentials.clientId}`;

/** Records that a keeper runs a session with this key. Calling the returned function removes the record; further calls do nothing. */
export function registerKey(options: ResolvedDeribitOptions): () => void {
	const key = keyOf(options);
	const session = { credits: options.socket.credits };
	const running = runningByKey.get(key) ?? new Set();
	runningByKey.set(key, running.add(session));
	return () => {
		if (running.delete(session) && running.size === 0) runningByKey.delete(key);
	};
}

/**
 * Returns a warning if sessions with one API key have separate rate limiters: together they can exceed the venue's limit, and the venue
 * then ends a session.
 */
export function sharedKeyWarnings(options: ResolvedDeribitOptions): readonly string[] {
	const isShared = [...(runningByKey.get(keyOf(options)) ?? [])].some(
		({ credits }) => credits !== options.socket.credits,
	);
	if (!isShared) return [];
	return [
		"another session of this process uses the same API key with a rate limiter of its own, but the venue counts the calls of both: give both the same client.credits",
	];
}

const firstBackoffMs = 20_000;
const maxBackoffMs = 5 * 60_000;

/**
 * Back-off for renewing the tokens of one connection. An attempt makes one or two logins, and the venue blocks accounts that log in too
 * often. Without this back-off, a session whose renewals are refused would log in at each of its fifty beats a minute. The first retry
 * comes with the next beat; after that the delay doubles each time.
 */
export class RenewalBackoff {
	/** How many renewals were tried after the venue last accepted the tokens. */
	#attempts = 0;
	readonly #retryAfter = new RetryAfter();

	get isAllowed(): boolean {
		return this.#retryAfter.remainingMs() === 0;
	}

	/** To be called before an attempt to renew the tokens. */
	countAttempt(): void {
		this.#attempts += 1;
		if (this.#attempts > 1) this.pause(Math.min(firstBackoffMs * 2 ** (this.#attempts - 2), maxBackoffMs));
	}

	/** Allows no renewal for the next `forMs` milliseconds. */
	pause(forMs: number): void {
		this.#retryAfter.record(forMs);
	}

	/** To be called when the venue has accepted the tokens, which ends the back-off. */
	reset(): void {
		this.#attempts = 0;
	}
}
