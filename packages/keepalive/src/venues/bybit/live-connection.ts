import { monotonicMs, neverAborted, sleep } from "@x/base/clock";
import type { Instant } from "@x/base/instant";
import { type BybitConnection, isBybitError } from "@x/bybit-dcp";
import type { Protection } from "../../session.ts";
import { toSessionError } from "./disposition.ts";
import type { LossTracker } from "./losses.ts";
import type { CountedConnection } from "./open.ts";
import type { ResolvedBybitOptions } from "./options.ts";
import { type AdaptivePingTimeout, proveAlive } from "./ping.ts";
import { TopicProof, topicsReason } from "./topics.ts";
import type { WireLog } from "./wire-log.ts";

/** What a {@link LiveConnection} gets from its session. */
export interface LiveContext {
	readonly options: ResolvedBybitOptions;
	readonly pingTimeout: AdaptivePingTimeout;
	readonly losses: LossTracker;
	readonly log: WireLog;
	/** To be called when the session may have changed from armed to not armed, or back. */
	readonly protectionChanged: () => void;
}

/** The session's connection that the venue counts: sends its pings, and knows the state of its topics. */
export class LiveConnection {
	readonly socket: BybitConnection;
	/** Aborts when the connection ends; the reason is a SessionError that also describes the countdown that starts. */
	readonly ended: AbortSignal;
	readonly topics: TopicProof;
	/** The protection according to the venue's configuration, regardless of pings and topics. */
	configuration: Protection = { state: "unknown", reason: "not verified yet" };
	readonly #context: LiveContext;
	#topicsReason: string | undefined;

	/** Records that the venue counts a new connection, which stops the venue's countdown. */
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

	/** Why the subscribed topics do not protect the orders; undefined if they do. */
	get topicsReason(): string | undefined {
		return this.#topicsReason;
	}

	/** When the last answered ping was sent. */
	get lastPing(): Instant | undefined {
		return this.#context.losses.lastPing(this.socket);
	}

	/** Milliseconds since the last answered ping was sent; 0 when no ping was answered. */
	get pingAgeMs(): number {
		const { lastPing } = this;
		return lastPing ? monotonicMs() - lastPing.monotonicMs : 0;
	}

	/** True if the last answered ping is older than it can be while all beats are on time. */
	get isPingOverdue(): boolean {
		return this.pingAgeMs > this.#context.pingTimeout.ageLimits.pingMs;
	}

	/** To be called when the subscribed topics of the connection have changed. */
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
			// The connection is half-open. The venue's countdown may be running, so another beat over this connection would only lose time.
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

	/** Pings until `cut` aborts. Never rejects: after a missed pong it closes the connection, which also aborts the work done meanwhile. */
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
	 * Pings at once after the dropped topic was subscribed again: only a ping stops the countdown that the venue began when it dropped
	 * the topic, and the next regular ping may come too late.
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
