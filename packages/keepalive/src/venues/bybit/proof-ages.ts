import { monotonicMs } from "@x/base/clock";
import type { Instant } from "@x/base/instant";
import { beatMs, type ResolvedBybitOptions } from "./options.ts";

/** How old the parts of the proof may be, in milliseconds. */
export interface AgeLimits {
	/** The last answered ping: one ping interval and one pong deadline. */
	readonly pingMs: number;
	/** Configuration and topics: `verifyEveryMs`, and one beat with its call, since the first beat after that verifies them again. */
	readonly proofMs: number;
}

/** The limits that punctual beats never exceed. */
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
 * Why parts of the proof are too old; undefined if none is. It allocates nothing unless one is: it is asked before each order.
 *
 * @param pinged - when the last answered ping was sent.
 * @param subscribed - when the last acknowledged subscription of the topics was sent.
 * @param read - when the configuration was last read as requested.
 * @param usesWallClock - whether to judge by the wall clock too. A keeper does that itself, and reading it allocates.
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
	if (pingAgeMs > limits.pingMs) return `the last answered ping is ${Math.round(pingAgeMs)} ms old`;
	const readAgeMs = ageMs(read, monotonic, wall);
	if (readAgeMs > limits.proofMs) return `the configuration was last read ${Math.round(readAgeMs)} ms ago`;
	const topicsAgeMs = ageMs(subscribed, monotonic, wall);
	if (topicsAgeMs > limits.proofMs) return `the topics were last acknowledged ${Math.round(topicsAgeMs)} ms ago`;
	return undefined;
}

function ageMs(since: Instant, monotonic: number, wall: number): number {
	return Math.max(monotonic - since.monotonicMs, wall - since.wallMs);
}
