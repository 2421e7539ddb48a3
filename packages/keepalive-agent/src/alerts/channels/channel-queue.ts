import { sleep } from "@x/base/clock";
import { type Instant, instantNow, longestElapsedMs } from "@x/base/instant";
import type { Logger } from "@x/keepalive";
import type { Alert } from "../alert.ts";
import type { ChannelConfig } from "./channel-config.ts";
import { channelRequest } from "./channel-request.ts";
import { type Delivery, deliver } from "./send-channel-request.ts";

/** What became of a message, as the metrics count it. `failed` is an attempt that will be repeated; every other result is final. */
export type DeliveryResult = Delivery["result"] | "expired" | "dropped";

/** The deadlines and delays of a queue. Tests shorten them. */
export interface QueueTimes {
	/** Deadline of one attempt to send a message, in milliseconds. */
	readonly attemptMs: number;
	readonly firstRetryMs: number;
	readonly maxRetryMs: number;
	/** A message that is older than this many milliseconds is given up. */
	readonly giveUpMs: number;
	/** When a message is not delivered within this many milliseconds, {@link QueueEvents.onTrouble} is called. */
	readonly troubleMs: number;
}

/** The deadlines and delays that the agent uses. */
const queueTimes: QueueTimes = {
	attemptMs: 10_000,
	firstRetryMs: 1_000,
	maxRetryMs: 60_000,
	giveUpMs: 60 * 60_000,
	troubleMs: 30_000,
};

/** The most messages that one channel queues. For each further message, the oldest one that is not being sent is dropped. */
export const maxQueued = 100;

/** The callbacks of a queue, its logger, and the URL that its messages show. */
export interface QueueEvents {
	readonly logger: Logger;
	/** The URL of the status page, which every message shows. */
	readonly pageUrl: string;
	onResult(channel: string, result: DeliveryResult): void;
	/** Called when a message is given up, or is not delivered within {@link QueueTimes.troubleMs}. */
	onTrouble(channel: string, why: string): void;
	/** Called when the channel has taken a message. */
	onAccepted(channel: string): void;
}

interface Queued {
	readonly alert: Alert;
	readonly at: Instant;
}

/** The queued messages of one channel. They are sent in order, one at a time; no caller waits for them. */
export class ChannelQueue {
	readonly name: string;
	readonly config: ChannelConfig;
	readonly #events: QueueEvents;
	readonly #times: QueueTimes;
	readonly #closed = new AbortController();
	readonly #queue: Queued[] = [];
	#running: Promise<void> | undefined;

	constructor(name: string, config: ChannelConfig, events: QueueEvents, times: QueueTimes = queueTimes) {
		this.name = name;
		this.config = config;
		this.#events = events;
		this.#times = times;
	}

	/** Queues a message and returns at once. */
	add(alert: Alert): void {
		if (this.#closed.signal.aborted) return;
		// The first message is never dropped, because it is being sent.
		if (this.#queue.length >= maxQueued) {
			this.#queue.splice(1, 1);
			this.#end("dropped", `the channel's queue is full (${maxQueued} messages)`);
		}
		this.#queue.push({ alert, at: instantNow(Date.now) });
		this.#running ??= this.#run();
	}

	/** Waits at most `ms` until the queue is empty, then drops the remaining messages. */
	async close(ms: number): Promise<void> {
		const done = new AbortController();
		void this.#running?.finally(() => done.abort());
		if (this.#running) await sleep(ms, done.signal);
		this.#closed.abort();
		await this.#running;
	}

	async #run(): Promise<void> {
		for (let next = this.#queue[0]; next; next = this.#queue[0]) {
			await this.#send(next);
			this.#queue.shift();
			if (this.#closed.signal.aborted) {
				for (const _ of this.#queue.splice(0)) this.#end("dropped", "the channel was closed");
			}
		}
		// Nothing is awaited between the check that the queue is empty and this line. Otherwise a message that is added in between would not
		// be sent.
		this.#running = undefined;
	}

	/** Sends a message, again and again, until it is accepted or refused, or too old. */
	async #send({ alert, at }: Queued): Promise<void> {
		const { signal } = this.#closed;
		const { attemptMs, firstRetryMs, maxRetryMs, giveUpMs, troubleMs } = this.#times;
		const request = channelRequest(this.config, alert, this.#events.pageUrl);
		for (let attempt = 1; ; attempt += 1) {
			const delivery = await deliver(request, attemptMs, signal);
			if (delivery.result === "accepted") {
				this.#events.onResult(this.name, "accepted");
				this.#events.onAccepted(this.name);
				return;
			}
			const { why } = delivery;
			if (delivery.result === "refused") return this.#end("refused", why);
			if (signal.aborted) return this.#end("dropped", `the channel was closed; ${why}`);
			this.#events.onResult(this.name, "failed");
			const ageMs = longestElapsedMs(at, instantNow(Date.now));
			const backoffMs = Math.min(firstRetryMs * 2 ** (attempt - 1), maxRetryMs) * (0.75 + Math.random() / 4);
			const waitMs = Math.max(backoffMs, delivery.retryAfterMs ?? 0);
			if (ageMs + waitMs >= giveUpMs) return this.#end("expired", why);
			if (ageMs + waitMs >= troubleMs) this.#events.onTrouble(this.name, why);
			this.#events.logger.debug(`alert not delivered to ${this.name} yet: ${why}`, { channel: this.name, attempt });
			await sleep(waitMs, signal);
		}
	}

	/** Logs and counts a message that will not be sent any more. */
	#end(result: "refused" | "expired" | "dropped", why: string): void {
		this.#events.logger.error(`alert not delivered to ${this.name}: ${result}: ${why}`, { channel: this.name, result });
		this.#events.onResult(this.name, result);
		if (!this.#closed.signal.aborted) this.#events.onTrouble(this.name, `${result}: ${why}`);
	}
}
