import { handleRejection } from "@x/base/call-safely";
import { longestTimerMs, monotonicMs, neverAborted } from "@x/base/clock";
import { clause, sentence } from "@x/base/errors";
import { isTimeoutError, withTimeout } from "../deadline.ts";
import type { Closed, Lease, OrdersOnClose, Protection, Session, SessionHost, StandbyReason } from "../session.ts";
import { claimSession } from "../session-claim.ts";
import { copyUsedLimits, type UsedLimits } from "../session-limits.ts";
import { causeOf } from "../status/status.ts";
import type { SessionTracing, Tracing } from "../tracing.ts";
import { copyClosed, copyLease } from "./validate-and-copy-lease.ts";

/**
 * Calls the methods of a session, each with a deadline. When the session throws, returns something invalid or never answers, the
 * call rejects or returns a result that says what went wrong. `close` waits for calls that are still pending.
 */
export class BoundedSession {
	readonly name: string;
	readonly #session: Session;
	/** Makes the tracing spans of the calls; undefined without the option `tracing`. */
	readonly #tracing: SessionTracing | undefined;
	#pendingCalls = 0;
	#onIdle: (() => void) | undefined;
	#lastProtection: Protection | undefined;
	#pendingCloses = 0;
	#onClosed: (() => void) | undefined;

	constructor(session: Session, tracing?: Tracing) {
		this.#session = session;
		this.name = session.name;
		this.#tracing = tracing?.session(session);
	}

	/**
	 * The epoch with which this process leads or last led: a number that is higher for each new leader. Undefined if only this
	 * process can run the session.
	 */
	epoch(): number | undefined {
		try {
			return this.#session.epoch;
		} catch {
			return undefined;
		}
	}

	/** Why another process may be running the session now; undefined if none may. See {@link Session.notLeaderReason}. */
	notLeaderReason(): string | undefined {
		if (this.#session.notLeaderReason === undefined) return undefined;
		try {
			return this.#session.notLeaderReason();
		} catch (error) {
			return `notLeaderReason() of the session threw: ${causeOf(error).message}`;
		}
	}

	/** Whether this session has a leader, so that another process may run the session instead of this process. */
	get hasLeader(): boolean {
		return this.#session.becomeLeader !== undefined;
	}

	/** Waits until this process may open the session. Rejects as soon as the signal aborts. See {@link Session.becomeLeader}. */
	async becomeLeader(signal: AbortSignal, onStandby: (reason: StandbyReason) => void): Promise<void> {
		const become = async (cut: AbortSignal): Promise<void> => this.#session.becomeLeader?.(cut, onStandby);
		for (;;) {
			try {
				return await withTimeout(longestTimerMs, signal, `becoming the leader of ${this.name}`, become);
			} catch (error) {
				// The wait is started again: another process may lead for longer than the maximum delay of setTimeout.
				if (!isTimeoutError(error)) throw error;
			}
		}
	}

	open(ms: number, signal: AbortSignal): Promise<Lease> {
		const span = this.#tracing?.open(signal);
		const open = (cut: AbortSignal): Promise<Lease> => this.#lease(() => this.#session.open(cut, span?.onStep));
		const pending = withTimeout(ms, signal, `opening ${this.name}`, open);
		span?.follow(pending);
		return pending;
	}

	/** @param ended - a signal from the last open or beat, which aborts when the session ends. */
	beat(ms: number, signal: AbortSignal, ended: AbortSignal | undefined): Promise<Lease> {
		const endSpan = this.#tracing?.beat(signal);
		const beat = (cut: AbortSignal): Promise<Lease> => this.#lease(() => this.#session.beat(cut));
		const pending = withTimeout(ms, signal, `a beat of ${this.name}`, beat, ended);
		endSpan?.(pending);
		return pending;
	}

	/** Closes the session within `ms` milliseconds. Never throws. */
	async close(orders: OrdersOnClose, ms: number): Promise<Closed> {
		const deadline = monotonicMs() + ms;
		const endSpan = this.#tracing?.close(orders);
		const isIdle = await this.#becomesIdle(ms / 2);
		const checkOrders = "Check the working orders.";
		try {
			const close = (cut: AbortSignal): Promise<Closed> => this.#closeNow(orders, cut);
			const result = await withTimeout(deadline - monotonicMs(), neverAborted, `closing ${this.name}`, close);
			const closed = copyClosed(result);
			const pending = "an open or a beat was still pending and may have armed the protection again";
			const detail = `${clause(closed.detail)}; but ${pending}. ${checkOrders}`;
			const known: Closed = isIdle ? closed : { orders: "unknown", detail };
			endSpan?.(known);
			return known;
		} catch (error) {
			const detail = `${clause(causeOf(error).message)}; ${sentence(this.lastKnown)} ${checkOrders}`;
			const unknown: Closed = { orders: "unknown", detail };
			endSpan?.(unknown, error);
			return unknown;
		}
	}

	/** Why an order must not be sent, as far as the session itself knows; undefined when the session knows of no reason. */
	notArmedReason(): string | undefined {
		try {
			const reason: unknown = this.#session.notArmedReason?.();
			if (reason === undefined) return undefined;
			handleRejection(reason);
			return String(reason);
		} catch (error) {
			return `notArmedReason() of the session threw: ${causeOf(error).message}`;
		}
	}

	/** How much of its own limits the session has used. See {@link Session.usedLimits}. */
	usedLimits(): UsedLimits | undefined {
		try {
			return copyUsedLimits(this.#session.usedLimits?.());
		} catch {
			return undefined;
		}
	}

	/** Passes on to the session how much of its limits was used before. See {@link Session.inheritLimits}. */
	inheritLimits(used: UsedLimits | "all", wasKilled: boolean): number {
		try {
			const ms: unknown = this.#session.inheritLimits?.(used, wasKilled);
			return typeof ms === "number" && ms > 0 && ms < Number.POSITIVE_INFINITY ? ms : 0;
		} catch {
			// The error is ignored: `inheritLimits()` is documented not to throw, and if it does, the other sessions must still
			// be opened.
			return 0;
		}
	}

	/**
	 * Claims the session for one keeper and attaches the session to that keeper.
	 *
	 * @returns a function that detaches the session and gives the claim up.
	 * @throws KeeperError (claimed) while another keeper runs the session.
	 */
	attach(host: SessionHost): () => void {
		const release = claimSession(this.#session);
		try {
			const detach = this.#session.attach?.(host);
			return () => {
				release();
				handleRejection(detach?.());
			};
		} catch (error) {
			release();
			throw error;
		}
	}

	/** Whether closing the session would cancel no orders, because the venue has no protection. */
	get isUnsupported(): boolean {
		return this.#lastProtection?.state === "unsupported";
	}

	/**
	 * Calls `action` once no close is under way, or at once if there is none. A close that has timed out is still under way
	 * until it settles.
	 */
	afterClose(action: () => void): void {
		if (this.#pendingCloses === 0) action();
		else this.#onClosed = action;
	}

	async #closeNow(orders: OrdersOnClose, signal: AbortSignal): Promise<Closed> {
		this.#pendingCloses += 1;
		try {
			return await this.#session.close(orders, signal);
		} finally {
			this.#pendingCloses -= 1;
			if (this.#pendingCloses === 0) this.#onClosed?.();
		}
	}

	/**
	 * What the venue would do with the orders according to the protection that it confirmed last. Reported when a close
	 * fails or is not answered in time.
	 */
	get lastKnown(): string {
		const last = this.#lastProtection;
		if (!last) return "its protection was never confirmed";
		if (last.state !== "armed") return `its last known protection was ${last.state}: ${last.reason}`;
		return `its last known protection was armed (${last.scope}): the venue cancels within ${last.exposureMs} ms of the end of the connection`;
	}

	async #lease(call: () => Promise<Lease>): Promise<Lease> {
		this.#pendingCalls += 1;
		try {
			const lease = copyLease(this.name, await call());
			this.#lastProtection = lease.protection;
			return lease;
		} finally {
			this.#pendingCalls -= 1;
			if (this.#pendingCalls === 0) this.#onIdle?.();
		}
	}

	/** Resolves with true once no call to the session is pending, or with false after `ms` milliseconds. */
	async #becomesIdle(ms: number): Promise<boolean> {
		if (this.#pendingCalls === 0) return true;
		const idle = new Promise<void>((resolve) => {
			this.#onIdle = resolve;
		});
		return withTimeout(ms, neverAborted, "waiting for pending calls", () => idle).then(
			() => true,
			() => false,
		);
	}
}
