import type { BybitConnection } from "@x/bybit-dcp";
import type { Protection } from "../../session.ts";
import { SessionError } from "../../session-error.ts";
import { type Instant, sinceMs } from "./countdown.ts";
import { type BybitResolved, beatMs } from "./options.ts";

/** What is known at the moment of asking. */
export interface Known {
	readonly connected: boolean;
	/** When the last answered ping had been sent. */
	readonly proved: Instant | undefined;
	/** When the topics that were last acknowledged had been asked for. */
	readonly topics: Instant | undefined;
	readonly protection: Protection;
	readonly now: Instant;
}

/** The connection's topics other than `dcp.*`. */
export function otherTopics({ topics }: Pick<BybitConnection, "topics">): readonly string[] {
	return topics.filter((topic) => !topic.startsWith("dcp."));
}

/**
 * The protection, as far as the connection's other topics leave one to be stated.
 *
 * What the venue sends on them may count as activity of the connection. After our death it may then not see us idle for as
 * long as anybody else's orders make messages, and no exposure that could be stated would be the worst case.
 */
export function besideStreams(protection: Protection, socket: Pick<BybitConnection, "topics">): Protection {
	const others = otherTopics(socket);
	if (protection.state !== "armed" || others.length === 0) return protection;
	const reason =
		`the guarded connection is subscribed to ${others.join(", ")} too, and messages of the venue may keep it from noticing ` +
		"our death, so no exposure holds; use a second connection for streams";
	return { state: "unknown", reason };
}

type Ages = Pick<
	BybitResolved,
	"maxActiveTimeSeconds" | "pingMs" | "pongTimeoutMs" | "verifyEveryMs" | "callTimeoutMs"
>;

/**
 * Why the orders are not proved to be protected right now; undefined when they are.
 *
 * The ages are those that a beat in time never exceeds: a ping's pace and its pong's deadline for the connection, and for
 * the configuration its own age and one beat more, since it is read again with the first beat after that.
 */
export function whyNotArmed({ connected, proved, topics, protection, now }: Known, ages: Ages): string | undefined {
	if (!connected || !proved || !topics) return "there is no connection that counts";
	if (protection.state !== "armed") return `the protection is ${protection.state}: ${protection.reason}`;
	const pongAgeMs = sinceMs(proved, now);
	const beatAgeMs = beatMs(ages) + ages.pongTimeoutMs;
	if (pongAgeMs > beatAgeMs) return `the last answered ping is ${Math.round(pongAgeMs)} ms old`;
	const readAgeMs = now.epochMs - protection.verifiedAt;
	const allowedMs = ages.verifyEveryMs + beatAgeMs + ages.callTimeoutMs;
	if (readAgeMs > allowedMs) return `the configuration was last read ${Math.round(readAgeMs)} ms ago`;
	const topicsAgeMs = sinceMs(topics, now);
	if (topicsAgeMs > allowedMs) return `the topics were last acknowledged ${Math.round(topicsAgeMs)} ms ago`;
	return undefined;
}

export function notArmed(why: string): SessionError {
	return new SessionError(`@x/keepalive/bybit: not proved to be protected right now: ${why}.`, {
		disposition: { action: "retry" },
	});
}
