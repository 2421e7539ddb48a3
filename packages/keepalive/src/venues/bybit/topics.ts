import { type BybitConnection, isBybitError } from "@x/bybit-dcp";
import { within } from "../../time.ts";
import { type Instant, sinceMs } from "./countdown.ts";
import { instant } from "./loss-watch.ts";
import type { BybitResolved } from "./options.ts";

/** Between two questions while the topics are in doubt. */
const askGapMs = 1_000;

/**
 * That the venue has the connection's topics, as it last acknowledged them.
 *
 * A pong says that the connection lives and nothing of its topics, so they are subscribed again when that is old: "already
 * subscribed" is the answer that proves, and a venue that had lost them has them again.
 */
export class TopicProof {
	readonly #socket: BybitConnection;
	readonly #options: BybitResolved;
	#acknowledged: Instant;
	#asked: Instant;
	#doubt: string | undefined;
	/** The question under way. It outlives the beat that asked it, which may have less time than an answer takes. */
	#asking: Promise<void> | undefined;

	/** @param acknowledged - when the topics were first asked for, all of which were acknowledged. */
	constructor(socket: BybitConnection, options: BybitResolved, acknowledged: Instant) {
		this.#socket = socket;
		this.#options = options;
		this.#acknowledged = acknowledged;
		this.#asked = acknowledged;
	}

	/** When what was last acknowledged had been asked. */
	get acknowledged(): Instant {
		return this.#acknowledged;
	}

	/**
	 * Asks again when the proof is old, and waits `ms` for the answer. Tells why it is in doubt; undefined when it is not.
	 * Never throws.
	 */
	async verify(ms: number, signal: AbortSignal): Promise<string | undefined> {
		const now = instant();
		const isYoung = this.#doubt === undefined && sinceMs(this.#acknowledged, now) < this.#options.verifyEveryMs;
		const isTooSoon = this.#doubt !== undefined && sinceMs(this.#asked, now) < askGapMs;
		if (!this.#asking && (isYoung || isTooSoon)) return this.#doubt;
		const asking = this.#asking ?? this.#ask(now);
		this.#asking = asking;
		await within(ms, signal, "subscribing the topics again", () => asking).catch(() => undefined);
		return this.#doubt ?? this.#overdue();
	}

	/** Without an answer the last one stands until that of an HTTP call could have come: the age that a guard allows. */
	#overdue(): string | undefined {
		const { verifyEveryMs, callTimeoutMs } = this.#options;
		const isOverdue = sinceMs(this.#acknowledged, instant()) >= verifyEveryMs + callTimeoutMs;
		return isOverdue ? "the topics were not acknowledged again: there was no answer in time" : undefined;
	}

	/** Never rejects: each subscription has a deadline of its own, and the end of the connection ends it. */
	async #ask(asked: Instant): Promise<void> {
		this.#asked = asked;
		try {
			await this.#subscribe();
			this.#acknowledged = asked;
			this.#doubt = undefined;
		} catch (error) {
			const why = isBybitError(error) ? error.message : "an unexpected failure";
			this.#doubt = `the topics were not acknowledged again: ${why}`;
		} finally {
			this.#asking = undefined;
		}
	}

	async #subscribe(): Promise<void> {
		for (const product of this.#options.products) await this.#socket.subscribeDcp(product);
	}
}
