import { isBybitError } from "@x/bybit-dcp";
import { SessionError } from "../../session-error.ts";
import { monotonicMs } from "../../time.ts";

/** The HTTP calls of one account, none of which is made while the venue wants none. */
export class Calls {
	#notBefore = Number.NEGATIVE_INFINITY;

	/**
	 * Makes a call, and remembers how long the venue wants none after it.
	 *
	 * @throws SessionError (wait) while the venue wants none: a call more would be refused as well, or lengthen a ban.
	 */
	async ask<T>(call: () => Promise<T>): Promise<T> {
		const silentMs = Math.ceil(this.#notBefore - monotonicMs());
		if (silentMs > 0) {
			throw new SessionError(`@x/keepalive/bybit: the venue asked for no call for another ${silentMs} ms.`, {
				disposition: { action: "wait", forMs: silentMs },
			});
		}
		try {
			return await call();
		} catch (error) {
			if (isBybitError(error) && error.retryAfterMs !== undefined) this.#notBefore = monotonicMs() + error.retryAfterMs;
			throw error;
		}
	}
}
