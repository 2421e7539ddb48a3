import { callSafely } from "@x/base/call-safely";
import { after } from "@x/base/clock";
import { type Instant, instantNow, longestElapsedMs } from "@x/base/instant";
import type { Status } from "./status.ts";

/**
 * The report that a session has been unprotected for too long, or that it is protected again after such a report. Plain data;
 * times are epoch milliseconds.
 */
export type ProtectionRecord = Readonly<{
	session: string;
	at: number;
	/** Since when this process has seen the session unprotected. */
	since: number;
}> &
	(
		| {
				readonly type: "unprotected";
				/** Why the session is unprotected now. */
				readonly reason: string;
		  }
		| { readonly type: "protected" }
	);

/**
 * Whether a session is protected. `released` means that it was stopped on request, and `standby` that another process runs it.
 * A session in one of these two states is not reported.
 */
export type ProtectionState =
	| { readonly state: "protected" | "released" | "standby" }
	| { readonly state: "unprotected"; readonly reason: string };

/** Whether a session with this status is protected, unprotected, or run by another process. */
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

/** What a {@link ProtectionWatch} asks its keeper about the sessions. */
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
	/** When this process first saw that another process runs the session; undefined while no other process does. */
	standbySince: Instant | undefined;
}

/**
 * If another process has led for this many milliseconds, it is assumed to have the session open. A process that cannot open the
 * session normally gives the lead up before.
 */
const settledMs = 300_000;

/**
 * Sessions are checked at least this often, in milliseconds, because some changes cause no status record, such as the end of a
 * lease.
 */
const pollMs = 1_000;

/**
 * Calls a listener when a session has been unprotected for too long, for whatever reason, and again once the session is protected.
 * For a session that was never protected, the time counts from when this watch was made. The time is measured by the monotonic or
 * the wall clock, whichever advanced further, so that a suspension of the machine counts.
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

	/** To be called after every change of a session. */
	check(session: string): void {
		if (this.#hasEnded) return;
		const now = instantNow(this.#sessions.now);
		const protection = this.#sessions.protection(session);
		const known = this.#unprotected.get(session);
		if (protection.state === "standby" && known) {
			// Another process runs the session now. For `settledMs`, the session still counts as unprotected, because that process may
			// be unable to open it as well.
			known.standbySince ??= now;
			if (longestElapsedMs(known.standbySince, now) < settledMs) return;
		}
		if (protection.state !== "unprotected") {
			// Stopping the session on request does not end a reported alert. The alert ends when the session was started again and is
			// protected.
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
		// The listener that was just called may have removed itself, which ends this watch.
		if (!this.#hasEnded) this.#cancelNextCheck = after(this.#nextCheckMs(), () => this.#watch());
	}

	/**
	 * Milliseconds until the next check: the time until a session has been unprotected for too long, but at most {@link pollMs}.
	 */
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
