import { withDeadline } from "@x/base/clock";
import { type Instant, instantNow, longestElapsedMs } from "@x/base/instant";
import { type BybitConnection, type BybitProduct, bybitTopicOf, isBybitError } from "@x/bybit-dcp";
import type { ResolvedBybitOptions } from "./options.ts";

/** Minimum time in milliseconds between two subscribe requests while the topics are not acknowledged. */
const retryGapMs = 1_000;

/**
 * Time between two subscribe requests. It is at most half the cancel window, so that a lost topic is subscribed again before the venue
 * cancels.
 */
function topicsEveryMs({ verifyEveryMs, windowSeconds }: ResolvedBybitOptions): number {
	return Math.min(verifyEveryMs, windowSeconds * 500);
}

/** Callbacks of a {@link TopicProof}. */
interface TopicEvents {
	/** Called when a topic was subscribed again because the venue had lost it at some time after `acknowledged`. Never rejects. */
	onLost(acknowledged: Instant): Promise<void>;
	/** Called after the topics were requested again, with or without success. */
	onAsked(): void;
}

/**
 * Proves that the venue still has the connection's topics: one topic for each product.
 *
 * A pong shows that the connection is alive but nothing about its topics. So the session repeats the subscribe requests at intervals. The
 * venue gives one of two answers:
 *
 * - "already subscribed" proves that the venue still had the topic;
 * - a plain success means that the topic is subscribed now. If the venue has answered "already subscribed" for this topic before, it must
 *   have lost the topic meanwhile. If it never has, the plain success shows no loss, because Bybit does not document the answer "already
 *   subscribed" and may not give it.
 *
 * The first repeated request is due right after the connection was made, to see early whether the venue gives the answer "already
 * subscribed".
 */
export class TopicProof {
	readonly #socket: BybitConnection;
	readonly #options: ResolvedBybitOptions;
	readonly #events: TopicEvents;
	/** The products for which the venue has answered "already subscribed". Bybit does not document this answer. */
	readonly #saysAlready = new Set<BybitProduct>();
	#acknowledged: Instant;
	#asked: Instant;
	#problem: string | undefined;
	/** Whether the topics were requested and acknowledged again since the connection was opened. */
	#wasVerified = false;
	/** The request in progress. It may end after the beat() that started it. */
	#pending: Promise<void> | undefined;

	/**
	 * @param acknowledged - when the first subscribe request of the connection was sent; the venue acknowledged all topics after this time.
	 */
	constructor(socket: BybitConnection, options: ResolvedBybitOptions, acknowledged: Instant, events: TopicEvents) {
		this.#events = events;
		this.#socket = socket;
		this.#options = options;
		this.#acknowledged = acknowledged;
		this.#asked = acknowledged;
	}

	/** Send time of the last subscribe request that the venue acknowledged. */
	get acknowledged(): Instant {
		return this.#acknowledged;
	}

	/** Why the venue did not acknowledge the topics at the last request; undefined if it acknowledged them. */
	get problem(): string | undefined {
		return this.#problem;
	}

	/**
	 * Subscribes the topics again if their last acknowledgement is old, and waits at most `ms` milliseconds for the answer. Never throws.
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

	/**
	 * Says that the last acknowledgement of the topics is too old; undefined if it is not. An acknowledgement is valid for `verifyEveryMs`
	 * plus `callTimeoutMs`.
	 */
	#overdueReason(): string | undefined {
		const { verifyEveryMs, callTimeoutMs } = this.#options;
		const isOverdue = longestElapsedMs(this.#acknowledged, instantNow(Date.now)) >= verifyEveryMs + callTimeoutMs;
		return isOverdue ? "the topics were not acknowledged again: no answer in time" : undefined;
	}

	/** Subscribes all topics again. Never rejects, and always ends, because each subscription has its own deadline. */
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
		// A lost topic is reported even if a request for another topic failed. The next request cannot show the loss, because the lost
		// topic is subscribed again by now, so the venue will answer "already subscribed".
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
 * Why the connection's topics do not make the venue protect the orders; undefined if they do. The program can subscribe other topics over
 * `session.handle`.
 *
 * The venue may count its own messages on other topics as activity of the connection. So after the death of this process, the venue might
 * never see the connection as idle and never cancel.
 */
export function topicsReason(
	socket: Pick<BybitConnection, "topics">,
	products: readonly BybitProduct[],
): string | undefined {
	const missing = products.map(bybitTopicOf).filter((topic) => !socket.topics.includes(topic));
	if (missing.length > 0) return `the session's connection is not subscribed to ${missing.join(", ")} any more`;
	const others = otherTopicsOf(socket);
	if (others.length === 0) return undefined;
	return (
		`the session's connection is also subscribed to ${others.join(", ")}, whose messages may keep the venue from noticing ` +
		"the death of this process, so the exposure is unlimited; use a second connection for streams"
	);
}
