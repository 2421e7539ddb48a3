import { withDeadline } from "@x/base/clock";
import { type Instant, instantNow, longestElapsedMs } from "@x/base/instant";
import { type BybitConnection, type BybitProduct, bybitTopicOf, isBybitError } from "@x/bybit-dcp";
import type { ResolvedBybitOptions } from "./options.ts";

/** Minimum time between two subscription requests while the topics are unconfirmed. */
const retryGapMs = 1_000;

/** Time between two subscriptions: half the window leaves time to have a lost topic back before the venue cancels. */
function topicsEveryMs({ verifyEveryMs, windowSeconds }: ResolvedBybitOptions): number {
	return Math.min(verifyEveryMs, windowSeconds * 500);
}

/** What the session is told of its topics. */
interface TopicEvents {
	/** The venue had lost a topic at some time since this acknowledgement. The topic is subscribed again. Never rejects. */
	onLost(acknowledged: Instant): Promise<void>;
	/** The topics were requested again, with or without success. */
	onAsked(): void;
}

/**
 * Proves that the venue still has the connection's topics.
 *
 * A pong shows that the connection is alive but nothing about its topics, so they are subscribed again at intervals. The
 * answer "already subscribed" is the proof; if the venue had lost the topics, this subscribes them again. A plain success for a
 * product that was answered "already" before means that the topic had been lost. So the first verification of a connection is
 * due at once: without an "already" to compare with, a topic that is lost before the second would never be noticed.
 */
export class TopicProof {
	readonly #socket: BybitConnection;
	readonly #options: ResolvedBybitOptions;
	readonly #events: TopicEvents;
	/** The products whose topics the venue has said to be subscribed already. It is not documented that it says so. */
	readonly #saysAlready = new Set<BybitProduct>();
	#acknowledged: Instant;
	#asked: Instant;
	#problem: string | undefined;
	/** Whether the topics were acknowledged once more since the connection was opened. */
	#wasVerified = false;
	/** The request in progress. It can outlive the beat that started it. */
	#pending: Promise<void> | undefined;

	/**
	 * @param acknowledged - when the first subscribe request was sent. The venue has acknowledged all of its topics.
	 */
	constructor(socket: BybitConnection, options: ResolvedBybitOptions, acknowledged: Instant, events: TopicEvents) {
		this.#events = events;
		this.#socket = socket;
		this.#options = options;
		this.#acknowledged = acknowledged;
		this.#asked = acknowledged;
	}

	/** When the last acknowledged request was sent. */
	get acknowledged(): Instant {
		return this.#acknowledged;
	}

	/** Why the venue did not acknowledge the topics at the last request; undefined if it did. */
	get problem(): string | undefined {
		return this.#problem;
	}

	/**
	 * Subscribes again when the proof is old, and waits up to `ms` for the answer. Never throws.
	 *
	 * @returns why the topics are unconfirmed; undefined if they are confirmed.
	 */
	async verify(ms: number, signal: AbortSignal): Promise<string | undefined> {
		const now = instantNow(Date.now);
		const isFresh =
			this.#problem === undefined &&
			this.#wasVerified &&
			longestElapsedMs(this.#acknowledged, now) < topicsEveryMs(this.#options);
		const isTooSoon = this.#problem !== undefined && longestElapsedMs(this.#asked, now) < retryGapMs;
		if (!this.#pending && (isFresh || isTooSoon)) return this.#problem;
		const pending = this.#pending ?? this.#subscribeAgain(now);
		this.#pending = pending;
		await withDeadline({ ms, signal, onTimeout: () => undefined }, () => pending).catch(() => undefined);
		return this.#problem ?? this.#overdueReason();
	}

	/** Without an answer the last proof stands for `callTimeoutMs` past its age, as long as `requireArmed` accepts it. */
	#overdueReason(): string | undefined {
		const { verifyEveryMs, callTimeoutMs } = this.#options;
		const isOverdue = longestElapsedMs(this.#acknowledged, instantNow(Date.now)) >= verifyEveryMs + callTimeoutMs;
		return isOverdue ? "the topics were not acknowledged again: no answer in time" : undefined;
	}

	/** Never rejects, and always ends: each subscription has its own deadline. */
	async #subscribeAgain(asked: Instant): Promise<void> {
		this.#asked = asked;
		const acknowledged = this.#acknowledged;
		let wasLost = false;
		try {
			for (const product of this.#options.products) {
				const { already } = await this.#socket.subscribeDcp(product);
				if (already) this.#saysAlready.add(product);
				else if (this.#saysAlready.has(product)) wasLost = true;
			}
			this.#acknowledged = asked;
			this.#wasVerified = true;
			this.#problem = undefined;
		} catch (error) {
			const why = isBybitError(error) ? error.message : "unexpected error";
			this.#problem = `the topics were not acknowledged again: ${why}`;
		}
		// Also when another topic was not acknowledged after it: the next answer for this one is "already".
		if (wasLost) await this.#events.onLost(acknowledged);
		this.#pending = undefined;
		this.#events.onAsked();
	}
}

/** The connection's topics other than `dcp.*`. */
export function otherTopicsOf({ topics }: Pick<BybitConnection, "topics">): readonly string[] {
	return topics.filter((topic) => !topic.startsWith("dcp."));
}

/**
 * Why the topics of the connection do not protect; undefined if they do. The program can subscribe topics over the handle.
 *
 * The venue may count its own messages on other topics as activity of the connection. After our death it might then not see us
 * as idle for as long as such messages are sent, so no worst case can be stated.
 */
export function topicsReason(
	socket: Pick<BybitConnection, "topics">,
	products: readonly BybitProduct[],
): string | undefined {
	const missing = products.map(bybitTopicOf).filter((topic) => !socket.topics.includes(topic));
	if (missing.length > 0) return `the guarded connection is not subscribed to ${missing.join(", ")} any more`;
	const others = otherTopicsOf(socket);
	if (others.length === 0) return undefined;
	return (
		`the guarded connection is also subscribed to ${others.join(", ")}, whose messages may keep the venue from noticing ` +
		"our death, so the exposure is unlimited; use a second connection for streams"
	);
}
