import { monotonicMs, sleep, withDeadline } from "@x/base/clock";
import type { Instant } from "@x/base/instant";
import {
	type BybitAccountMode,
	type BybitDcpInfo,
	type BybitHttp,
	type BybitProduct,
	isBybitError,
} from "@x/bybit-dcp";
import type { Protection } from "../../session.ts";
import { SessionError } from "../../session-error.ts";
import { messageOf, noAnswer } from "./disposition.ts";
import { bybitExposure } from "./exposure.ts";
import type { CallLimiter } from "./limits.ts";
import { beatMs, type ResolvedBybitOptions } from "./options.ts";

/** What the venue's configuration says, compared with the options. */
type Reading =
	/** Every product is enabled with the requested window. */
	| { readonly state: "equal" }
	/** As `equal`, but so soon after a set call of ours that the old window may still be in force. */
	| { readonly state: "too-early" }
	/** These products are not enabled. */
	| { readonly state: "not-enabled"; readonly products: readonly BybitProduct[] }
	| DifferentWindow;

/** Every product is enabled; these have another window than requested. */
interface DifferentWindow {
	readonly state: "different-window";
	readonly products: readonly BybitProduct[];
	/** A human-readable text, such as `a window of 60 s for SPOT instead of 10 s`. */
	readonly found: string;
	readonly longestSeconds: number;
}

/** What the venue will do after a close, as just read. */
export type ConfigurationAtClose =
	/** Every product is enabled; the longest of their windows. */
	| { readonly state: "enabled"; readonly windowSeconds: number }
	| { readonly state: "not-enabled"; readonly products: readonly BybitProduct[] }
	| { readonly state: "unread"; readonly reason: string };

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
	readonly #onRead: (protection: Protection) => void;
	#reading: Reading | undefined;
	/** When the question of the last reading was sent, monotonic: the answer may be as old as that. */
	#askedAt = Number.NEGATIVE_INFINITY;
	/** The same in epoch milliseconds, of the last reading that was `equal`. */
	#verifiedAt = 0;
	/** When our last set call ended, and the longest window that it replaces. */
	#setAt = Number.NEGATIVE_INFINITY;
	#replacedSeconds = 0;
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
	/** Once it was read. It changes only when the account is upgraded, which protects more. */
	#accountMode: BybitAccountMode | undefined;

	/** @param onRead - called with the result of a reading that {@link protection} has started, which it may not have awaited. */
	constructor(
		http: BybitHttp,
		options: ResolvedBybitOptions,
		calls: CallLimiter,
		onRead: (protection: Protection) => void,
	) {
		this.#http = http;
		this.#options = options;
		this.#calls = calls;
		this.#onRead = onRead;
	}

	/** True once the configuration was read as requested: after a loss, reconnecting then comes first. */
	get hasEverProved(): boolean {
		return this.#hasEverProved;
	}

	/** What the venue would cancel, as a human-readable text. */
	get coverage(): string {
		const derivatives = derivativesCoverage(this.#accountMode);
		return this.#options.products.map((product) => (product === "DERIVATIVES" ? derivatives : product)).join(", ");
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
		if (this.#reading?.state === "equal" && this.#ageMs() < verifyEveryMs) return this.#armed();
		if (!this.#pending && this.#unproved && monotonicMs() - this.#readAt < readGapMs) return this.#unproved;
		const pending = this.#pending ?? this.#startReading(ended);
		try {
			return await withDeadline({ ms, signal, onTimeout: () => noAnswer(readingBack, ms) }, () => pending);
		} catch {
			if (this.#wasProved && this.#ageMs() < verifyEveryMs + callTimeoutMs) return this.#armed();
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
			const { windowSeconds, settleMs } = this.#options;
			const readSeconds = reading.state === "different-window" ? reading.longestSeconds : windowSeconds;
			// A window that we set a moment ago may come into force after this reading, or be shown before it does.
			const isSettling = monotonicMs() - this.#setAt < settleMs * 1.5;
			const longestSeconds = isSettling ? Math.max(readSeconds, windowSeconds, this.#replacedSeconds) : readSeconds;
			return { state: "enabled", windowSeconds: longestSeconds };
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
			this.#onRead(protection);
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
					if (this.#accountMode === "classic") return { state: "unarmed", reason: classicAccountReason };
					return this.#armed();
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
		return Math.max(monotonicMs() - this.#askedAt, Date.now() - this.#verifiedAt);
	}

	#armed(): Protection {
		return {
			state: "armed",
			scope: this.coverage,
			exposureMs: bybitExposure(this.#options).exposureMs,
			verifiedAt: this.#verifiedAt,
		};
	}

	/**
	 * Sets the window again after somebody else changed it. The connection stays: closing it would start the countdown. At
	 * most once in `verifyEveryMs`, so that two keepers with different windows do not overwrite each other in a tight loop.
	 */
	async #setAgain(found: DifferentWindow, signal: AbortSignal): Promise<string> {
		const sinceMs = monotonicMs() - this.#setAt;
		if (sinceMs < Math.max(this.#options.settleMs * 1.5, this.#options.verifyEveryMs))
			return "it was set again and is not in force yet";
		await this.#set(found, signal);
		return "it was set again and will be read back by the next beats";
	}

	async #set({ products, longestSeconds }: DifferentWindow, signal: AbortSignal): Promise<void> {
		this.#replacedSeconds = longestSeconds;
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

	/** Reads it once. Without it the rest is still proved, and {@link coverage} says what is not known. */
	async #readAccountMode(signal: AbortSignal): Promise<void> {
		if (this.#accountMode !== undefined) return;
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
		const found = compare(infos, this.#options);
		const reading: Reading = found.state === "equal" && this.#settlingMs > 0 ? { state: "too-early" } : found;
		if (version !== this.#version) return reading;
		if (reading.state === "equal") {
			this.#verifiedAt = askedWallMs;
			this.#hasEverProved = true;
		}
		this.#askedAt = askedAt;
		this.#reading = reading;
		return reading;
	}
}

/** Compares the venue's list with the options. It cannot tell whether a window that was just set is in force. */
function compare(
	infos: readonly BybitDcpInfo[],
	{ products, windowSeconds }: Pick<ResolvedBybitOptions, "products" | "windowSeconds">,
): Reading {
	const asked = products.map((product) => infos.find((info) => info.product === product));
	const absent = products.filter((_, index) => !asked[index]?.enabled);
	if (absent.length > 0) return { state: "not-enabled", products: absent };
	const enabled = asked.flatMap((info) => (info?.enabled ? [info] : []));
	const different = enabled.filter((info) => info.windowSeconds !== windowSeconds);
	if (different.length === 0) return { state: "equal" };
	const list = different.map((info) => `${info.windowSeconds} s for ${info.product}`).join(", ");
	return {
		state: "different-window",
		products: different.map(({ product }) => product),
		found: `a window of ${list} instead of ${windowSeconds} s`,
		longestSeconds: Math.max(...enabled.map((info) => info.windowSeconds)),
	};
}

/** How old the parts of the proof may be, in milliseconds. */
export interface AgeLimits {
	/** The last answered ping: one ping interval and one pong deadline. */
	readonly pingMs: number;
	/** Configuration and topics: `verifyEveryMs`, and one beat with its call, since the first beat after that verifies them again. */
	readonly proofMs: number;
}

/** The limits that punctual beats never exceed. */
export function ageLimits(
	options: Pick<
		ResolvedBybitOptions,
		"maxActiveTimeSeconds" | "pingMs" | "pongTimeoutMs" | "verifyEveryMs" | "callTimeoutMs"
	>,
): AgeLimits {
	const pingMs = beatMs(options) + options.pongTimeoutMs;
	return { pingMs, proofMs: options.verifyEveryMs + pingMs + options.callTimeoutMs };
}

/**
 * Why parts of the proof are too old; undefined if none is. It allocates nothing unless one is: it is asked before each order.
 *
 * @param pinged - when the last answered ping was sent.
 * @param subscribed - when the last acknowledged subscription of the topics was sent.
 * @param configuration - with when it was last read as requested, in epoch milliseconds.
 */
export function tooOldReason(
	pinged: Instant,
	subscribed: Instant,
	configuration: { readonly verifiedAt: number },
	limits: AgeLimits,
): string | undefined {
	const monotonic = monotonicMs();
	const wall = Date.now();
	const pingAgeMs = Math.max(monotonic - pinged.monotonicMs, wall - pinged.wallMs);
	if (pingAgeMs > limits.pingMs) return `the last answered ping is ${Math.round(pingAgeMs)} ms old`;
	const readAgeMs = wall - configuration.verifiedAt;
	if (readAgeMs > limits.proofMs) return `the configuration was last read ${Math.round(readAgeMs)} ms ago`;
	const topicsAgeMs = Math.max(monotonic - subscribed.monotonicMs, wall - subscribed.wallMs);
	if (topicsAgeMs > limits.proofMs) return `the topics were last acknowledged ${Math.round(topicsAgeMs)} ms ago`;
	return undefined;
}

/** Which orders of DERIVATIVES are protected. */
function derivativesCoverage(mode: BybitAccountMode | undefined): string {
	switch (mode) {
		case "unified-2":
			return "DERIVATIVES";
		case "unified-1":
			return "DERIVATIVES without inverse (a unified account 1.0)";
		default:
			return "DERIVATIVES, perhaps without inverse (the account's mode is not known)";
	}
}

const classicAccountReason = "Disconnection Protect cancels nothing on a classic account";

function classicAccount(): SessionError {
	const todo = "Upgrade the account to a unified one.";
	return new SessionError(`@x/keepalive/bybit: ${classicAccountReason}.`, { disposition: { action: "human", todo } });
}

export function notArmed(reason: string): SessionError {
	return new SessionError(`@x/keepalive/bybit: orders are not proved to be protected right now: ${reason}.`, {
		disposition: { action: "retry" },
	});
}

function notEnabled(products: readonly BybitProduct[]): SessionError {
	const which = products.join(", ");
	return new SessionError(
		`@x/keepalive/bybit: Disconnection Protect is not enabled for this account: the products that Bybit reports as enabled do not include ${which}.`,
		{
			disposition: {
				action: "human",
				todo: `Ask your Bybit account manager to enable Disconnection Protect for this account and ${which}.`,
			},
		},
	);
}

function unknown(reason: string): Protection {
	return { state: "unknown", reason };
}
