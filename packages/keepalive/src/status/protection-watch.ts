import { callSafely } from "@x/base/call-safely";
import { after } from "@x/base/clock";
import { type Instant, instantNow, longestElapsedMs } from "@x/base/instant";
import type { Status } from "./status.ts";

/** A session has been unprotected for too long, or is protected again after that. Plain data; instants are epoch milliseconds. */
export type ProtectionRecord = Readonly<{
	session: string;
	at: number;
	/** When the session was first seen unprotected. */
	since: number;
}> &
	(
		| {
				readonly type: "unprotected";
				/** Why it is unprotected now. */
				readonly reason: string;
		  }
		| { readonly type: "protected" }
	);

/**
 * Whether a session is protected; `released` while it is stopped on request, and `standby` while another process runs it, which is
 * nothing to be told about.
 */
export type ProtectionState =
	| { readonly state: "protected" | "released" | "standby" }
	| { readonly state: "unprotected"; readonly reason: string };

/** Whether a session with this status is protected. */
export function protectionOf(status: Status): ProtectionState {
	if (status.state === "standby" && status.leader) return { state: "standby" };
	if (status.state !== "alive") {
		const cause = "cause" in status ? `: ${status.cause.message}` : "";
		return { state: "unprotected", reason: `session is ${status.state}${cause}` };
	}
	const { protection } = status;
	if (protection.state === "armed" || protection.state === "unsupported") return { state: "protected" };
	return { state: "unprotected", reason: `protection is ${protection.state}: ${protection.reason}` };
}

/** What a watch needs of its keeper. */
export interface WatchedSessions {
	/** The sessions to watch. */
	names(): Iterable<string>;
	protection(session: string): ProtectionState;
	/** The wall clock, in epoch milliseconds. */
	now(): number;
}

interface Unprotected {
	readonly since: Instant;
	isReported: boolean;
	/** Since when another process runs the session. */
	standbySince: Instant | undefined;
}

/** A leader that has led for this long has its session open. Two that cannot open it hand the lead over more often. */
const settledMs = 300_000;

/** A change without a status record, such as a lease that ends, is seen after this many milliseconds at the latest. */
const pollMs = 1_000;

/**
 * Calls a listener when a session has been unprotected for too long, whatever the reason, and again when it is protected.
 * Counts from the start of the watch for a session that was never protected. Time counts by the clock that counted more, so a
 * suspended machine does not hide anything.
 */
export class ProtectionWatch {
	readonly #sessions: WatchedSessions;
	readonly #afterMs: number;
	readonly #listener: (record: ProtectionRecord) => void;
	readonly #onFault: () => void;
	readonly #unprotected = new Map<string, Unprotected>();
	#cancelNextCheck: (() => void) | undefined;
	#hasEnded = false;

	/** @param onFault - called when the listener throws or rejects. */
	constructor(
		sessions: WatchedSessions,
		afterMs: number,
		listener: (record: ProtectionRecord) => void,
		onFault: () => void,
	) {
		this.#sessions = sessions;
		this.#afterMs = afterMs;
		this.#listener = listener;
		this.#onFault = onFault;
		this.#watch();
	}

	end(): void {
		this.#hasEnded = true;
		this.#cancelNextCheck?.();
	}

	/** To be called with every change of a session. */
	check(session: string): void {
		if (this.#hasEnded) return;
		const now = instantNow(this.#sessions.now);
		const protection = this.#sessions.protection(session);
		const known = this.#unprotected.get(session);
		if (protection.state === "standby" && known) {
			// Until then the time goes on: neither of two processes that hand over may be able to open the session.
			known.standbySince ??= now;
			if (longestElapsedMs(known.standbySince, now) < settledMs) return;
		}
		if (protection.state !== "unprotected") {
			// An alert outlives a stop on request: once the session is started again and protected, its end is reported.
			if (protection.state === "released" && known?.isReported) return;
			this.#unprotected.delete(session);
			if (known?.isReported) this.#report("protected", session, now, known);
			return;
		}
		const unprotected = known ?? { since: now, isReported: false, standbySince: undefined };
		unprotected.standbySince = undefined;
		if (!known) this.#unprotected.set(session, unprotected);
		if (unprotected.isReported || longestElapsedMs(unprotected.since, now) < this.#afterMs) return;
		unprotected.isReported = true;
		this.#report("unprotected", session, now, unprotected, protection.reason);
	}

	#watch(): void {
		for (const session of this.#sessions.names()) this.check(session);
		// A listener that was called just now may have ended the watch.
		if (!this.#hasEnded) this.#cancelNextCheck = after(this.#nextCheckMs(), () => this.#watch());
	}

	/** The earliest time at which a session that is unprotected now has been so for too long; at most {@link pollMs}. */
	#nextCheckMs(): number {
		const now = instantNow(this.#sessions.now);
		let nextMs = pollMs;
		for (const { since, isReported, standbySince } of this.#unprotected.values()) {
			if (!isReported && !standbySince) nextMs = Math.min(nextMs, this.#afterMs - longestElapsedMs(since, now));
		}
		return Math.max(1, nextMs);
	}

	#report(type: ProtectionRecord["type"], session: string, now: Instant, { since }: Unprotected, reason = ""): void {
		const facts = { session, at: Math.round(now.wallMs), since: Math.round(since.wallMs) };
		callSafely(
			() => this.#listener(type === "protected" ? { type, ...facts } : { type, ...facts, reason }),
			this.#onFault,
		);
	}
}
