import { type BybitHttp, isBybitError, type Product } from "@x/bybit-dcp";
import type { Protection } from "../../session.ts";
import { isSessionError, SessionError } from "../../session-error.ts";
import { monotonicMs, sleep, within } from "../../time.ts";
import { bybitExposure } from "./exposure.ts";
import type { BybitResolved } from "./options.ts";

/** What the venue's configuration was when it was last read, against what is asked for. */
type Reading =
	| { readonly state: "equal" }
	| { readonly state: "absent"; readonly products: readonly Product[] }
	| {
			readonly state: "differs";
			readonly products: readonly Product[];
			readonly found: string;
			readonly longestSeconds: number;
	  };

/** The configuration as the venue read it just now, for what leaving will do. */
export type Configuration =
	/** Every product is enabled; the longest of their windows. */
	| { readonly state: "enabled"; readonly windowSeconds: number }
	| { readonly state: "absent"; readonly products: readonly Product[] }
	| { readonly state: "unread"; readonly reason: string };

/**
 * The half of the protection that HTTP can prove: every product enabled, with the window that was asked for.
 *
 * A success of the set call is never believed. Only reading back is, and only while it is young.
 */
export class DcpProof {
	readonly #http: BybitHttp;
	readonly #options: BybitResolved;
	#reading: Reading | undefined;
	/** Monotonic, for ages; and epoch, for people. Of when the question was sent: the answer may be as old as that. */
	#askedAt = Number.NEGATIVE_INFINITY;
	#verifiedAt = 0;
	#setAt = Number.NEGATIVE_INFINITY;
	/** The venue asked for silence until then; calling earlier would lengthen a ban. */
	#notBefore = Number.NEGATIVE_INFINITY;

	constructor(http: BybitHttp, options: BybitResolved) {
		this.#http = http;
		this.#options = options;
	}

	/** True once the venue was seen configured as asked: what is left to do after a loss is to come back, at once. */
	held = false;

	/**
	 * Reads the configuration within `ms`, however young the last proof is: what the venue does once we have left goes by
	 * what it holds then, and a promise cannot be taken back. Never throws.
	 */
	async readNow(ms: number): Promise<Configuration> {
		try {
			const never = new AbortController().signal;
			const reading = await within(ms, never, "reading the configuration back", (cut) => this.#read(cut));
			if (reading.state === "absent") return reading;
			// A window of our own that was set a moment ago may come into force after this reading.
			const isSettling = monotonicMs() - this.#setAt < this.#options.settleMs * 1.5;
			const oursSeconds = reading.state === "equal" || isSettling ? this.#options.windowSeconds : 0;
			const foundSeconds = reading.state === "equal" ? 0 : reading.longestSeconds;
			return { state: "enabled", windowSeconds: Math.max(oursSeconds, foundSeconds) };
		} catch (error) {
			return { state: "unread", reason: messageOf(error) };
		}
	}

	/** True when the venue has last said that none of the products is enabled. */
	get nothingEnabled(): boolean {
		return this.#reading?.state === "absent" && this.#reading.products.length === this.#options.products.length;
	}

	/**
	 * Reads, sets what differs, waits until it is in force and reads back. Two sets at most.
	 *
	 * @throws SessionError (human) when a product is not enabled, (retry) when the venue does not follow; or the client's errors.
	 */
	async establish(signal: AbortSignal): Promise<void> {
		let reading = await this.#read(signal);
		for (let round = 1; reading.state === "differs" && round <= 2; round += 1) {
			await this.#set(reading.products, signal);
			// A little slower than the venue says on the second look; then it is set once more.
			for (const waitMs of [this.#options.settleMs, this.#options.settleMs / 2]) {
				await sleep(waitMs, signal);
				signal.throwIfAborted();
				reading = await this.#read(signal);
				if (reading.state !== "differs") break;
			}
		}
		if (reading.state === "absent") throw notEnabled(reading.products);
		if (reading.state === "differs") {
			throw new SessionError(
				`@x/keepalive/bybit: the venue accepted the window twice and still reads ${reading.found}.`,
				{
					disposition: { action: "retry" },
				},
			);
		}
	}

	/** The protection as far as the configuration goes, read again when the proof is old or was never complete. Never throws. */
	async protection(signal: AbortSignal): Promise<Protection> {
		if (this.#reading?.state === "equal" && this.#ageMs() < this.#options.verifyEveryMs) return this.#armed();
		try {
			const reading = await this.#read(signal);
			if (reading.state === "equal") return this.#armed();
			if (reading.state === "absent") {
				return { state: "unarmed", reason: `Disconnection Protect is not enabled for ${reading.products.join(", ")}` };
			}
			return unknown(`the venue reads ${reading.found}; ${await this.#setAgain(reading.products, signal)}`);
		} catch (error) {
			return unknown(`the configuration could not be verified: ${messageOf(error)}`);
		}
	}

	/** Something happened after which only a new reading proves anything, however young the last one is. */
	doubt(): void {
		this.#askedAt = Number.NEGATIVE_INFINITY;
	}

	/** By both clocks: a machine that slept stops the monotonic one, and its proof has grown old all the same. */
	#ageMs(): number {
		return Math.max(monotonicMs() - this.#askedAt, Date.now() - this.#verifiedAt);
	}

	#armed(): Protection {
		return {
			state: "armed",
			// With others subscribed our death alone cancels nothing, and the scope must not hide it.
			scope: this.#options.products.join(", ") + (this.#options.othersKeepAlive ? ", once every keeper is gone" : ""),
			exposureMs: bybitExposure(this.#options).exposureMs,
			verifiedAt: this.#verifiedAt,
		};
	}

	/**
	 * Somebody else changed the window. It is set again without leaving the connection: leaving would itself start the
	 * countdown. At most once in `verifyEveryMs`, so that two keepers with different windows do not fight at full speed.
	 */
	async #setAgain(products: readonly Product[], signal: AbortSignal): Promise<string> {
		const since = monotonicMs() - this.#setAt;
		if (since < Math.max(this.#options.settleMs * 1.5, this.#options.verifyEveryMs))
			return "it was set again and is not in force yet";
		await this.#set(products, signal);
		return "it has been set again and is read back with the next beats";
	}

	async #set(products: readonly Product[], signal: AbortSignal): Promise<void> {
		this.#setAt = monotonicMs();
		for (const product of products) {
			try {
				await this.asking(() => this.#http.setDcp({ product, timeWindowSeconds: this.#options.windowSeconds }, signal));
			} catch (error) {
				// The venue may have taken it: reading back decides.
				if (!isBybitError(error) || error.kind !== "unknown-outcome") throw error;
			}
		}
	}

	async #read(signal: AbortSignal): Promise<Reading> {
		const askedAt = monotonicMs();
		const askedEpoch = Date.now();
		// What was believed before the question must not outlive a question without an answer.
		this.#reading = undefined;
		const infos = await this.asking(() => this.#http.queryDcp(signal));
		const asked = this.#options.products.map((product) => infos.find((info) => info.product === product));
		const absent = this.#options.products.filter((_, index) => !asked[index]?.enabled);
		const differing = asked.flatMap((info) =>
			info?.enabled && info.windowSeconds !== this.#options.windowSeconds ? [info] : [],
		);
		let reading: Reading = { state: "equal" };
		if (absent.length > 0) reading = { state: "absent", products: absent };
		else if (differing.length > 0) {
			const list = differing.map(({ product, windowSeconds }) => `${windowSeconds} s for ${product}`).join(", ");
			const found = `a window of ${list} in place of ${this.#options.windowSeconds} s`;
			const longestSeconds = Math.max(...asked.map((info) => (info?.enabled ? info.windowSeconds : 0)));
			reading = { state: "differs", products: differing.map(({ product }) => product), found, longestSeconds };
		} else {
			this.#verifiedAt = askedEpoch;
			this.held = true;
		}
		this.#askedAt = askedAt;
		this.#reading = reading;
		return reading;
	}

	/**
	 * Makes a call, and remembers how long the venue wants none after it.
	 *
	 * @throws SessionError (wait) while the venue wants none: a call more would lengthen a ban.
	 */
	async asking<T>(call: () => Promise<T>): Promise<T> {
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

function notEnabled(products: readonly Product[]): SessionError {
	const which = products.join(", ");
	return new SessionError(
		`@x/keepalive/bybit: Disconnection Protect is not enabled for this account and product (${which}): the venue's list does not name it.`,
		{
			disposition: {
				action: "human",
				todo: `Disconnection Protect is not enabled for this account and product (${which}): ask your Bybit account manager.`,
			},
		},
	);
}

function unknown(reason: string): Protection {
	return { state: "unknown", reason };
}

function messageOf(error: unknown): string {
	return isBybitError(error) || isSessionError(error) ? error.message : "an unexpected failure";
}
