import { known, requireMs } from "./checks.ts";
import { Gate } from "./loop/health-gate.ts";
import { SessionLoop } from "./loop/session-loop.ts";
import { type KeeperOptions, type ResolvedOptions, requireOrders, resolveOptions } from "./options.ts";
import { type ReadyOptions, ready } from "./ready.ts";
import type { Closed, OrdersOnClose, Session } from "./session.ts";
import type { StatusRecord } from "./status/status.ts";
import { StatusFeed, type StatusListener } from "./status/status-emitter.ts";
import { stopInTurn } from "./stop.ts";

/** How to stop. */
export interface StopOptions {
	/** What should become of the working orders. */
	readonly orders: OrdersOnClose;
	/** One session by name; the others go on, and it can be started again. Default: all, for good. */
	readonly session?: string;
	/** Ceiling for the whole of it, in milliseconds. Default `stopTimeoutMs` of the keeper. */
	readonly timeoutMs?: number;
}

/** Sessions that were opened together fall into so many groups: waking up for each of a thousand would cost twice as much. */
const phases = 16;

/**
 * Keeps several sessions alive, each in a loop of its own: the end of one never ends another.
 *
 * `await using` works on it; leaving the scope stops every session with `ordersOnDispose`.
 */
export class Keeper implements AsyncDisposable {
	readonly #options: ResolvedOptions;
	readonly #gate: Gate;
	readonly #sessions: ReadonlyMap<string, Session>;
	/** In order of starting. */
	readonly #loops = new Map<string, SessionLoop>();
	readonly #feed = new StatusFeed((session) => this.#current(session));
	readonly #publish = (record: StatusRecord): void => this.#feed.publish(record);
	#phase = 0;
	#stopping: Promise<Readonly<Record<string, Closed>>> | undefined;

	/** Use {@link keepalive}, which also starts it. */
	constructor(sessions: readonly Session[], options: KeeperOptions) {
		this.#options = resolveOptions(options);
		this.#gate = new Gate(this.#options.gate, this.#options);
		this.#sessions = byName(sessions);
		for (const name of this.#sessions.keys()) this.#loop(name);
	}

	/**
	 * Starts every loop, or that of one session by name. A loop that runs goes on; a session that was stopped, or failed
	 * for good, is opened anew.
	 *
	 * @throws Error when the whole keeper was stopped, or the session is being left; TypeError for a name it does not know.
	 */
	start(session?: string): void {
		if (this.#stopping) throw new Error("@x/keepalive: this keeper was stopped; make a new one");
		this.#gate.start();
		if (session === undefined) {
			for (const loop of this.#loops.values()) loop.start();
			return;
		}
		const { state } = this.#known(session).board;
		if (state === "leaving") throw new Error(`@x/keepalive: ${session} is being left; wait for its stop`);
		const loop = state === "stopped" ? this.#loop(session) : this.#known(session);
		loop.start();
	}

	/**
	 * A sign of health of the program, for a keeper with the option `gate`. Cheap: it sets two numbers.
	 *
	 * Call it where the work is done that must not hang, not from a timer of its own.
	 *
	 * @throws Error when the keeper has no such gate.
	 */
	pulse(): void {
		this.#gate.pulse();
	}

	/**
	 * Returns when the working orders of a session are proved to be protected right now; to be called before each order.
	 * Sends nothing and waits for nothing: the last proof of life is young enough by both clocks, nothing stood still
	 * since, the protection was read back as armed, and the program is well.
	 *
	 * What a venue knows beyond that its own `requireArmed()` asks. A session without protection (IBKR) is never armed.
	 *
	 * @throws Error that says why not; TypeError for a name it does not know.
	 */
	requireArmed(session: string): void {
		const objection = this.#known(session).objection();
		if (objection !== undefined) throw new Error(`@x/keepalive: ${session} is not armed right now: ${objection}`);
	}

	/**
	 * The same as a question, for a hot path that has something else to do then.
	 *
	 * @throws TypeError for a name it does not know.
	 */
	isArmed(session: string): boolean {
		return this.#known(session).objection() === undefined;
	}

	/** The current record of every session by name, judged now: an old proof is not shown as armed. */
	snapshot(): Readonly<Record<string, StatusRecord>> {
		return Object.fromEntries(this.#current().map((record) => [record.session, record]));
	}

	/**
	 * The current record of one session, judged now.
	 *
	 * @throws TypeError for a name it does not know.
	 */
	current(session: string): StatusRecord {
		return this.#known(session).current();
	}

	/**
	 * Calls `listener` with the current record of each session, or of the one that is named, then with every change.
	 * Returns how to stop it. What it throws is counted by {@link listenerFaults}; what it waits for is not waited for.
	 *
	 * @throws TypeError for a name it does not know.
	 */
	onStatus(listener: StatusListener, session?: string): () => void {
		return this.#feed.listen(listener, session);
	}

	/** How many times a listener threw or rejected. Its faults are kept from the loops, so that here alone they show. */
	get listenerFaults(): number {
		return this.#feed.listenerFaults;
	}

	/**
	 * Every change, after the current record of each session; ends when the keeper has stopped. A reader that does not
	 * keep up loses the oldest changes, and its next record says in `dropped` how many.
	 */
	records(): AsyncIterableIterator<StatusRecord> {
		return this.#feed.read();
	}

	/**
	 * Resolves once every session is alive at the same time, or the one that is named is alive.
	 *
	 * @throws Error when one of them stops for good, when it takes longer than `timeoutMs` (default 180 000), or the
	 * signal's reason; TypeError for a name it does not know.
	 */
	async ready(options: ReadyOptions = {}): Promise<void> {
		known("ready:", options, { session: 0, timeoutMs: 0, signal: 0 });
		if (options.timeoutMs !== undefined) requireMs("ready: timeoutMs", options.timeoutMs);
		return ready(this.#feed, () => this.#current(options.session), options);
	}

	/**
	 * Stops every session in reverse order of starting, or one of them, leaving as `orders` says. Each result tells what
	 * the venue could promise, also for what was not done in time. A second call gets the first one's result.
	 *
	 * @throws TypeError, with nothing stopped, for options that cannot be right. It rejects for nothing else.
	 */
	async stop(options: StopOptions): Promise<Readonly<Record<string, Closed>>> {
		const {
			orders,
			session,
			timeoutMs = this.#options.stopTimeoutMs,
		} = known("stop:", options, {
			orders: 0,
			session: 0,
			timeoutMs: 0,
		});
		requireOrders("stop: orders", orders);
		requireMs("stop: timeoutMs", timeoutMs);
		if (session !== undefined) return stopInTurn([[session, this.#known(session)]], orders, timeoutMs);
		// A program that is being stopped does not pulse, and its wish for the orders stands above the gate's.
		this.#gate.stop();
		this.#stopping ??= stopInTurn([...this.#loops], orders, timeoutMs).finally(() => this.#feed.end());
		return this.#stopping;
	}

	/** Stops every session, and does to working orders what `ordersOnDispose` says; what `await using` calls. */
	async [Symbol.asyncDispose](): Promise<void> {
		await this.stop({ orders: this.#options.ordersOnDispose });
	}

	#current(session?: string): readonly StatusRecord[] {
		if (session !== undefined) return [this.current(session)];
		return Array.from(this.#loops.values(), (loop) => loop.current());
	}

	#known(session: string): SessionLoop {
		const loop = this.#loops.get(session);
		if (loop) return loop;
		throw new TypeError(`@x/keepalive: there is no session ${JSON.stringify(session)}`);
	}

	/** A new loop for the session, in the last place of the order of starting. */
	#loop(name: string): SessionLoop {
		// Names and sessions come from one list.
		const session = this.#sessions.get(name) as Session;
		const tally = this.#loops.get(name)?.current().tally;
		const phase = Math.floor(this.#phase * phases) / phases;
		const loop = new SessionLoop(session, this.#options, this.#gate, this.#publish, phase, tally);
		// By the golden ratio: however many there are, each is about as far from its neighbours as it can be.
		this.#phase = (this.#phase + 0.618_034) % 1;
		this.#loops.delete(name);
		this.#loops.set(name, loop);
		return loop;
	}
}

/**
 * Starts keeping the sessions alive.
 *
 * @throws TypeError for options out of range, no session, or two sessions of one name.
 */
export function keepalive(sessions: readonly Session[], options: KeeperOptions = {}): Keeper {
	const keeper = new Keeper(sessions, options);
	keeper.start();
	return keeper;
}

function byName(sessions: readonly Session[]): ReadonlyMap<string, Session> {
	if (sessions.length === 0) throw new TypeError("@x/keepalive: there is no session to keep");
	const found = new Map<string, Session>();
	for (const session of sessions) {
		const { name } = session;
		if (typeof name !== "string" || name === "") throw new TypeError("@x/keepalive: a session has no name");
		if (found.has(name)) {
			throw new TypeError(`@x/keepalive: two sessions are named "${name}"; give each a name of its own`);
		}
		found.set(name, session);
	}
	return found;
}
