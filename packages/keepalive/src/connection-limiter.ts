import { OptionError } from "@x/base/errors";
import { RollingLimit } from "@x/base/rate-limiter";

/** Limits attempts to connect, counted by host, whether they succeed or not. */
export interface ConnectionLimiter {
	/** Counts an attempt and returns 0; or counts none and returns the milliseconds to wait. */
	tryAcquire(host: string): number;
}

/**
 * A limiter of `limit` attempts to each host in any window of `perMs` milliseconds. Share one among all sessions that the
 * venue counts together.
 *
 * @param limit - an integer from 1.
 * @param perMs - milliseconds above 0.
 * @throws OptionError for a number that is not allowed.
 */
export function slidingWindowLimiter(limit: number, perMs: number): ConnectionLimiter {
	if (!(Number.isInteger(limit) && limit >= 1)) {
		throw new OptionError("@x/keepalive", "limit", `must be an integer from 1, got ${limit}`);
	}
	if (!(perMs > 0)) {
		throw new OptionError("@x/keepalive", "perMs", `must be a number of milliseconds above 0, got ${perMs}`);
	}
	const hosts = new Map<string, RollingLimit>();
	return {
		tryAcquire(host) {
			const rolling = hosts.get(host) ?? new RollingLimit(limit, perMs);
			hosts.set(host, rolling);
			return rolling.tryAcquire();
		},
	};
}

/**
 * Shares one limiter among all callers with the same `fetch` or `WebSocket`. A custom one usually means another source
 * address, and venues count by address.
 *
 * A venue keeps the returned function at module level, because sessions and keepers of one process do not know each other.
 */
export function limiterPerTransport(
	create: () => ConnectionLimiter,
): (transport: object | undefined) => ConnectionLimiter {
	const limiters = new WeakMap<object, ConnectionLimiter>();
	return (transport) => {
		// Without a usable transport the client refuses by itself, and there is nothing to count.
		if (Object(transport) !== transport || !transport) return create();
		const limiter = limiters.get(transport) ?? create();
		limiters.set(transport, limiter);
		return limiter;
	};
}

/**
 * Counts the second attempt that Node's built-in WebSocket makes by itself: it repeats an upgrade that was refused with 401 once
 * (measured on Node 24; a WebSocket does not tell the status, so every refused attempt counts twice). Other WebSocket classes do not.
 * To be called when an attempt was refused.
 */
export function countRepeatedUpgrade(limiter: ConnectionLimiter, host: string, transport: object | undefined): void {
	if (transport !== undefined && transport === globalThis.WebSocket) limiter.tryAcquire(host);
}
