import { backoffMs } from "./backoff.ts";
import { keepLease, type LeaseEnd } from "./lease-keeper.ts";
import type { ResolvedOptions } from "./options.ts";
import type { Closed, Lease, OrdersOnClose, Session } from "./session.ts";
import { SessionCalls } from "./session-calls.ts";
import { dispositionOf } from "./session-error.ts";
import { Silence } from "./silence.ts";
import { sleepWatched, stallError, type Watched, watched } from "./stall-watch.ts";
import { causeOf, type StatusRecord, type Tally } from "./status.ts";
import { StatusBoard } from "./status-board.ts";
import { monotonicMs, never, within } from "./time.ts";

/** A venue that asks for no wait at all gets one all the same. */
const leastWaitMs = 100;

/** Opens one session, keeps it, and opens it again after every loss, until it is stopped or fails for good. */
export class SessionLoop {
	readonly board: StatusBoard;
	readonly #calls: SessionCalls;
	readonly #options: ResolvedOptions;
	readonly #silence = new Silence();
	readonly #stop = new AbortController();
	#running: Promise<void> | undefined;
	#leaving: Promise<Closed> | undefined;
	/** Set once the session failed for good. */
	#ended: Closed | undefined;
	#failures = 0;

	/** @param tally - what was counted before, for a session that is started again. */
	constructor(session: Session, options: ResolvedOptions, publish: (record: StatusRecord) => void, tally?: Tally) {
		this.#calls = new SessionCalls(session);
		this.#options = options;
		this.board = new StatusBoard(this.#calls.name, options, publish, tally);
	}

	/** Where the session stands, judged at the moment of asking. */
	current(): StatusRecord {
		return this.board.current();
	}

	start(): void {
		// A loop never ends without saying so: what is not foreseen here is fatal for this session, and is told.
		this.#running ??= this.#run(this.#stop.signal).catch((error) => this.#end(error));
	}

	/** Ends the loop, then leaves the session, within `ms`. A second call gets the first one's result. */
	stop(orders: OrdersOnClose, ms: number = this.#options.stopTimeoutMs): Promise<Closed> {
		this.#leaving ??= this.#leave(orders, ms);
		return this.#leaving;
	}

	async #leave(orders: OrdersOnClose, ms: number): Promise<Closed> {
		const until = monotonicMs() + ms;
		const asked = new Error("@x/keepalive: stopped on request");
		this.#stop.abort(asked);
		this.board.leaving(asked);
		const closed = await within(ms, never, "", async () => {
			// Ends at once, unless it is leaving the session itself.
			await this.#running;
			return this.#ended ?? this.#close(orders, until - monotonicMs());
		}).catch((): Closed => {
			const detail = `@x/keepalive: ${this.#calls.name} was not left within ${Math.round(ms)} ms; ${this.#calls.whatIsKnown()}; look at the working orders`;
			return { orders: "unknown", detail };
		});
		this.board.set({ state: "stopped", why: "asked", closed });
		return closed;
	}

	async #run(stop: AbortSignal): Promise<void> {
		while (!stop.aborted) {
			const life = await this.#live(stop);
			if (life.end === "stopped" || !(await this.#rest(life.error, stop))) return;
		}
	}

	/** Opens once, and keeps what was opened until it is lost or the signal aborts. */
	async #live(stop: AbortSignal): Promise<LeaseEnd> {
		const { stallMs, openTimeoutMs, stableMs } = this.#options;
		this.board.opening(this.#failures + 1);
		let opened: Watched<Lease>;
		try {
			opened = await watched(this.#options, () => this.#calls.open(openTimeoutMs, stop));
			// What was read after a sleep may be as old as the sleep was long: nothing of it is believed.
			if (opened.sleptMs > stallMs) throw stallError(this.#calls.name, opened.sleptMs);
		} catch (error) {
			if (stop.aborted) return { end: "stopped" };
			this.#silence.heed(error);
			return { end: "lost", error };
		}
		const since = monotonicMs();
		const kept = await keepLease(this.#calls, opened, this.board, this.#silence, this.#options, stop);
		// Forgotten only after a stable time: a session that dies at once each time must not retry at full speed.
		if (monotonicMs() - since >= stableMs) this.#failures = 0;
		if (kept.end === "lost") this.board.lost(kept.error);
		return kept;
	}

	/** Does what a failure asks for before the next attempt. False when there is none. */
	async #rest(error: unknown, stop: AbortSignal): Promise<boolean> {
		const disposition = dispositionOf(error);
		if (disposition.action === "fatal") {
			await this.#end(error);
			return false;
		}
		this.#failures += 1;
		const ownMs =
			disposition.action === "human"
				? this.#options.blockedRetryMs
				: disposition.action === "wait"
					? leastWaitMs
					: backoffMs(this.#failures, this.#options.random(), this.#options.backoff);
		const cause = causeOf(error);
		const end = monotonicMs() + Math.max(ownMs, this.#silence.leftMs);
		const why = this.#silence.leftMs > ownMs || disposition.action === "wait" ? "venue" : "backoff";
		let leftMs = end - monotonicMs();
		do {
			const until = Math.round(this.#options.now() + leftMs);
			this.board.set(
				disposition.action === "human"
					? { state: "blocked", todo: disposition.todo, nextTryAt: until, cause }
					: { state: "waiting", why, until, cause },
			);
			await sleepWatched(leftMs, stop, this.#options);
			leftMs = end - monotonicMs();
			// Told again after a sleep of the machine, which moves the end by the wall clock.
		} while (leftMs >= 2 && !stop.aborted);
		return !stop.aborted;
	}

	/** For good: nobody guards the orders any longer, so the venue's own protection is allowed to fire. */
	async #end(error: unknown): Promise<void> {
		// On request it is left anyway, in the way that was asked for.
		if (this.#stop.signal.aborted) return;
		this.board.leaving(error);
		const closed = await this.#close("cancel", this.#options.closeTimeoutMs);
		this.#ended = closed;
		this.board.set({ state: "stopped", why: "fatal", cause: causeOf(error), closed });
	}

	#close(orders: OrdersOnClose, ms: number): Promise<Closed> {
		return this.#calls.close(orders, Math.min(ms, this.#options.closeTimeoutMs));
	}
}
