import { backoffMs } from "./backoff.ts";
import { keepLease, stallError } from "./lease-keeper.ts";
import type { ResolvedOptions } from "./options.ts";
import { requireLease } from "./pace.ts";
import type { Closed, Lease, OrdersOnClose, Session } from "./session.ts";
import { dispositionOf } from "./session-error.ts";
import { StallWatch } from "./stall-watch.ts";
import { causeOf, type StatusRecord } from "./status.ts";
import { StatusBoard } from "./status-board.ts";
import { monotonicMs, sleep, within } from "./time.ts";

/** A venue that asks for no wait at all gets one all the same. */
const leastWaitMs = 100;

/** Opens one session, keeps it, and opens it again after every loss, until it is stopped or fails for good. */
export class SessionLoop {
	readonly session: Session;
	readonly #options: ResolvedOptions;
	readonly #board: StatusBoard;
	readonly #stop = new AbortController();
	#running: Promise<void> | undefined;
	#leaving: Promise<Closed> | undefined;
	/** Set once the session failed for good. */
	#ended: Closed | undefined;
	#failures = 0;

	constructor(session: Session, options: ResolvedOptions, publish: (record: StatusRecord) => void) {
		this.session = session;
		this.#options = options;
		this.#board = new StatusBoard(session.name, options.now, publish);
	}

	/** Where the session stands, judged at the moment of asking. */
	current(): StatusRecord {
		return this.#board.current();
	}

	start(): void {
		// A loop never ends without saying so: what is not foreseen here is fatal for this session, and is told.
		this.#running ??= this.#run().catch((error) => this.#end(error));
	}

	/** Ends the loop, then leaves the session. A second call gets the first one's result. */
	stop(orders: OrdersOnClose): Promise<Closed> {
		this.#leaving ??= this.#leave(orders);
		return this.#leaving;
	}

	async #leave(orders: OrdersOnClose): Promise<Closed> {
		this.#stop.abort(new Error("@x/keepalive: stopped on request"));
		await this.#running;
		if (this.#ended) return this.#ended;
		const closed = await this.#close(orders);
		this.#board.set({ state: "stopped", why: "asked", closed });
		return closed;
	}

	async #run(): Promise<void> {
		while (!this.#stop.signal.aborted) {
			const lease = await this.#open();
			if (!lease) return;
			const aliveSince = monotonicMs();
			const ended = await keepLease(this.session, lease, this.#board, this.#options, this.#stop.signal);
			if (ended.end === "stopped") return;
			// Forgotten only after a stable time: a session that dies at once each time must not retry at full speed.
			if (monotonicMs() - aliveSince >= this.#options.stableMs) this.#failures = 0;
			this.#board.lost(ended.error);
			if (!(await this.#rest(ended.error, ended.notBefore))) return;
		}
	}

	/** Opens until it succeeds; undefined when stopped or failed for good. */
	async #open(): Promise<Lease | undefined> {
		const { signal } = this.#stop;
		while (!signal.aborted) {
			this.#board.opening(this.#failures + 1);
			try {
				const what = `opening ${this.session.name}`;
				const watch = new StallWatch(this.#options.now);
				const lease = await within(this.#options.openTimeoutMs, signal, what, (cut) => this.session.open(cut));
				// What was read after a sleep may be as old as the sleep was long: nothing of it is believed.
				if (watch.sleptMs > this.#options.stallMs) throw stallError(this.session.name, watch.sleptMs);
				return requireLease(this.session.name, lease);
			} catch (error) {
				if (signal.aborted) return undefined;
				if (!(await this.#rest(error))) return undefined;
			}
		}
		return undefined;
	}

	/** Does what a failure asks for before the next attempt. False when there is none. */
	async #rest(error: unknown, notBefore?: number): Promise<boolean> {
		const disposition = dispositionOf(error);
		const cause = causeOf(error);
		const until = (ms: number): number => Math.round(this.#options.now() + ms);
		this.#failures += 1;
		/** What is left of a silence that an earlier beat was told of. It binds whatever the session ended for. */
		const silentMs = notBefore === undefined ? 0 : notBefore - monotonicMs();
		let waitMs: number;
		switch (disposition.action) {
			case "fatal":
				await this.#end(error);
				return false;
			case "wait":
				// Counted from when it was told, where that is known; and never none, which would be a hot loop.
				waitMs = Math.max(notBefore === undefined ? disposition.forMs : silentMs, leastWaitMs);
				this.#board.set({ state: "waiting", why: "venue", until: until(waitMs), cause });
				break;
			case "human":
				waitMs = Math.max(this.#options.blockedRetryMs, silentMs);
				this.#board.set({ state: "blocked", todo: disposition.todo, nextTryAt: until(waitMs), cause });
				break;
			case "retry": {
				const ownMs = backoffMs(this.#failures, this.#options.random(), this.#options.backoff);
				waitMs = Math.max(ownMs, silentMs);
				const why = silentMs > ownMs ? "venue" : "backoff";
				this.#board.set({ state: "waiting", why, until: until(waitMs), cause });
			}
		}
		await sleep(waitMs, this.#stop.signal);
		return !this.#stop.signal.aborted;
	}

	/** For good: nobody guards the orders any longer, so the venue's own protection is allowed to fire. */
	async #end(error: unknown): Promise<void> {
		// On request it is left anyway, in the way that was asked for.
		if (this.#stop.signal.aborted) return;
		const closed = await this.#close("cancel");
		this.#ended = closed;
		this.#board.set({ state: "stopped", why: "fatal", cause: causeOf(error), closed });
	}

	async #close(orders: OrdersOnClose): Promise<Closed> {
		const never = new AbortController().signal;
		const what = `closing ${this.session.name}`;
		try {
			return await within(this.#options.closeTimeoutMs, never, what, () => this.session.close(orders));
		} catch (error) {
			return { orders: "unknown", detail: `${causeOf(error).message}; look at the working orders` };
		}
	}
}
