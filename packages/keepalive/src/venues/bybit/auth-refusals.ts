import { type BybitHttp, isBybitError } from "@x/bybit-dcp";
import { SessionError } from "../../session-error.ts";
import { within } from "../../time.ts";
import type { Calls } from "./limits.ts";
import { type BybitResolved, stepMs } from "./options.ts";

/** From one authentication to the next once a clock that was just read is refused as well. */
const refusedAgainMs = 30_000;

/**
 * What follows from a connection whose authentication was refused.
 *
 * The socket's refusal says neither that the clock is wrong nor by how much, and no later one would: an estimate of the
 * venue's clock that a step of either clock made wrong is corrected by HTTP alone, which a reopen otherwise leaves out.
 */
export class AuthRefusals {
	readonly #http: BybitHttp;
	readonly #calls: Calls;
	readonly #options: BybitResolved;
	#inARow = 0;

	constructor(http: BybitHttp, calls: Calls, options: BybitResolved) {
		this.#http = http;
		this.#calls = calls;
		this.#options = options;
	}

	/** Refused by a clock that was just read too: only a signed HTTP call can tell whether it is the key. */
	get keyInDoubt(): boolean {
		return this.#inARow >= 2;
	}

	/**
	 * Takes any failure of connecting, and gives it back as it is, or as a wait: nothing here can mend a second refusal in a
	 * row, and a venue that goes on being asked may refuse the address.
	 *
	 * @param savesOrders - a connection would still come before the venue cancels: then only the keeper's back-off stands
	 * between two attempts, and from the third on a signed call that the venue accepted.
	 */
	judge(error: unknown, savesOrders: boolean): unknown {
		if (!isBybitError(error) || error.kind !== "auth") return error;
		this.#inARow += 1;
		this.#http.forgetSkew();
		if (!this.keyInDoubt || savesOrders) return error;
		const message = `${error.message} It was refused ${this.#inARow} times in a row: the next attempt is in ${refusedAgainMs} ms.`;
		return new SessionError(message, { disposition: { action: "wait", forMs: refusedAgainMs }, cause: error });
	}

	passed(): void {
		this.#inARow = 0;
	}

	/** After a refusal reads the venue's clock; does nothing otherwise. */
	async prepare(signal: AbortSignal): Promise<void> {
		if (this.#inARow === 0) return;
		// As long as any other step of connecting: the countdown may run.
		const ms = Math.min(stepMs(this.#options), this.#options.callTimeoutMs);
		const read = (cut: AbortSignal) => this.#calls.ask(() => this.#http.serverTime(cut));
		try {
			await within(ms, signal, "reading the venue's clock", read);
		} catch {
			// The estimate that was refused is forgotten, so this machine's clock is tried, without losing more time.
			signal.throwIfAborted();
		}
	}
}
