import { handleRejection } from "@x/base/call-safely";
import { monotonicMs, neverAborted, sleepOrReject } from "@x/base/clock";
import { withTimeout } from "../deadline.ts";
import type { Closed, Lease, OpenStep, OrdersOnClose, Session, SessionHost, StandbyReason } from "../session.ts";
import { claimSession } from "../session-claim.ts";
import { dispositionOf } from "../session-error.ts";
import type { UsedLimits } from "../session-limits.ts";
import { causeOf } from "../status/status.ts";
import type { StoredLeader } from "./leader-store.ts";
import { Leadership } from "./leadership.ts";
import { inheritNote, noteOf } from "./limits-for-next-leader.ts";
import { type LeaderOptions, type ResolvedLeaderOptions, resolveLeaderOptions } from "./options.ts";

/** The time limit for closing the session after this process has lost the lead, in milliseconds. */
const closeTimeoutMs = 10_000;

/**
 * A session that only one of several processes has open: the leader. The other processes are in the state `standby`. One of them
 * takes over when the leader dies, is stopped, or cannot reach the store any more.
 *
 * The leader stops before another process can lead. When a process loses the lead, `requireArmed` throws at once. Then the session
 * is closed, so that the venue cancels what it can. Then the status says why.
 *
 * @param session - the session to run in one process at a time. Pass the returned session to the keeper, and this one to nothing
 * else. Its `handle` and its checks work as usual.
 * @throws OptionError for options that are not allowed.
 */
export function leaderSession<Handle, Name extends string>(
	session: Session<Handle, Name>,
	options: LeaderOptions,
): Session<Handle, Name> {
	return new LeaderSession(session, resolveLeaderOptions(session.name, options));
}

class LeaderSession<Handle, Name extends string> implements Session<Handle, Name> {
	readonly name: Name;
	readonly venue?: string;
	readonly #session: Session<Handle, Name>;
	readonly #options: ResolvedLeaderOptions;
	readonly #leadership: Leadership;
	#host: SessionHost | undefined;
	/**
	 * The signals of the latest open. `lost` aborts when this process loses the lead, `session` when the session ends, and `any`
	 * when one of the two aborts.
	 */
	#ended: { readonly lost: AbortSignal; readonly session: AbortSignal; readonly any: AbortSignal } | undefined;
	/**
	 * The time, on the monotonic clock, from which `handOverMs` counts: when this process took the lead, last had the session open,
	 * or last found it held by another login, whichever is latest.
	 */
	#openAt = Number.POSITIVE_INFINITY;
	/**
	 * The time, on the monotonic clock, before which this process does not try to take the lead, so that another process can
	 * take it first.
	 */
	#standAsideUntil = Number.NEGATIVE_INFINITY;
	/** Resolves once the close has ended that began when this process last lost the lead or gave it up. */
	#leaving: Promise<unknown> = Promise.resolve();

	constructor(session: Session<Handle, Name>, options: ResolvedLeaderOptions) {
		this.name = session.name;
		if (session.venue !== undefined) this.venue = session.venue;
		this.#session = session;
		this.#options = options;
		this.#leadership = new Leadership(
			options,
			() => noteOf(session),
			() => this.#host?.protectionChanged(),
			() => {
				this.#leaving = this.#closeNow();
			},
		);
	}

	get handle(): Handle | undefined {
		return this.#session.handle;
	}

	get epoch(): number | undefined {
		return this.#leadership.epoch;
	}

	async becomeLeader(signal: AbortSignal, onStandby: (reason: StandbyReason) => void): Promise<void> {
		if (this.#leadership.lost) return;
		await this.#leaving;
		const standAsideMs = this.#standAsideUntil - monotonicMs();
		if (standAsideMs > 0) await sleepOrReject(standAsideMs, signal);
		const note = await this.#leadership.take(signal, (leader, error) => onStandby(this.#standbyReason(leader, error)));
		if (note && !inheritNote(this.#session, note, 2 * this.#options.renewMs)) {
			this.#host?.logger.warn(
				`${this.name}: it is not known how much of the venue's limits the last leader used, so the session waits as if all were used up`,
			);
		}
		handleRejection(this.#session.becameLeader?.());
		this.#openAt = monotonicMs();
	}

	async open(signal: AbortSignal, onStep?: (step: OpenStep) => void): Promise<Lease> {
		try {
			return await this.#asLeader(signal, (cut) => this.#session.open(cut, onStep));
		} catch (error) {
			const { lost } = this.#leadership;
			const disposition = dispositionOf(error);
			if (disposition.action === "wait" && disposition.heldElsewhere) this.#openAt = monotonicMs();
			if (lost && monotonicMs() - this.#openAt >= this.#options.handOverMs) this.#handOver();
			throw error;
		}
	}

	beat(signal: AbortSignal): Promise<Lease> {
		return this.#asLeader(signal, (cut) => this.#session.beat(cut));
	}

	async close(orders: OrdersOnClose, signal?: AbortSignal): Promise<Closed> {
		// The lead is given up first, so that a close that never ends does not keep the lead.
		const release = this.#leadership.leave();
		const closed = await this.#session.close(orders, signal);
		// If the close does not say what happens to the orders, the lead is not released: the other processes wait until this
		// leader's time has run out.
		if (closed.orders !== "unknown") await release();
		return closed;
	}

	notLeaderReason(): string | undefined {
		return this.#leadership.notLeaderReason();
	}

	notArmedReason(): string | undefined {
		return this.#leadership.notLeaderReason() ?? this.#session.notArmedReason?.();
	}

	attach(host: SessionHost): () => void {
		const release = claimSession(this.#session);
		let detach: (() => void) | undefined;
		try {
			detach = this.#session.attach?.({
				...host,
				limitsUsed: () => {
					host.limitsUsed?.();
					this.#leadership.writeNote();
				},
			});
		} catch (error) {
			release();
			throw error;
		}
		this.#host = host;
		return () => {
			this.#host = undefined;
			release();
			handleRejection(detach?.());
		};
	}

	usedLimits(): UsedLimits {
		return this.#session.usedLimits?.() ?? {};
	}

	inheritLimits(used: UsedLimits | "all", wasKilled: boolean): number {
		return this.#session.inheritLimits?.(used, wasKilled) ?? 0;
	}

	/** Calls the session with a signal that aborts when the given signal aborts or when the lead is lost. */
	async #asLeader(signal: AbortSignal, call: (signal: AbortSignal) => Promise<Lease>): Promise<Lease> {
		await this.#leadership.verify();
		const { lost } = this.#leadership;
		if (!lost) throw new Error("@x/keepalive: this process does not lead.");
		try {
			const lease = await call(AbortSignal.any([signal, lost]));
			lost.throwIfAborted();
			this.#openAt = monotonicMs();
			return { ...lease, ended: lease.ended ? this.#firstOf(lost, lease.ended) : lost };
		} catch (error) {
			lost.throwIfAborted();
			throw error;
		}
	}

	/** A signal that aborts when the lead is lost or the session ends. All beats after the same open share one such signal. */
	#firstOf(lost: AbortSignal, session: AbortSignal): AbortSignal {
		if (this.#ended?.lost !== lost || this.#ended.session !== session) {
			this.#ended = { lost, session, any: AbortSignal.any([lost, session]) };
		}
		return this.#ended.any;
	}

	#handOver(): void {
		this.#host?.logger.warn(`${this.name} was not open for ${this.#options.handOverMs} ms: giving up the lead`);
		const release = this.#leadership.leave();
		this.#leaving = this.#closeNow().then(async (closed) => {
			if (closed && closed.orders !== "unknown") await release();
			this.#standAsideUntil = monotonicMs() + 2 * this.#options.pollMs;
		});
	}

	/** Closes the session so that the venue cancels the orders. Never rejects. */
	async #closeNow(): Promise<Closed | undefined> {
		const close = (cut: AbortSignal): Promise<Closed> => this.#session.close("cancel", cut);
		try {
			const closed = await withTimeout(closeTimeoutMs, neverAborted, `closing ${this.name}`, close);
			this.#host?.logger.warn(`${this.name} was closed, because another process may lead: ${closed.detail}`);
			return closed;
		} catch (error) {
			this.#host?.logger.warn(causeOf(error).message);
			return undefined;
		}
	}

	#standbyReason(leader: StoredLeader | undefined, error: unknown): StandbyReason {
		const { name } = this.#options;
		if (!leader) return { error };
		const { holder, epoch, ledForMs } = leader;
		const standby = new Error(`@x/keepalive: ${name}: another process leads (epoch ${epoch}).`);
		standby.name = "Standby";
		return { error: standby, leader: { holder, epoch, since: Math.round(Date.now() - ledForMs) } };
	}
}
