import { type BybitPrivateSocket, isBybitError } from "@x/bybit-dcp";
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
	readonly #socket: BybitPrivateSocket;
	readonly #options: BybitResolved;
	#acknowledged: Instant;
	#asked: Instant;
	#doubt: string | undefined;

	/** @param acknowledged - when the topics were first asked for, all of which were acknowledged. */
	constructor(socket: BybitPrivateSocket, options: BybitResolved, acknowledged: Instant) {
		this.#socket = socket;
		this.#options = options;
		this.#acknowledged = acknowledged;
		this.#asked = acknowledged;
	}

	/** When what was last acknowledged had been asked. */
	get acknowledged(): Instant {
		return this.#acknowledged;
	}

	/** Asks again when the proof is old, within `ms`. Tells why it is in doubt; undefined when it is not. Never throws. */
	async verify(ms: number, signal: AbortSignal): Promise<string | undefined> {
		const asked = instant();
		const isYoung = this.#doubt === undefined && sinceMs(this.#acknowledged, asked) < this.#options.verifyEveryMs;
		if (isYoung || (this.#doubt !== undefined && sinceMs(this.#asked, asked) < askGapMs)) return this.#doubt;
		this.#asked = asked;
		try {
			await within(ms, signal, "subscribing the topics again", (cut) => this.#subscribe(cut));
			this.#acknowledged = asked;
			this.#doubt = undefined;
		} catch (error) {
			const why = isBybitError(error) ? error.message : "there was no answer in time";
			this.#doubt = `the topics were not acknowledged again: ${why}`;
		}
		return this.#doubt;
	}

	async #subscribe(signal: AbortSignal): Promise<void> {
		for (const product of this.#options.products) await this.#socket.subscribeDcp(product, signal);
	}
}
