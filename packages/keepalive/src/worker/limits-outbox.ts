import type { Instant } from "@x/base/instant";
import type { KeeperLimits, SessionLimits } from "../session-limits.ts";
import type { SharedArmedState } from "./shared-armed-state.ts";
import type { FromWorker } from "./thread-messages.ts";

/**
 * How many messages may be on their way. While the program's thread is blocked, it receives none of them. If the worker is killed
 * then, the next worker knows only what was sent: a ban, for example, that was not sent is forgotten.
 */
const mostOnTheirWay = 32;

/**
 * Sends to the program the limits of those sessions whose limits have changed. At most 32 messages are on their way; the next
 * message contains what has changed meanwhile.
 */
export class LimitsOutbox {
	readonly #words: SharedArmedState;
	readonly #post: (message: FromWorker) => void;
	readonly #limitsOf: (session: string) => SessionLimits;
	readonly #now: () => Instant;
	readonly #changed = new Set<string>();
	#sent = 0;

	/** @param now - returns the current time, for the member `at` of the message `limits`. */
	constructor(
		words: SharedArmedState,
		post: (message: FromWorker) => void,
		limitsOf: (session: string) => SessionLimits,
		now: () => Instant,
	) {
		this.#words = words;
		this.#post = post;
		this.#limitsOf = limitsOf;
		this.#now = now;
	}

	/** To be called when the limits of these sessions have changed, or may have changed. */
	push(sessions: readonly string[]): void {
		for (const session of sessions) this.#changed.add(session);
		this.flush();
	}

	/** Sends what has changed, unless too many messages are on their way. To be called regularly. */
	flush(): void {
		if (this.#changed.size === 0 || this.#words.notReceived("limits", this.#sent) >= mostOnTheirWay) return;
		this.#send();
	}

	/**
	 * Sends what has changed, however many messages are on their way. To be called once, when this worker ends, because the next worker
	 * continues with these limits.
	 */
	end(): void {
		if (this.#changed.size > 0) this.#send();
	}

	#send(): void {
		const limits: KeeperLimits = Object.fromEntries(
			Array.from(this.#changed, (session) => [session, this.#limitsOf(session)]),
		);
		this.#changed.clear();
		this.#sent = (this.#sent + 1) | 0;
		this.#post({ type: "limits", limits, at: this.#now() });
	}
}
