import { RetryAfter } from "@x/base/retry-after";

/**
 * For how many milliseconds an IP address is banned after its last call. The value is fixed, because no header of a
 * reply contains it.
 */
export const banMs = 600_000;

/**
 * All clients of this process share these bans, because the venue counts the calls of an IP address, whichever client
 * makes them.
 */
const bans = new WeakMap<object, Map<string, RetryAfter>>();

/** The ban shared by all clients that call the same host with the same `fetch`. */
export function banOf(fetch: object, host: string): RetryAfter {
	const hosts = bans.get(fetch) ?? new Map<string, RetryAfter>();
	bans.set(fetch, hosts);
	const ban = hosts.get(host) ?? new RetryAfter();
	hosts.set(host, ban);
	return ban;
}
