import { monotonicMs } from "@x/base/clock";
import type { Reading, WindowRange } from "./dcp-configuration.ts";
import type { ResolvedBybitOptions } from "./options.ts";

/** Bybit says that a window is in force about `settleMs` after it was set. This factor adds a margin to that time. */
export const settleFactor = 1.5;

/** The windows that may be in force: the requested window, and for some time windows that somebody else has set. */
export class Windows {
	readonly #options: Pick<ResolvedBybitOptions, "windowSeconds" | "settleMs">;
	/** The windows that somebody else has set, as last read. One of them may be in force until `until`, a time on the monotonic clock. */
	#others: { readonly range: WindowRange; readonly until: number } | undefined;
	#requestedAt = Number.NEGATIVE_INFINITY;

	constructor(options: Pick<ResolvedBybitOptions, "windowSeconds" | "settleMs">) {
		this.#options = options;
	}

	/** When the request of the last reading that showed the requested window was sent, in milliseconds on the monotonic clock. */
	get requestedAt(): number {
		return this.#requestedAt;
	}

	/** The windows that may be in force now, according to all readings so far. */
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
	 * Records a reading.
	 *
	 * @param askedAt - when the request of the reading was sent, in milliseconds on the monotonic clock.
	 * @returns whether the reading shows that somebody else has set another window.
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
