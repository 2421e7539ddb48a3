import { neverAborted, sleep, timerToleranceMs, withDeadline } from "@x/base/clock";
import { instantNow, overrunMs } from "@x/base/instant";
import { SteadyClock } from "@x/base/steady-clock";
import { TimeoutError } from "../deadline.ts";
import { backoffMs } from "../loop/backoff.ts";
import { SessionError } from "../session-error.ts";
import { causeOf } from "../status/status.ts";
import type { LeaderNote, StoredLeader } from "./leader-store.ts";
import type { ResolvedLeaderOptions } from "./options.ts";

/** If a timer fires at least this many milliseconds late, the process counts as stalled. */
const stallMs = 1_000;

/** The shortest wait between two attempts to renew the lead, in milliseconds. */
const leastRetryMs = 100;

/**
 * After a stall, this process asks the store whether it still leads. If the store has not answered after this many milliseconds, the
 * session is closed.
 */
const longestVerifyMs = 5_000;

/**
 * How long the answer to the release of the lead is awaited, in milliseconds. If no answer comes, the other processes wait
 * until this leader's time has run out.
 */
const releaseTimeoutMs = 2_000;

/** One period in which this process leads: from taking the lead to losing it. */
interface Term {
	readonly epoch: number;
	/** The controller that is aborted when the lead is lost, with an error that says why. */
	readonly lost: AbortController;
	/** The sending time of the last request that the store has acknowledged, by the clock of the {@link Leadership}. */
	renewedAt: number;
	/** The renewal that is under way; undefined when there is none. */
	renewal: Promise<void> | undefined;
	/** Why the last renewal failed; undefined when the store acknowledged it. */
	failure: unknown;
}

/**
 * Knows whether this process leads, and renews the lead.
 *
 * After each request that the store acknowledged, this process may lead for `ttlMs` minus `marginMs`. It counts this time from when
 * it sent the request, with a clock that also counts suspensions. The store counts `ttlMs` from when the request arrived, which is
 * later. So this process stops leading before another process can lead.
 *
 * If the time of this process ran out during a stall, it does not count as the leader until the store has acknowledged a renewal.
 */
export class Leadership {
	readonly #options: ResolvedLeaderOptions;
	readonly #note: () => string | undefined;
	readonly #onChange: () => void;
	readonly #onLost: () => void;
	readonly #clock = new SteadyClock(Date.now);
	#term: Term | undefined;
	#epoch: number | undefined;
	#releasing: Promise<void> = Promise.resolve();

	/**
	 * @param note - returns the text for the next leader, which is written with each renewal.
	 * @param onChange - called when the result of {@link notLeaderReason} may have changed.
	 * @param onLost - called when the lead was lost; not called when {@link leave} gave it up.
	 */
	constructor(
		options: ResolvedLeaderOptions,
		note: () => string | undefined,
		onChange: () => void,
		onLost: () => void,
	) {
		this.#options = options;
		this.#note = note;
		this.#onChange = onChange;
		this.#onLost = onLost;
	}

	/**
	 * The epoch with which this process leads or last led, a number higher than that of each earlier leader. Undefined if it
	 * has never led.
	 */
	get epoch(): number | undefined {
		return this.#epoch;
	}

	/**
	 * A signal that aborts when this process no longer leads, with an error that says why; undefined while this process does
	 * not lead.
	 */
	get lost(): AbortSignal | undefined {
		return this.#term?.lost.signal;
	}

	/** Why this process must not act as the leader right now; undefined while it may act as the leader. */
	notLeaderReason(): string | undefined {
		const term = this.#term;
		if (!term) return "this process does not lead";
		const ageMs = this.#clock.now() - term.renewedAt;
		return ageMs < this.#usableMs
			? undefined
			: `the lead was last renewed ${Math.round(ageMs)} ms ago: another process may lead now`;
	}

	/**
	 * Waits until this process leads. Rejects only when the signal aborts.
	 *
	 * While the store answers, it is asked every `pollMs`. While it fails, the time from one request to the next grows, at most to
	 * `pollMs` or `renewMs`, whichever is longer. So a store that works again is asked within that time, however long it had failed.
	 *
	 * @param onStandby - called after each failed attempt: with the process that leads, or with the error of the store.
	 * @returns the text that the previous leader has left, if there is one.
	 */
	async take(
		signal: AbortSignal,
		onStandby: (leader: StoredLeader | undefined, error?: unknown) => void,
	): Promise<LeaderNote | undefined> {
		await this.#releasing;
		const { store, name, holder, ttlMs, pollMs, random } = this.#options;
		let failures = 0;
		while (!this.#term) {
			const sentAt = this.#clock.now();
			try {
				const result = await this.#ask("taking the lead", this.#options.renewMs, signal, (cut) =>
					store.take(name, holder, ttlMs, cut),
				);
				if (result.isTaken) {
					this.#begin(result.epoch, sentAt);
					return result.note;
				}
				failures = 0;
				onStandby(result.leader);
				await sleep(pollMs * (1 - random() / 4), signal);
			} catch (error) {
				signal.throwIfAborted();
				failures += 1;
				onStandby(undefined, error);
				// The time spent waiting for the answer is part of the pause. So a store that does not answer is asked as often
				// as a store that refuses.
				const leftMs = this.#retryMs(failures) - (this.#clock.now() - sentAt);
				if (leftMs > 0) await sleep(leftMs, signal);
			}
			signal.throwIfAborted();
		}
		return undefined;
	}

	/** Renews the lead now, so that the store has the latest text for the next leader. */
	writeNote(): void {
		const term = this.#term;
		// A renewal that is under way may have been sent with an older text, so another renewal follows it.
		void Promise.resolve(term?.renewal).then(() => {
			if (term && term === this.#term) void this.#renew(term);
		});
	}

	/**
	 * Renews the lead now if it was last renewed too long ago, such as after a stall. Rejects with the reason when the lead is
	 * lost.
	 */
	async verify(): Promise<void> {
		const term = this.#term;
		if (!term) throw new Error("@x/keepalive: this process does not lead.");
		if (this.notLeaderReason() !== undefined) {
			await this.#renew(term);
			if (this.#term === term && this.#hasRunOut(term)) this.#lose(this.#notRenewed(term));
		}
		term.lost.signal.throwIfAborted();
		const reason = this.notLeaderReason();
		if (reason !== undefined) throw term.failure ?? new Error(`@x/keepalive: ${reason}.`);
	}

	/**
	 * Ends the period in which this process leads. Another process can lead once the store's time for this leader has run out.
	 *
	 * @returns a function that lets another process lead at once; its promise never rejects.
	 */
	leave(): () => Promise<void> {
		const term = this.#term;
		if (!term) return () => this.#releasing;
		this.#end("this process gave up the lead");
		const { store, name, holder, renewMs } = this.#options;
		const release = (cut: AbortSignal): Promise<void> => store.release(name, holder, term.epoch, cut);
		return () => {
			// The release waits for a renewal that is under way. If the renewal arrived after the release, the store would hold a
			// leader although no process leads.
			this.#releasing = Promise.resolve(term.renewal)
				.then(() => this.#ask("releasing the lead", Math.min(renewMs, releaseTimeoutMs), neverAborted, release))
				.catch(() => undefined);
			return this.#releasing;
		};
	}

	/** For how many milliseconds this process may lead after it sent a request that the store acknowledges. */
	get #usableMs(): number {
		return this.#options.ttlMs - this.#options.marginMs;
	}

	/** How long to wait before the store is asked again, after this many failures in a row. */
	#retryMs(failures: number): number {
		const { pollMs, renewMs, random } = this.#options;
		const capMs = Math.max(pollMs, renewMs);
		const limits = { firstMs: pollMs, baseMs: pollMs, capMs, unreachableCapMs: capMs, factor: 2 };
		return backoffMs(failures, random(), limits);
	}

	#begin(epoch: number, sentAt: number): void {
		if (!Number.isSafeInteger(epoch))
			throw new TypeError("@x/keepalive: the leader store returned an epoch that is not an integer.");
		const term: Term = {
			epoch,
			lost: new AbortController(),
			renewedAt: sentAt,
			renewal: undefined,
			failure: undefined,
		};
		this.#term = term;
		this.#epoch = epoch;
		void this.#keep(term);
	}

	#lose(reason: string): void {
		if (!this.#term) return;
		this.#end(reason);
		this.#onLost();
	}

	#end(reason: string): void {
		const term = this.#term;
		if (!term) return;
		this.#term = undefined;
		const message = `@x/keepalive: ${this.#options.name}: ${reason}`;
		term.lost.abort(new SessionError(message, { disposition: { action: "retry" }, session: "ended", kind: "leader" }));
		this.#onChange();
	}

	/** Renews the lead again and again until this process no longer leads. */
	async #keep(term: Term): Promise<void> {
		const { signal } = term.lost;
		// True after a stall: if this leader's time has run out, one more renewal is tried, because perhaps no other process has taken
		// the lead.
		let mayVerify = false;
		while (!signal.aborted) {
			const { renewedAt } = term;
			const sleepMs = mayVerify ? 0 : Math.max(0, Math.min(this.#dueMs(term), this.#leftMs(term)));
			const sleptAt = instantNow(Date.now);
			await sleep(sleepMs, signal);
			if (signal.aborted) return;
			if (term.renewedAt !== renewedAt) continue;
			mayVerify ||= overrunMs(sleptAt, sleepMs, instantNow(Date.now)) > stallMs;
			if (this.#hasRunOut(term) && !mayVerify) return this.#lose(this.#notRenewed(term));
			if (this.notLeaderReason() !== undefined) this.#onChange();
			const askedAt = instantNow(Date.now);
			const askMs = this.#askMs(term);
			await this.#renew(term);
			if (signal.aborted) return;
			mayVerify = overrunMs(askedAt, askMs, instantNow(Date.now)) > stallMs;
			if (this.#hasRunOut(term) && !mayVerify) return this.#lose(this.#notRenewed(term));
		}
	}

	/**
	 * Milliseconds until the next renewal. A failed renewal is repeated after a shorter time, so that several attempts are made
	 * before this leader's time runs out.
	 */
	#dueMs(term: Term): number {
		const { renewMs } = this.#options;
		if (term.failure === undefined) return term.renewedAt + renewMs - this.#clock.now();
		return Math.max(leastRetryMs, Math.min(renewMs, this.#leftMs(term)) / 4);
	}

	/**
	 * How long to wait for the answer to a renewal, in milliseconds: at most until this process has to stop leading. If it should
	 * have stopped already, as after a stall, it waits for at most {@link longestVerifyMs}.
	 */
	#askMs(term: Term): number {
		const ms = this.#options.renewMs * 0.9;
		return Math.min(ms, this.#hasRunOut(term) ? longestVerifyMs : this.#leftMs(term));
	}

	#hasRunOut(term: Term): boolean {
		return this.#leftMs(term) < timerToleranceMs;
	}

	/** For how many milliseconds this process may still lead without another renewal. */
	#leftMs({ renewedAt }: Term): number {
		return this.#usableMs - (this.#clock.now() - renewedAt);
	}

	#notRenewed({ failure }: Term): string {
		const said = failure === undefined ? "" : `: ${causeOf(failure).message}`;
		return `the lead was not renewed within ${Math.round(this.#usableMs)} ms${said}`;
	}

	/** Renews the lead. Calls that overlap share one request. Never rejects. */
	#renew(term: Term): Promise<void> {
		term.renewal ??= this.#renewNow(term).finally(() => {
			term.renewal = undefined;
		});
		return term.renewal;
	}

	async #renewNow(term: Term): Promise<void> {
		const { store, name, holder, ttlMs } = this.#options;
		const { signal } = term.lost;
		const sentAt = this.#clock.now();
		const wasLeading = this.notLeaderReason() === undefined;
		try {
			const note = this.#note();
			const renew = (cut: AbortSignal): Promise<boolean> => store.renew(name, holder, term.epoch, ttlMs, cut, note);
			const isLeader = await this.#ask("renewing the lead", this.#askMs(term), signal, renew);
			if (signal.aborted) return;
			if (isLeader !== true) return this.#lose("another process has taken the lead");
			term.renewedAt = sentAt;
			term.failure = undefined;
			if (!wasLeading) this.#onChange();
		} catch (error) {
			term.failure = error;
		}
	}

	/** Calls the store with a deadline. */
	#ask<T>(what: string, ms: number, signal: AbortSignal, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
		const onTimeout = (): TimeoutError =>
			new TimeoutError(`@x/keepalive: ${what} timed out after ${Math.round(ms)} ms: the leader store did not answer.`);
		return withDeadline({ ms, signal, onTimeout }, call);
	}
}
