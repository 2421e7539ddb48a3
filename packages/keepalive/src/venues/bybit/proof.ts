import { type BybitHttp, type BybitProduct, isBybitError } from "@x/bybit-dcp";
import type { Protection } from "../../session.ts";
import { isSessionError, SessionError } from "../../session-error.ts";
import { monotonicMs, sleep, within } from "../../time.ts";
import { bybitExposure } from "./exposure.ts";
import type { Calls } from "./limits.ts";
import type { BybitResolved } from "./options.ts";
import { type Differing, type Reading, readingOf } from "./reading.ts";

/** The configuration as the venue read it just now, for what leaving will do. */
export type Configuration =
	/** Every product is enabled; the longest of their windows. */
	| { readonly state: "enabled"; readonly windowSeconds: number }
	| { readonly state: "absent"; readonly products: readonly BybitProduct[] }
	| { readonly state: "unread"; readonly reason: string };

/** How long leaving waits for the configuration: with the close's own deadline well within what a keeper waits. */
const leaveReadMs = 2_000;
/** Between two readings that prove nothing, so that quick beats do not use up the venue's five calls a second. */
const readGapMs = 1_000;
/** A timer may fire this much early. */
const timerSlackMs = 5;

/**
 * The half of the protection that HTTP can prove: every product enabled, with the window that was asked for.
 *
 * A success of the set call is never believed. Only reading back is, and only while it is young.
 */
export class DcpProof {
	readonly #http: BybitHttp;
	readonly #options: BybitResolved;
	readonly #calls: Calls;
	#reading: Reading | undefined;
	/** Monotonic, for ages; and epoch, for people. Of when the question was sent: the answer may be as old as that. */
	#askedAt = Number.NEGATIVE_INFINITY;
	#verifiedAt = 0;
	/** When the last set call of ours had ended, and the longest window that it replaces. */
	#setAt = Number.NEGATIVE_INFINITY;
	#replacedSeconds = 0;
	/** What the last reading, at `readAt`, said where it did not prove anything. */
	#notProved: Protection | undefined;
	#readAt = Number.NEGATIVE_INFINITY;
	/** The question under way. It outlives the beat that asked it, which may have less time than a call takes. */
	#asking: Promise<Protection> | undefined;
	/** Whether the last reading before that question proved the protection. */
	#provedBefore = false;
	/** Counts readings and doubts: of two readings at once the one that was asked later stands. */
	#turn = 0;

	constructor(http: BybitHttp, options: BybitResolved, calls: Calls) {
		this.#http = http;
		this.#options = options;
		this.#calls = calls;
	}

	/** True once the venue was seen configured as asked: what is left to do after a loss is to come back, at once. */
	held = false;

	/**
	 * Reads the configuration however young the last proof is: what the venue does once we have left goes by what it holds
	 * then, and a promise cannot be taken back. Never throws.
	 */
	async readNow(): Promise<Configuration> {
		try {
			const never = new AbortController().signal;
			const reading = await within(leaveReadMs, never, "reading the configuration back", (cut) => this.#read(cut));
			if (reading.state === "absent") return reading;
			const { windowSeconds, settleMs } = this.#options;
			const readSeconds = reading.state === "differs" ? reading.longestSeconds : windowSeconds;
			// A window of our own that was set a moment ago may come into force after this reading, or be shown before it is.
			const isSettling = monotonicMs() - this.#setAt < settleMs * 1.5;
			const longestSeconds = isSettling ? Math.max(readSeconds, windowSeconds, this.#replacedSeconds) : readSeconds;
			return { state: "enabled", windowSeconds: longestSeconds };
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
		// A set call of an opening that was cut off: what is read before it is in force proves nothing.
		await this.#rest(this.#settlingMs, signal);
		let reading = await this.#read(signal);
		for (let round = 1; reading.state === "differs" && round <= 2; round += 1) {
			await this.#set(reading, signal);
			// A little slower than the venue says on the second look; then it is set once more.
			for (const waitMs of [this.#options.settleMs, this.#options.settleMs / 2]) {
				await this.#rest(waitMs, signal);
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

	/** One signed call, which tells whether the key is still good. @throws the client's error when it is not. */
	async tryKey(signal: AbortSignal): Promise<void> {
		await this.#read(signal);
	}

	/**
	 * The protection as far as the configuration goes, read again when the proof is old or was never complete. Never throws.
	 *
	 * Waits `ms` for the answer. Without one by then the last proof stands until the call's own deadline could have passed.
	 *
	 * @param life - of the connection: a question that is under way ends with it.
	 */
	async protection(ms: number, signal: AbortSignal, life: AbortSignal): Promise<Protection> {
		const { verifyEveryMs, callTimeoutMs } = this.#options;
		if (this.#reading?.state === "equal" && this.#ageMs() < verifyEveryMs) return this.#armed();
		if (!this.#asking && this.#notProved && monotonicMs() - this.#readAt < readGapMs) return this.#notProved;
		const asking = this.#asking ?? this.#ask(life);
		try {
			return await within(ms, signal, "reading the configuration back", () => asking);
		} catch {
			if (this.#provedBefore && this.#ageMs() < verifyEveryMs + callTimeoutMs) return this.#armed();
			return this.#notProved ?? unknown("reading the configuration back took too long");
		}
	}

	#ask(life: AbortSignal): Promise<Protection> {
		this.#provedBefore = this.#reading?.state === "equal";
		const asking = this.#readProtection(life).then((protection) => {
			// Given up meanwhile: what it says may be older than what made us doubt.
			if (this.#asking !== asking) return protection;
			this.#asking = undefined;
			this.#notProved = protection.state === "armed" ? undefined : protection;
			return protection;
		});
		this.#asking = asking;
		return asking;
	}

	async #readProtection(signal: AbortSignal): Promise<Protection> {
		try {
			const reading = await this.#read(signal);
			switch (reading.state) {
				case "equal":
					return this.#armed();
				case "early":
					return unknown("the window was set a moment ago: what is read this soon does not prove that it is in force");
				case "absent": {
					const which = reading.products.join(", ");
					return { state: "unarmed", reason: `Disconnection Protect is not enabled for ${which}` };
				}
				case "differs":
					return unknown(`the venue reads ${reading.found}; ${await this.#setAgain(reading, signal)}`);
			}
		} catch (error) {
			return unknown(`the configuration could not be verified: ${messageOf(error)}`);
		}
	}

	/** Something happened after which only a new reading proves anything, however young the last one is. */
	doubt(): void {
		this.#askedAt = Number.NEGATIVE_INFINITY;
		this.#notProved = undefined;
		this.#asking = undefined;
		this.#turn += 1;
	}

	/** What is left of the time that a window of our own needs to come into force. */
	get #settlingMs(): number {
		const leftMs = this.#setAt + this.#options.settleMs - monotonicMs();
		return leftMs > timerSlackMs ? leftMs : 0;
	}

	async #rest(ms: number, signal: AbortSignal): Promise<void> {
		if (ms > 0) await sleep(ms, signal);
		signal.throwIfAborted();
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
	async #setAgain(differing: Differing, signal: AbortSignal): Promise<string> {
		const since = monotonicMs() - this.#setAt;
		if (since < Math.max(this.#options.settleMs * 1.5, this.#options.verifyEveryMs))
			return "it was set again and is not in force yet";
		await this.#set(differing, signal);
		return "it has been set again and is read back with the next beats";
	}

	async #set({ products, longestSeconds }: Differing, signal: AbortSignal): Promise<void> {
		this.#replacedSeconds = longestSeconds;
		for (const product of products) {
			this.#setAt = monotonicMs();
			try {
				await this.#calls.ask(() =>
					this.#http.setDcp({ product, timeWindowSeconds: this.#options.windowSeconds }, signal),
				);
			} catch (error) {
				if (!isBybitError(error)) throw error;
				// Of a product that was switched off a moment ago as well: reading tells it from a key that may not.
				if (error.kind === "permission") {
					const reading = await this.#read(signal);
					throw reading.state === "absent" ? notEnabled(reading.products) : error;
				}
				// The venue may have taken it: reading back decides.
				if (error.kind !== "unknown-outcome") throw error;
			} finally {
				this.#setAt = monotonicMs();
			}
		}
	}

	async #read(signal: AbortSignal): Promise<Reading> {
		this.#turn += 1;
		const turn = this.#turn;
		const askedAt = monotonicMs();
		this.#readAt = askedAt;
		const askedEpoch = Date.now();
		// What was believed before the question must not outlive a question without an answer.
		this.#reading = undefined;
		const infos = await this.#calls.ask(() => this.#http.queryDcp(signal));
		const found = readingOf(infos, this.#options);
		const reading: Reading = found.state === "equal" && this.#settlingMs > 0 ? { state: "early" } : found;
		if (turn !== this.#turn) return reading;
		if (reading.state === "equal") {
			this.#verifiedAt = askedEpoch;
			this.held = true;
		}
		this.#askedAt = askedAt;
		this.#reading = reading;
		return reading;
	}
}

function notEnabled(products: readonly BybitProduct[]): SessionError {
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
