import { monotonicMs } from "@x/base/clock";
import type { Reading, WindowRange } from "./dcp-configuration.ts";
import type { ResolvedBybitOptions } from "./options.ts";

/** Bybit says that a new cancel window is in force about `settleMs` after it was set. This factor adds a margin to `settleMs`. */
export const settleFactor = 1.5;

/** Knows which cancel windows may be in force: the window of the options, or one that another session or program has set. */
export class Windows {
	readonly #options: Pick<ResolvedBybitOptions, "windowSeconds" | "settleMs">;
	/** The windows that another program has set, as last read. One of them may be in force until `until`, a time on the monotonic clock. */
	#others: { readonly range: WindowRange; readonly until: number } | undefined;
	#requestedAt = Number.NEGATIVE_INFINITY;

	constructor(options: Pick<ResolvedBybitOptions, "windowSeconds" | "settleMs">) {
		this.#options = options;
	}

	/**
	 * Send time of the latest configuration query whose answer showed the requested cancel window, in milliseconds on the monotonic clock.
	 */
	get requestedAt(): number {
		return this.#requestedAt;
	}

	/** The shortest and the longest cancel window that may be in force now, according to all of the venue's answers so far. */
	get inForce(): WindowRange {
		const { windowSeconds } = this.#options;
		const others = this.#others;
		if (!others || monotonicMs() >= others.until) {
			return { shortestSeconds: windowSeconds, longestSeconds: windowSeconds };
		}
		const { shortestSeconds, longestSeconds } = others.range;
		return {
			shortestSeconds: Math.min(windowSeconds, shortestSeconds),
			longestSeconds: Math.max(windowSeconds, longestSeconds),
		};
	}

	/**
	 * Records an answer of the venue about its configuration.
	 *
	 * @param askedAt - when the query was sent, in milliseconds on the monotonic clock.
	 * @returns whether the answer shows that another program has changed the window.
	 */
	record(found: Reading, askedAt: number): boolean {
		if (found.state === "different-window") {
			this.#others = { range: found.windows, until: Number.POSITIVE_INFINITY };
			return true;
		}
		if (found.state !== "equal") return false;
		if (this.#others?.until === Number.POSITIVE_INFINITY) {
			this.#others = { ...this.#others, until: askedAt + this.#options.settleMs * settleFactor };
		}
		this.#requestedAt = askedAt;
		return false;
	}
}
