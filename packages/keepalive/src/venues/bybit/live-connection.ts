import { monotonicMs, neverAborted, sleep } from "@x/base/clock";
import type { Instant } from "@x/base/instant";
import { type BybitConnection, isBybitError } from "@x/bybit-dcp";
import type { Protection } from "../../session.ts";
import type { WireLog } from "./call-logger.ts";
import { toSessionError } from "./error-disposition.ts";
import type { CountedConnection } from "./open.ts";
import type { ResolvedBybitOptions } from "./options.ts";
import { type AdaptivePingTimeout, proveAlive } from "./ping.ts";
import type { LossTracker } from "./session-losses.ts";
import { TopicProof, topicsReason } from "./topic-subscription-proof.ts";

/** What a {@link LiveConnection} needs from its session. */
export interface LiveContext {
	readonly options: ResolvedBybitOptions;
	readonly pingTimeout: AdaptivePingTimeout;
	readonly losses: LossTracker;
	readonly log: WireLog;
	/** To be called when the session may have become armed, or may have stopped being armed. */
	readonly protectionChanged: () => void;
}

/** The connection that keeps the venue from cancelling. Sends its pings, and knows whether its topics are still subscribed. */
export class LiveConnection {
	readonly socket: BybitConnection;
	/** Aborts when the connection ends. The reason is a SessionError that also says when the venue may cancel the orders. */
	readonly ended: AbortSignal;
	readonly topics: TopicProof;
	/** The protection according to the venue's configuration, regardless of pings and topics. */
	configuration: Protection = { state: "unknown", reason: "Disconnection Protect not read back yet" };
	readonly #context: LiveContext;
	#topicsReason: string | undefined;

	/** Records that from now on the venue regards the new connection as alive and does not cancel. */
	constructor({ socket, subscribed, pinged }: CountedConnection, context: LiveContext) {
		const { options, losses, protectionChanged } = context;
		losses.recordPing(socket, pinged);
		this.socket = socket;
		this.#context = context;
		this.ended = this.#endedSignal();
		this.topics = new TopicProof(socket, options, subscribed, {
			onLost: (acknowledged) => this.#onTopicLost(acknowledged),
			onAsked: protectionChanged,
		});
		this.#topicsReason = topicsReason(socket, options.products);
	}

	/** Why the subscribed topics do not make the venue protect the orders; undefined if they do. */
	get topicsReason(): string | undefined {
		return this.#topicsReason;
	}

	/** Send time of the last answered ping. */
	get lastPing(): Instant | undefined {
		return this.#context.losses.lastPing(this.socket);
	}

	/** Milliseconds since the last answered ping was sent; 0 if no ping was answered yet. */
	get pingAgeMs(): number {
		const { lastPing } = this;
		return lastPing ? monotonicMs() - lastPing.monotonicMs : 0;
	}

	/** True if the last answered ping is older than its age limit, so that a later ping was missed or not sent in time. */
	get isPingOverdue(): boolean {
		return this.pingAgeMs > this.#context.pingTimeout.ageLimits.pingMs;
	}

	/** To be called when the connection was subscribed to topics, or unsubscribed from them. */
	recheckTopics(): void {
		this.#topicsReason = topicsReason(this.socket, this.#context.options.products);
	}

	/**
	 * Sends a ping. If no pong comes, records the connection as lost.
	 *
	 * @throws SessionError
	 */
	async ping(signal: AbortSignal): Promise<void> {
		const { pingTimeout, losses, log, protectionChanged } = this.#context;
		const { options } = pingTimeout;
		let sent: Instant;
		try {
			sent = await log.call("ping", () => proveAlive(this.socket, options.pongTimeoutMs, signal));
		} catch (error) {
			if (this.ended.aborted) throw toSessionError(this.ended.reason, "ended");
			const isMissedPong = isBybitError(error) && error.kind === "timeout";
			if (!isMissedPong) throw toSessionError(error);
			// The connection is half-open. The venue may cancel the orders soon, so a second ping over this connection would waste time.
			pingTimeout.record(error);
			losses.recordSilence(this.socket);
			protectionChanged();
			throw losses.explain(toSessionError(error, "ended"));
		}
		const wasOverdue = this.isPingOverdue;
		const { topicReason } = losses;
		losses.recordPing(this.socket, sent);
		pingTimeout.recordPong(options);
		if (wasOverdue || losses.topicReason !== topicReason) protectionChanged();
	}

	/**
	 * Pings at intervals until `cut` aborts. Never rejects: if a pong is missed, closes the connection, so that other work over it is
	 * aborted too.
	 */
	async pingUntil(cut: AbortSignal): Promise<void> {
		const { pingTimeout } = this.#context;
		while (true) {
			await sleep(pingTimeout.options.pingMs, cut);
			if (cut.aborted) return;
			try {
				await this.ping(cut);
			} catch {
				if (!cut.aborted) void this.socket.close();
				return;
			}
		}
	}

	/**
	 * Called when a topic that the venue had lost was subscribed again. Pings at once: without a ping in time the venue still cancels the
	 * orders, and the next regular ping may be too late.
	 */
	async #onTopicLost(acknowledged: Instant): Promise<void> {
		const { log, losses, protectionChanged } = this.#context;
		const at = new Date(acknowledged.wallMs).toISOString();
		log.warn(`Bybit had lost a topic of this connection at some time since ${at}; it is subscribed again.`);
		losses.recordTopicLoss(acknowledged);
		protectionChanged();
		await this.ping(neverAborted).catch(() => void this.socket.close());
	}

	#endedSignal(): AbortSignal {
		const { losses, protectionChanged } = this.#context;
		const { ended } = this.socket;
		const controller = new AbortController();
		const abort = (): void => {
			controller.abort(losses.explain(toSessionError(ended.reason, "ended")));
			protectionChanged();
		};
		if (ended.aborted) abort();
		else ended.addEventListener("abort", abort, { once: true });
		return controller.signal;
	}
}
