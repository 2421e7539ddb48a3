import { monotonicMs, sleep, withDeadline } from "@x/base/clock";
import type { Instant } from "@x/base/instant";
import { type BybitAccountMode, type BybitHttp, isBybitError } from "@x/bybit-dcp";
import type { Protection } from "../../session.ts";
import { SessionError } from "../../session-error.ts";
import {
	type ConfigurationAtClose,
	classicAccount,
	classicAccountReason,
	compareConfiguration,
	type DifferentWindow,
	derivativesCoverage,
	notEnabled,
	type Reading,
	type WindowRange,
} from "./dcp-configuration.ts";
import { messageOf, noAnswer } from "./error-disposition.ts";
import { bybitExposure } from "./exposure.ts";
import type { CallLimiter } from "./limits.ts";
import type { ResolvedBybitOptions } from "./options.ts";
import { settleFactor, Windows } from "./possible-cancel-windows.ts";

/** Callbacks of a {@link ConfigurationProof}. */
interface ProofListeners {
	/**
	 * Called with the answer to each query of {@link ConfigurationProof.protection}, even if the answer comes after that method has
	 * returned.
	 */
	onRead(protection: Protection): void;
	/**
	 * Called when an answer shows that another program has set other cancel windows.
	 *
	 * @param since - the earliest time at which these windows can have come into force, on the monotonic clock.
	 */
	onOtherWindows(windows: WindowRange, since: number): void;
}

/**
 * How long a close waits for the configuration, in milliseconds. This time and the socket's close timeout together stay within a
 * keeper's limit for a close.
 */
const closeReadMs = 2_000;
/**
 * Minimum time in milliseconds between queries while the protection is not proved, so that frequent beats do not exceed the venue's five
 * calls a second.
 */
const readGapMs = 1_000;
const readingBack = "reading the configuration back";
/** How many milliseconds too early a timer may fire. */
const settleToleranceMs = 5;

/**
 * Proves the part of the protection that HTTP can prove: Disconnection Protect is on for every product, with the requested cancel window.
 *
 * A successful call that sets the window proves nothing. Only reading the configuration back is a proof, and only while the answer is
 * recent.
 */
export class ConfigurationProof {
	readonly #http: BybitHttp;
	readonly #options: ResolvedBybitOptions;
	readonly #calls: CallLimiter;
	readonly #listeners: ProofListeners;
	readonly #windows: Windows;
	#reading: Reading | undefined;
	/** When the last query was sent, on the monotonic clock. The configuration in the answer may be as old as this time. */
	#askedAt = Number.NEGATIVE_INFINITY;
	/** Send time of the last query whose answer showed the requested configuration (`equal`). */
	#verified: Instant = { monotonicMs: Number.NEGATIVE_INFINITY, wallMs: 0 };
	/** When this session last began or finished a call that sets the window, on the monotonic clock. */
	#setAt = Number.NEGATIVE_INFINITY;
	/** The protection according to the last answer, if that answer did not show the requested configuration. */
	#unproved: Protection | undefined;
	#readAt = Number.NEGATIVE_INFINITY;
	/** The query in progress. It may end after the beat() that started it. */
	#pending: Promise<Protection> | undefined;
	/** Whether the configuration was proved when the query in progress was sent. */
	#wasProved = false;
	/** Counts queries and calls of {@link invalidate}, so that an outdated answer is not used. */
	#version = 0;
	#hasEverProved = false;
	/**
	 * The account mode; undefined until it was read. Only an upgrade of the account changes it. The mode `classic` is read again, because
	 * the session can protect the orders only after the upgrade. Any other mode is not read again: an upgrade then only protects more
	 * orders, so an outdated mode does no harm.
	 */
	#accountMode: BybitAccountMode | undefined;

	constructor(http: BybitHttp, options: ResolvedBybitOptions, calls: CallLimiter, listeners: ProofListeners) {
		this.#http = http;
		this.#options = options;
		this.#windows = new Windows(options);
		this.#calls = calls;
		this.#listeners = listeners;
	}

	/**
	 * True once an answer has shown the requested configuration. From then on, an open after a connection loss connects before it reads the
	 * configuration.
	 */
	get hasEverProved(): boolean {
		return this.#hasEverProved;
	}

	/** When the last query that proved the configuration was sent. */
	get verified(): Instant {
		return this.#verified;
	}

	/** Which orders the venue would cancel, as a human-readable text. */
	get coverage(): string {
		const derivatives = derivativesCoverage(this.#accountMode);
		return this.#options.products.map((product) => (product === "DERIVATIVES" ? derivatives : product)).join(", ");
	}

	/** The shortest and the longest cancel window that may be in force, according to all of the venue's answers so far. */
	get windows(): WindowRange {
		return this.#windows.inForce;
	}

	/** True if, according to the last answer, Disconnection Protect is off for all products. */
	get isNothingEnabled(): boolean {
		return this.#reading?.state === "not-enabled" && this.#reading.products.length === this.#options.products.length;
	}

	/**
	 * Reads the configuration. If a cancel window differs, sets it, waits until it is in force and reads it back; does so at most twice.
	 *
	 * @throws SessionError (human) for a classic account or if a product is not enabled, (retry) if the window does not change;
	 * or a client error.
	 */
	async establish(signal: AbortSignal): Promise<void> {
		// An earlier, aborted open may have set the window. Until that window is in force, an answer proves nothing.
		await this.#pause(this.#settlingMs, signal);
		let reading = await this.#read(signal);
		for (let round = 1; reading.state === "different-window" && round <= 2; round += 1) {
			await this.#set(reading, signal);
			// The second, shorter wait is for a venue that applies a window more slowly than documented.
			for (const waitMs of [this.#options.settleMs, this.#options.settleMs / 2]) {
				await this.#pause(waitMs, signal);
				reading = await this.#read(signal);
				if (reading.state !== "different-window") break;
			}
		}
		if (reading.state === "not-enabled") throw notEnabled(reading.products);
		if (reading.state === "different-window") {
			throw new SessionError(
				`@x/keepalive/bybit: setting the cancel window failed: Bybit accepted the call twice but still reports ${reading.found}.`,
				{ disposition: { action: "retry" } },
			);
		}
		await this.#readAccountMode(signal);
		if (this.#accountMode === "classic") throw classicAccount();
	}

	/** Makes one signed call, which shows whether the API key is still accepted. @throws a client error if it is not. */
	async checkKey(signal: AbortSignal): Promise<void> {
		await this.#read(signal);
	}

	/**
	 * Returns the protection as far as the configuration shows it. Queries the configuration again if the last answer is old or did not
	 * prove the protection. Never throws.
	 *
	 * Waits at most `ms` milliseconds for the answer. If no answer has come by then, the last proof stays valid until it is
	 * `verifyEveryMs` plus `callTimeoutMs` old.
	 *
	 * @param ended - aborts when the connection ends, which also ends a query in progress.
	 */
	async protection(ms: number, signal: AbortSignal, ended: AbortSignal): Promise<Protection> {
		const { verifyEveryMs, callTimeoutMs } = this.#options;
		if (this.#reading?.state === "equal" && this.#ageMs() < verifyEveryMs) return this.#asRequested();
		if (!this.#pending && this.#unproved && monotonicMs() - this.#readAt < readGapMs) return this.#unproved;
		const pending = this.#pending ?? this.#startReading(ended);
		try {
			return await withDeadline({ ms, signal, onTimeout: () => noAnswer(readingBack, ms) }, () => pending);
		} catch {
			if (this.#wasProved && this.#ageMs() < verifyEveryMs + callTimeoutMs) return this.#asRequested();
			return this.#unproved ?? unknown(`${readingBack} took too long`);
		}
	}

	/** Discards the proof, however recent it is, so that only a new query can prove the configuration. */
	invalidate(): void {
		this.#askedAt = Number.NEGATIVE_INFINITY;
		this.#unproved = undefined;
		this.#pending = undefined;
		this.#version += 1;
	}

	/**
	 * Reads the configuration before a close, however recent the last answer is, because the result of the close depends on it. Never
	 * throws.
	 */
	async readBeforeClose(): Promise<ConfigurationAtClose> {
		try {
			const onTimeout = () => noAnswer(readingBack, closeReadMs);
			const reading = await withDeadline({ ms: closeReadMs, onTimeout }, (cut) => this.#read(cut));
			if (reading.state === "not-enabled") return reading;
			if (this.#accountMode === "classic") return { state: "classic" };
			// The longest window may be the requested one: if this session has just set it, the venue may apply it only after this answer.
			return { state: "enabled", windowSeconds: this.windows.longestSeconds };
		} catch (error) {
			return { state: "unread", reason: messageOf(error) };
		}
	}

	#startReading(ended: AbortSignal): Promise<Protection> {
		this.#wasProved = this.#reading?.state === "equal";
		const pending = this.#readProtection(ended).then((protection) => {
			// The proof was invalidated while this query was in progress, so its answer may be outdated.
			if (this.#pending !== pending) return protection;
			this.#pending = undefined;
			this.#unproved = protection.state === "armed" ? undefined : protection;
			this.#listeners.onRead(protection);
			return protection;
		});
		this.#pending = pending;
		return pending;
	}

	async #readProtection(signal: AbortSignal): Promise<Protection> {
		try {
			const reading = await this.#read(signal);
			switch (reading.state) {
				case "equal":
					await this.#readAccountMode(signal);
					return this.#asRequested();
				case "too-early":
					return unknown(
						"the window was set a moment ago, and reading it this soon does not prove that it is in force",
					);
				case "not-enabled": {
					const which = reading.products.join(", ");
					return { state: "unarmed", reason: `Disconnection Protect is not enabled for ${which}` };
				}
				case "different-window":
					return unknown(`Bybit reports ${reading.found}; ${await this.#setAgain(reading, signal)}`);
			}
		} catch (error) {
			return unknown(`the configuration could not be verified: ${messageOf(error)}`);
		}
	}

	/** Milliseconds until a window that this session has set is in force; 0 if it already is, or if the session has set none. */
	get #settlingMs(): number {
		const leftMs = this.#setAt + this.#options.settleMs - monotonicMs();
		return leftMs > settleToleranceMs ? leftMs : 0;
	}

	async #pause(ms: number, signal: AbortSignal): Promise<void> {
		if (ms > 0) await sleep(ms, signal);
		signal.throwIfAborted();
	}

	/**
	 * Age of the last answered query, by the clock on which more time has passed: the monotonic clock stops while the machine is suspended.
	 */
	#ageMs(): number {
		return Math.max(monotonicMs() - this.#askedAt, Date.now() - this.#verified.wallMs);
	}

	/** The protection if the configuration is as requested. */
	#asRequested(): Protection {
		if (this.#accountMode === "classic") return { state: "unarmed", reason: classicAccountReason };
		return {
			state: "armed",
			scope: this.coverage,
			exposureMs: bybitExposure(this.#options).exposureMs,
			verifiedAt: this.#verified.wallMs,
		};
	}

	/**
	 * Sets the cancel window again after another program has changed it. Does so at most once in `verifyEveryMs`, so that two programs with
	 * different windows do not overwrite each other in a tight loop. The connection stays open, because a close would make the venue
	 * cancel.
	 */
	async #setAgain(found: DifferentWindow, signal: AbortSignal): Promise<string> {
		const sinceMs = monotonicMs() - this.#setAt;
		if (sinceMs < Math.max(this.#options.settleMs * settleFactor, this.#options.verifyEveryMs))
			return "the window was set again and is not in force yet";
		await this.#set(found, signal);
		return "the window was set again and will be read back by the next beats";
	}

	async #set({ products }: DifferentWindow, signal: AbortSignal): Promise<void> {
		for (const product of products) {
			this.#setAt = monotonicMs();
			try {
				await this.#calls.run("setDcp", () =>
					this.#http.setDcp({ product, windowSeconds: this.#options.windowSeconds }, { signal }),
				);
			} catch (error) {
				if (!isBybitError(error)) throw error;
				// Bybit has one error code for a product that was just disabled and for a key without permission. A new query shows which of the
				// two it is.
				if (error.kind === "permission") {
					const reading = await this.#read(signal);
					throw reading.state === "not-enabled" ? notEnabled(reading.products) : error;
				}
				// The venue may have applied the setting; the next query shows whether it has.
				if (error.kind !== "unknown-outcome") throw error;
			} finally {
				this.#setAt = monotonicMs();
			}
		}
	}

	/**
	 * Reads the account mode unless it is known. If this fails, the configuration can still be proved, and {@link coverage} says
	 * that the mode is not known.
	 */
	async #readAccountMode(signal: AbortSignal): Promise<void> {
		if (this.#accountMode !== undefined && this.#accountMode !== "classic") return;
		try {
			this.#accountMode = await this.#calls.run("accountMode", () => this.#http.accountMode({ signal }));
		} catch {
			// A failure is ignored, because the next query of the configuration reads the mode again.
			signal.throwIfAborted();
		}
	}

	async #read(signal: AbortSignal): Promise<Reading> {
		this.#version += 1;
		const version = this.#version;
		const askedAt = monotonicMs();
		this.#readAt = askedAt;
		const askedWallMs = Date.now();
		// If this query gets no answer, the earlier answer must not stay valid.
		this.#reading = undefined;
		const infos = await this.#calls.run("queryDcp", () => this.#http.queryDcp({ signal }));
		const found = compareConfiguration(infos, this.#options);
		if (this.#windows.record(found, askedAt)) {
			this.#listeners.onOtherWindows(this.#windows.inForce, this.#windows.requestedAt);
		}
		const reading: Reading = found.state === "equal" && this.#settlingMs > 0 ? { state: "too-early" } : found;
		if (version !== this.#version) return reading;
		if (reading.state === "equal") {
			this.#verified = { monotonicMs: askedAt, wallMs: askedWallMs };
			this.#hasEverProved = true;
		}
		this.#askedAt = askedAt;
		this.#reading = reading;
		return reading;
	}
}

/**
 * The protection of a subscribed connection. If the configuration is known not to protect, the result is `unarmed`, whatever the
 * state of the topics.
 *
 * @param others - whether other subscribed connections of the account may exist: while one of them lives, the venue cancels nothing when
 * this process dies.
 */
export function protectionOf(
	configuration: Protection,
	topicsReason: string | undefined,
	{ othersKeepAlive, isShared }: { readonly othersKeepAlive: boolean; readonly isShared: boolean },
): Protection {
	if (configuration.state !== "armed") return configuration;
	if (topicsReason !== undefined) return unknown(topicsReason);
	const { scope } = configuration;
	if (othersKeepAlive) return { ...configuration, scope: `${scope}, once no connection of the account is subscribed` };
	if (!isShared) return configuration;
	return { ...configuration, scope: `${scope}, once every session of this process with this API key has ended` };
}

export function notArmed(reason: string): SessionError {
	return new SessionError(`@x/keepalive/bybit: orders are not proved to be protected right now: ${reason}`, {
		disposition: { action: "retry" },
	});
}

function unknown(reason: string): Protection {
	return { state: "unknown", reason };
}
