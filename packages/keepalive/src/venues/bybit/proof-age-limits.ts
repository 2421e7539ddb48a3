import { monotonicMs } from "@x/base/clock";
import type { Instant } from "@x/base/instant";
import { beatMs, type ResolvedBybitOptions } from "./options.ts";

/** How old the last ping, subscription and configuration query may be, in milliseconds. */
export interface AgeLimits {
	/** Limit for the last answered ping: one ping interval plus one pong deadline. */
	readonly pingMs: number;
	/**
	 * Limit for the configuration and the topics. The first beat() after `verifyEveryMs` checks them. So the limit is `verifyEveryMs` plus
	 * one beat interval, one pong deadline and one call timeout.
	 */
	readonly proofMs: number;
}

/** Returns the age limits. Without delays, nothing gets older than its limit. */
export function ageLimits(
	options: Pick<
		ResolvedBybitOptions,
		"maxActiveTimeSeconds" | "pingMs" | "pongTimeoutMs" | "verifyEveryMs" | "callTimeoutMs"
	>,
): AgeLimits {
	const pingMs = beatMs(options) + options.pongTimeoutMs;
	return { pingMs, proofMs: options.verifyEveryMs + pingMs + options.callTimeoutMs };
}

/**
 * Says which is too old: the last ping, subscription or configuration query; undefined if none is. It is called before each order, so it
 * allocates no memory if none is too old.
 *
 * @param pinged - when the last answered ping was sent.
 * @param subscribed - when the last acknowledged subscription of the topics was sent.
 * @param read - when the configuration was last read with the requested values.
 * @param usesWallClock - whether to measure ages by the wall clock too. False if a keeper calls this: the keeper checks the wall clock
 * itself, and reading this clock allocates memory.
 */
export function tooOldReason(
	pinged: Instant,
	subscribed: Instant,
	read: Instant,
	limits: AgeLimits,
	usesWallClock: boolean,
): string | undefined {
	const monotonic = monotonicMs();
	const wall = usesWallClock ? Date.now() : Number.NEGATIVE_INFINITY;
	const pingAgeMs = ageMs(pinged, monotonic, wall);
	if (pingAgeMs > limits.pingMs)
		return `the last answered ping is ${Math.round(pingAgeMs)} ms old (limit ${limits.pingMs} ms)`;
	const readAgeMs = ageMs(read, monotonic, wall);
	if (readAgeMs > limits.proofMs)
		return `the configuration was last read ${Math.round(readAgeMs)} ms ago (limit ${limits.proofMs} ms)`;
	const topicsAgeMs = ageMs(subscribed, monotonic, wall);
	if (topicsAgeMs > limits.proofMs)
		return `the topics were last acknowledged ${Math.round(topicsAgeMs)} ms ago (limit ${limits.proofMs} ms)`;
	return undefined;
}

function ageMs(since: Instant, monotonic: number, wall: number): number {
	return Math.max(monotonic - since.monotonicMs, wall - since.wallMs);
}
