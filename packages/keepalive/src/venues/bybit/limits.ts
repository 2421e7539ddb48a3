import { checkOptions, integer, type OptionSchema, optional } from "@x/base/option-schema";
import { RetryAfter } from "@x/base/retry-after";
import { isBybitError } from "@x/bybit-dcp";
import { type ConnectionLimiter, limiterPerTransport, slidingWindowLimiter } from "../../connection-limiter.ts";
import { SessionError } from "../../session-error.ts";
import type { UsedLimits } from "../../session-limits.ts";
import type { WireLog } from "./call-logger.ts";
import { type BybitSessionOptions, packageName, type ResolvedBybitOptions } from "./options.ts";

type LimiterOptions = NonNullable<Parameters<typeof bybitConnectionLimiter>[0]>;

const schema: OptionSchema<LimiterOptions> = {
	connections: optional(integer({ min: 1 })),
	perMs: optional(integer({ min: 1 })),
};

/**
 * Creates a limiter of connection attempts per host, over a sliding window. Share one limiter among all sessions that use the
 * same source address. Failed attempts count too, as they do at the venue.
 *
 * @param options - `connections`: attempts to one host in `perMs`, at least 1; default 500, the venue's limit for one address. `perMs`:
 * milliseconds, at least 1; default 310 000: the venue's five minutes plus 10 s, because the venue counts an attempt when it arrives,
 * which may be late.
 * @throws OptionError for a limit that is not an integer of at least 1.
 * @see https://bybit-exchange.github.io/docs/v5/rate-limit
 */
export function bybitConnectionLimiter(
	options: { readonly connections?: number; readonly perMs?: number } = {},
): ConnectionLimiter {
	checkOptions<LimiterOptions>(packageName, schema, options);
	const { connections = 500, perMs = 310_000 } = options;
	return slidingWindowLimiter(connections, perMs);
}

/** The default limiter of connection attempts: one limiter per `WebSocket` class, so usually one per process. */
export const connectionLimiterFor = limiterPerTransport(() => bybitConnectionLimiter());

/** Returns the session's limiter of connection attempts, the host under which it counts them, and the `WebSocket` class that connects. */
export function connectionLimitOf(
	{ connectionLimiter, client }: BybitSessionOptions,
	{ wsUrl }: ResolvedBybitOptions,
): { readonly limiter: ConnectionLimiter; readonly host: string; readonly transport: object } {
	const transport = client.WebSocket ?? globalThis.WebSocket;
	// The host includes the port, so that two simulators of a test on one machine are counted separately.
	const { host } = new URL(wsUrl);
	return { limiter: connectionLimiter ?? connectionLimiterFor(transport), host, transport };
}

/**
 * The limiter of HTTP calls: one per `fetch`, so usually one per process. The venue bans an address after 600 calls in five
 * seconds; 300 calls in ten seconds leave room for trading, and for calls that are delayed and arrive together. Without this
 * limiter, a thousand sessions that lose their connections at the same time would exceed the venue's limit.
 */
const callLimiterFor = limiterPerTransport(() => slidingWindowLimiter(300, 10_000));

/**
 * The longest pause of HTTP calls that is taken over from an earlier process, in milliseconds. The venue's bans last ten minutes, so a
 * longer pause means that a clock is wrong.
 */
const longestPauseMs = 3_600_000;

/** Makes the HTTP calls of one session. Stays within the rate limit, and makes no call during a pause that the venue has asked for. */
export class CallLimiter {
	readonly #limiter: ConnectionLimiter;
	readonly #host: string;
	readonly #log: WireLog;
	readonly #onPause: () => void;
	readonly #retryAfter = new RetryAfter();

	/**
	 * @param transport - the `fetch` that makes the calls.
	 * @param onPause - called when the venue has asked for a pause.
	 */
	constructor(transport: object, host: string, log: WireLog, onPause: () => void = () => undefined) {
		this.#limiter = callLimiterFor(transport);
		this.#host = host;
		this.#log = log;
		this.#onPause = onPause;
	}

	/**
	 * The pause that the venue has asked for, while it lasts. The pause limits HTTP calls but not opens: a session can be alive during it.
	 */
	get used(): UsedLimits {
		const waitMs = this.#retryAfter.remainingMs();
		return waitMs > 0 ? { calls: { made: [], pausedUntil: Math.ceil(Date.now() + waitMs) } } : {};
	}

	/** Takes over a pause of HTTP calls that an earlier session has reported. */
	inherit({ calls }: UsedLimits): void {
		const waitMs = (calls?.pausedUntil ?? 0) - Date.now();
		if (waitMs > 0) this.#retryAfter.record(Math.min(waitMs, longestPauseMs));
	}

	/**
	 * Makes a call. If the venue refuses it and says how long to wait, records this wait.
	 *
	 * @throws SessionError (wait), with nothing sent, while the venue has asked for a pause or this process has reached its limit of HTTP
	 * calls.
	 */
	async run<T>(name: string, call: () => Promise<T>): Promise<T> {
		const waitMs = Math.ceil(this.#retryAfter.remainingMs());
		if (waitMs > 0) throw notAllowed("HTTP call not sent", "the venue asked for a pause", waitMs);
		const fullMs = this.#limiter.tryAcquire(this.#host);
		if (fullMs > 0) throw notAllowed("HTTP call not sent", "this process has reached its limit of HTTP calls", fullMs);
		try {
			return await this.#log.call(name, call);
		} catch (error) {
			if (isBybitError(error) && error.retryAfterMs !== undefined) {
				this.#retryAfter.record(error.retryAfterMs);
				this.#onPause();
			}
			throw error;
		}
	}
}

/**
 * Counts a connection attempt. @throws SessionError (wait) while no attempt is allowed: after too many attempts the venue would block this
 * address.
 */
export function tryAcquireConnection(limiter: ConnectionLimiter, host: string): void {
	const waitMs = limiter.tryAcquire(host);
	if (waitMs === 0) return;
	throw notAllowed(`no connection made to ${host}`, "this process has reached the limit of new connections", waitMs);
}

function notAllowed(what: string, why: string, forMs: number): SessionError {
	return new SessionError(`@x/keepalive/bybit: ${what}: ${why}. The next one is allowed in ${forMs} ms.`, {
		disposition: { action: "wait", forMs },
	});
}
