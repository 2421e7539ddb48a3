import { OptionError } from "@x/base/errors";
import { RollingLimit } from "@x/base/rate-limiter";
import type { UsedLimit, UsedLimits } from "./session-limits.ts";

/**
 * Makes a limiter count the connection attempts that a session made in the previous process or worker.
 *
 * @param wasKilled - true when that process or worker was killed. It may have made one more attempt than it reported, so one more
 * is counted.
 * @returns milliseconds until an attempt is allowed; 0 when the limiter does not say.
 */
export function inheritConnections(
	limiter: ConnectionLimiter,
	host: string,
	used: UsedLimits | "all",
	wasKilled: boolean,
): number {
	const connections = used === "all" ? used : used["connections"];
	const waitMs = connections ? limiter.inherit?.(host, connections) : undefined;
	if (wasKilled) limiter.tryAcquire(host);
	return waitMs ?? 0;
}

/** The connection attempts that count against the limit now. The next process or worker passes this to {@link inheritConnections}. */
export function usedConnections(limiter: ConnectionLimiter, host: string): UsedLimits {
	const connections = limiter.used?.(host);
	return connections ? { connections } : {};
}

/** Limits attempts to connect. Each host has its own count, and failed attempts count as well. */
export interface ConnectionLimiter {
	/** Counts an attempt and returns 0 if the limit allows it; otherwise counts nothing and returns the milliseconds to wait. */
	tryAcquire(host: string): number;
	/**
	 * The attempts to a host that count against the limit now. Without this method, a limiter counts from 0 again after the
	 * program has restarted.
	 */
	used?(host: string): UsedLimit;
	/**
	 * Counts the attempts that the previous run of the program has made. `all` means that their number is not known, so the whole
	 * limit counts as used.
	 *
	 * @returns milliseconds until an attempt is allowed.
	 */
	inherit?(host: string, used: UsedLimit | "all"): number;
}

/**
 * A limiter that allows `limit` attempts to each host in any window of `perMs` milliseconds. Share one limiter among all
 * sessions whose connections the venue counts together.
 *
 * @param limit - an integer of at least 1.
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
	const limitOf = (host: string): RollingLimit => {
		const rolling = hosts.get(host) ?? new RollingLimit(limit, perMs);
		hosts.set(host, rolling);
		return rolling;
	};
	return {
		tryAcquire: (host) => limitOf(host).tryAcquire(),
		used: (host) => ({ made: limitOf(host).made.map(([agoMs, times]) => [Math.round(Date.now() - agoMs), times]) }),
		inherit(host, used) {
			if (used === "all") limitOf(host).useUp();
			else limitOf(host).restore(used.made.map(([at, times]) => [Date.now() - at, times]));
			return limitOf(host).waitMs;
		},
	};
}

/**
 * Returns a function that gives the same limiter to all callers with the same `fetch` or `WebSocket`. Venues count connections by
 * source address, and a custom `fetch` or `WebSocket` usually means another source address.
 *
 * Each venue's module stores the returned function in one constant. Sessions and keepers of one process do not know each other, so
 * they can share a limiter only through this constant.
 */
export function limiterPerTransport(
	create: () => ConnectionLimiter,
): (transport: object | undefined) => ConnectionLimiter {
	const limiters = new WeakMap<object, ConnectionLimiter>();
	return (transport) => {
		// Without a usable transport the client refuses to connect, so no attempts have to be counted together.
		if (Object(transport) !== transport || !transport) return create();
		const limiter = limiters.get(transport) ?? create();
		limiters.set(transport, limiter);
		return limiter;
	};
}

/**
 * To be called when an upgrade request was refused. Node's built-in WebSocket repeats the request once if the reply has status 401
 * (measured on Node 24). This function counts that second attempt. A WebSocket does not reveal the status, so the second attempt
 * is counted after every refusal. Other WebSocket classes do not repeat the request, so nothing is counted for them.
 */
export function countRepeatedUpgrade(limiter: ConnectionLimiter, host: string, transport: object | undefined): void {
	if (transport !== undefined && transport === globalThis.WebSocket) limiter.tryAcquire(host);
}
