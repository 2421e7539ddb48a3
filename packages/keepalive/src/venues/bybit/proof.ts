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
} from "./configuration.ts";
import { messageOf, noAnswer } from "./disposition.ts";
import { bybitExposure } from "./exposure.ts";
import type { CallLimiter } from "./limits.ts";
import type { ResolvedBybitOptions } from "./options.ts";
import { settleFactor, Windows } from "./windows.ts";

/** What the proof reports. */
interface ProofListeners {
	/** Called with the result of a reading that {@link ConfigurationProof.protection} has started, which it may not have awaited. */
	onRead(protection: Protection): void;
	/**
	 * Somebody else has set other windows.
	 *
	 * @param since - since when they can have been in force, monotonic.
	 */
	onOtherWindows(windows: WindowRange, since: number): void;
}

/** How long a close waits for the configuration. Together with the socket's close timeout it stays within a keeper's limit. */
const closeReadMs = 2_000;
/** Minimum time between two readings that prove nothing: quick beats must not exceed the venue's five calls a second. */
const readGapMs = 1_000;
const readingBack = "reading the configuration back";
/** A timer may fire this much early. */
const settleToleranceMs = 5;

/**
 * Proves the part of the protection that HTTP can prove: every product enabled, with the requested window.
 *
 * A success of the set call proves nothing. Only reading back does, and only while the reading is recent.
 */
export class ConfigurationProof {
	readonly #http: BybitHttp;
	readonly #options: ResolvedBybitOptions;
	readonly #calls: CallLimiter;
	readonly #listeners: ProofListeners;
	readonly #windows: Windows;
	#reading: Reading | undefined;
	/** When the last reading was asked for, monotonic: the answer may be as old as that. */
	#askedAt = Number.NEGATIVE_INFINITY;
	/** The same of the last reading that was `equal`. */
	#verified: Instant = { monotonicMs: Number.NEGATIVE_INFINITY, wallMs: 0 };
	/** When our last set call ended. */
	#setAt = Number.NEGATIVE_INFINITY;
	/** The result of the last reading, at `#readAt`, if it did not prove the protection. */
	#unproved: Protection | undefined;
	#readAt = Number.NEGATIVE_INFINITY;
	/** The reading in progress. It can outlive the beat that started it. */
	#pending: Promise<Protection> | undefined;
	/** Whether the reading before the pending one proved the protection. */
	#wasProved = false;
	/** Counts readings and invalidations: of two concurrent readings the one that started later counts. */
	#version = 0;
	#hasEverProved = false;
	/** Once it was read. It changes only when the account is upgraded, which protects more: so a classic one is read again. */
	#accountMode: BybitAccountMode | undefined;

	constructor(http: BybitHttp, options: ResolvedBybitOptions, calls: CallLimiter, listeners: ProofListeners) {
		this.#http = http;
		this.#options = options;
		this.#windows = new Windows(options);
		this.#calls = calls;
		this.#listeners = listeners;
	}

	/** True once the configuration was read as requested: after a loss, reconnecting then comes first. */
	get hasEverProved(): boolean {
		return this.#hasEverProved;
	}

	/** When the last reading that proved the configuration was asked for. */
	get verified(): Instant {
		return this.#verified;
	}

	/** What the venue would cancel, as a human-readable text. */
	get coverage(): string {
		const derivatives = derivativesCoverage(this.#accountMode);
		return this.#options.products.map((product) => (product === "DERIVATIVES" ? derivatives : product)).join(", ");
	}

	/** The windows that may be in force, as far as was read. */
	get windows(): WindowRange {
		return this.#windows.inForce;
	}

	/** True if the venue last said that none of the products is enabled. */
	get isNothingEnabled(): boolean {
		return this.#reading?.state === "not-enabled" && this.#reading.products.length === this.#options.products.length;
	}

	/**
	 * Reads the configuration, sets a window that differs, waits until it is in force and reads it back. Sets at most twice.
	 *
	 * @throws SessionError (human) for a classic account or if a product is not enabled, (retry) if the window does not change;
	 * or a client error.
	 */
	async establish(signal: AbortSignal): Promise<void> {
		// An aborted open may have set the window: a reading before it is in force proves nothing.
		await this.#pause(this.#settlingMs, signal);
		let reading = await this.#read(signal);
		for (let round = 1; reading.state === "different-window" && round <= 2; round += 1) {
			await this.#set(reading, signal);
			// The second look allows for a venue that is slower than documented.
			for (const waitMs of [this.#options.settleMs, this.#options.settleMs / 2]) {
				await this.#pause(waitMs, signal);
				reading = await this.#read(signal);
				if (reading.state !== "different-window") break;
			}
		}
		if (reading.state === "not-enabled") throw notEnabled(reading.products);
		if (reading.state === "different-window") {
			throw new SessionError(
				`@x/keepalive/bybit: setting the window failed: Bybit accepted it twice and still reports ${reading.found}.`,
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
	 * The protection, judged by the configuration only. Reads it again when the proof is old or incomplete. Never throws.
	 *
	 * Waits up to `ms` for the answer. Without one, the last proof stands until the call's own deadline has passed.
	 *
	 * @param ended - aborts with the connection, and ends a reading in progress.
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

	/** Discards the proof, however recent: only a new reading proves anything. */
	invalidate(): void {
		this.#askedAt = Number.NEGATIVE_INFINITY;
		this.#unproved = undefined;
		this.#pending = undefined;
		this.#version += 1;
	}

	/**
	 * Reads the configuration before a close, however recent the last proof: the venue acts on what it holds then, and the
	 * promise made to the caller cannot be taken back. Never throws.
	 */
	async readBeforeClose(): Promise<ConfigurationAtClose> {
		try {
			const onTimeout = () => noAnswer(readingBack, closeReadMs);
			const reading = await withDeadline({ ms: closeReadMs, onTimeout }, (cut) => this.#read(cut));
			if (reading.state === "not-enabled") return reading;
			if (this.#accountMode === "classic") return { state: "classic" };
			// The requested window counts too: if it was set a moment ago, it may come into force after this reading.
			return { state: "enabled", windowSeconds: this.windows.longestSeconds };
		} catch (error) {
			return { state: "unread", reason: messageOf(error) };
		}
	}

	#startReading(ended: AbortSignal): Promise<Protection> {
		this.#wasProved = this.#reading?.state === "equal";
		const pending = this.#readProtection(ended).then((protection) => {
			// Invalidated meanwhile: the answer may be older than the reason for that.
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

	/** What is left of the time that a window set by us needs to come into force. */
	get #settlingMs(): number {
		const leftMs = this.#setAt + this.#options.settleMs - monotonicMs();
		return leftMs > settleToleranceMs ? leftMs : 0;
	}

	async #pause(ms: number, signal: AbortSignal): Promise<void> {
		if (ms > 0) await sleep(ms, signal);
		signal.throwIfAborted();
	}

	/** By both clocks: the monotonic one stops while the machine sleeps. */
	#ageMs(): number {
		return Math.max(monotonicMs() - this.#askedAt, Date.now() - this.#verified.wallMs);
	}

	/** What a configuration as requested means for this account. */
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
	 * Sets the window again after somebody else changed it. The connection stays: closing it would start the countdown. At
	 * most once in `verifyEveryMs`, so that two keepers with different windows do not overwrite each other in a tight loop.
	 */
	async #setAgain(found: DifferentWindow, signal: AbortSignal): Promise<string> {
		const sinceMs = monotonicMs() - this.#setAt;
		if (sinceMs < Math.max(this.#options.settleMs * settleFactor, this.#options.verifyEveryMs))
			return "it was set again and is not in force yet";
		await this.#set(found, signal);
		return "it was set again and will be read back by the next beats";
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
				// The same code for a product that was just disabled and for a key without permission: reading tells which.
				if (error.kind === "permission") {
					const reading = await this.#read(signal);
					throw reading.state === "not-enabled" ? notEnabled(reading.products) : error;
				}
				// The setting may have been applied: reading back decides.
				if (error.kind !== "unknown-outcome") throw error;
			} finally {
				this.#setAt = monotonicMs();
			}
		}
	}

	/** Reads it until it is known. Without it the rest is still proved, and {@link coverage} says what is not known. */
	async #readAccountMode(signal: AbortSignal): Promise<void> {
		if (this.#accountMode !== undefined && this.#accountMode !== "classic") return;
		try {
			this.#accountMode = await this.#calls.run("accountMode", () => this.#http.accountMode({ signal }));
		} catch {
			// The next reading asks again.
			signal.throwIfAborted();
		}
	}

	async #read(signal: AbortSignal): Promise<Reading> {
		this.#version += 1;
		const version = this.#version;
		const askedAt = monotonicMs();
		this.#readAt = askedAt;
		const askedWallMs = Date.now();
		// If no answer comes, the earlier reading must not stand.
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
 * The protection of a subscribed connection. A configuration known to be off is reported as unarmed, whatever is wrong with the
 * topics.
 *
 * @param others - who else may keep the orders alive: while somebody is subscribed, our death alone cancels nothing.
 */
export function protectionOf(
	configuration: Protection,
	topicsReason: string | undefined,
	{ othersKeepAlive, isShared }: { readonly othersKeepAlive: boolean; readonly isShared: boolean },
): Protection {
	if (configuration.state !== "armed") return configuration;
	if (topicsReason !== undefined) return unknown(topicsReason);
	const { scope } = configuration;
	if (othersKeepAlive) return { ...configuration, scope: `${scope}, once every keeper is gone` };
	if (!isShared) return configuration;
	return { ...configuration, scope: `${scope}, once every session of this process with this key is gone` };
}

export function notArmed(reason: string): SessionError {
	return new SessionError(`@x/keepalive/bybit: orders are not proved to be protected right now: ${reason}`, {
		disposition: { action: "retry" },
	});
}

function unknown(reason: string): Protection {
	return { state: "unknown", reason };
}
