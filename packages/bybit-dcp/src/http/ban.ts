import { RetryAfter } from "@x/base/retry-after";

/** For how many milliseconds an IP address is banned after its last call. No header of a reply contains this time. */
export const banMs = 600_000;

/**
 * The bans are module state, because the venue counts the calls of an IP address, whichever client of this process
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
