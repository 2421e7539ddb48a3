import { isBybitError } from "@x/bybit-dcp";
import { type Budget, rollingBudget, sharedBudgets } from "../../budget.ts";
import { SessionError } from "../../session-error.ts";
import { monotonicMs } from "../../time.ts";

/**
 * How many calls the sessions of this process make to one host in ten seconds: half of what the venue allows an address in
 * five before it bans it, since the rest is for those who trade, and calls may arrive later than they were made, and then
 * together. A thousand sessions that fall together come back together.
 */
const callsOf = sharedBudgets(() => rollingBudget(300, 10_000));

/** The HTTP calls of one session, none of which is made while the venue wants none, or wants no more of this address. */
export class Calls {
	readonly #budget: Budget;
	readonly #host: string;
	#notBefore = Number.NEGATIVE_INFINITY;

	/** @param way - the `fetch` that the calls are made with. */
	constructor(way: object, host: string) {
		this.#budget = callsOf(way);
		this.#host = host;
	}

	/**
	 * Makes a call, and remembers how long the venue wants none after it.
	 *
	 * @throws SessionError (wait) while the venue wants none: a call more would be refused as well, or lengthen a ban.
	 */
	async ask<T>(call: () => Promise<T>): Promise<T> {
		const silentMs = Math.ceil(this.#notBefore - monotonicMs());
		if (silentMs > 0) throw notYet("the venue asked for no call", silentMs);
		const fullMs = this.#budget.spend(this.#host);
		if (fullMs > 0) throw notYet("this process has made as many calls as it may, and makes none", fullMs);
		try {
			return await call();
		} catch (error) {
			if (isBybitError(error) && error.retryAfterMs !== undefined) this.#notBefore = monotonicMs() + error.retryAfterMs;
			throw error;
		}
	}
}

function notYet(why: string, forMs: number): SessionError {
	return new SessionError(`@x/keepalive/bybit: ${why} for another ${forMs} ms.`, {
		disposition: { action: "wait", forMs },
	});
}
