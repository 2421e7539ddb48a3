import { monotonicMs, neverAborted } from "@x/base/clock";
import { OptionError } from "@x/base/errors";
import { withTimeout } from "./deadline.ts";
import { HealthGate } from "./loop/health-gate.ts";
import { SessionLoop } from "./loop/session-loop.ts";
import {
	checkReadyOptions,
	checkStopOptions,
	type KeeperOptions,
	type ReadyOptions,
	type ResolvedKeeperOptions,
	resolveOptions,
	type StopOptions,
} from "./options.ts";
import { ready } from "./ready.ts";
import type { Closed, OrdersOnClose, Session } from "./session.ts";
import type { StatusRecord } from "./status/status.ts";
import { StatusEmitter, type StatusListener } from "./status/status-emitter.ts";

/** Sessions that were opened together beat in this many groups: a wake-up for each of a thousand would cost twice as much. */
const phaseCount = 16;

/**
 * Keeps several sessions alive, each in a loop of its own: the end of one never ends another. Made by {@link keepalive}.
 *
 * Works with `await using`: the end of the scope stops every session with `ordersOnDispose`.
 */
export class Keeper implements AsyncDisposable {
	readonly #options: ResolvedKeeperOptions;
	readonly #gate: HealthGate;
	readonly #sessions: ReadonlyMap<string, Session>;
	/** In the order of starting. */
	readonly #loops = new Map<string, SessionLoop>();
	readonly #emitter = new StatusEmitter((session) => this.#current(session));
	readonly #publish = (record: StatusRecord): void => this.#emitter.publish(record);
	#nextPhase = 0;
	#stopping: Promise<Readonly<Record<string, Closed>>> | undefined;

	constructor(sessions: readonly Session[], options: KeeperOptions) {
		this.#options = resolveOptions(options);
		this.#gate = new HealthGate(this.#options.gate, this.#options);
		this.#sessions = byName(sessions);
		for (const name of this.#sessions.keys()) this.#addLoop(name);
	}

	/**
	 * Starts all sessions, or one of them by name. A session that is running goes on. One that was stopped or that failed for
	 * good is opened again.
	 *
	 * @throws Error when the whole keeper was stopped or the session is closing; TypeError for an unknown name.
	 */
	start(session?: string): void {
		if (this.#stopping) throw new Error("@x/keepalive: start() failed: this keeper was stopped. Make a new one.");
		this.#gate.start();
		if (session === undefined) {
			for (const loop of this.#loops.values()) loop.start();
			return;
		}
		const { state } = this.#loop(session).tracker;
		if (state === "leaving") {
			throw new Error(`@x/keepalive: start() failed: ${session} is closing. Wait until stop() has resolved.`);
		}
		const loop = state === "stopped" ? this.#addLoop(session) : this.#loop(session);
		loop.start();
	}

	/**
	 * Signals that your program is healthy, for a keeper with the option `gate`. Cheap: it only records the time.
	 *
	 * Call it from the work that must not hang, not from a separate timer.
	 *
	 * @throws Error when the keeper has no gate that uses pulses.
	 */
	pulse(): void {
		this.#gate.pulse();
	}

	/**
	 * Returns if the working orders of a session are proven to be protected right now. Call it before each order.
	 *
	 * It does not ask the venue. It requires that the last acknowledged beat is recent on both clocks, that nothing stalled
	 * since, that the protection was read back as armed, and that the program is healthy. `requireArmed()` of a venue's
	 * session checks what only the session knows. A session without protection (IBKR) is never armed.
	 *
	 * @throws Error that says why not; TypeError for an unknown name.
	 */
	requireArmed(session: string): void {
		const reason = this.#loop(session).notArmedReason();
		if (reason !== undefined) throw new Error(`@x/keepalive: ${session} is not armed: ${reason}`);
	}

	/**
	 * Whether the working orders of a session are proven to be protected right now. Like {@link requireArmed}, without an error.
	 *
	 * @throws TypeError for an unknown name.
	 */
	isArmed(session: string): boolean {
		return this.#loop(session).notArmedReason() === undefined;
	}

	/** The current record of every session by name, checked against the clocks now. */
	snapshot(): Readonly<Record<string, StatusRecord>> {
		return Object.fromEntries(this.#current().map((record) => [record.session, record]));
	}

	/**
	 * The current record of one session, checked against the clocks now.
	 *
	 * @throws TypeError for an unknown name.
	 */
	current(session: string): StatusRecord {
		return this.#loop(session).current();
	}

	/**
	 * Calls `listener` with the current record of every session, or of one by name, and then with every change. Exceptions are
	 * counted in {@link listenerFaults}; returned promises are not awaited.
	 *
	 * @returns a function that removes the listener.
	 * @throws TypeError for an unknown name.
	 */
	onStatus(listener: StatusListener, session?: string): () => void {
		return this.#emitter.listen(listener, session);
	}

	/** How many times a listener threw or rejected. */
	get listenerFaults(): number {
		return this.#emitter.listenerFaults;
	}

	/**
	 * Iterates over the current record of every session, and then over every change, until the keeper has stopped. Buffers
	 * 1 000 changes: when a consumer falls behind, the oldest are dropped and counted in `dropped`.
	 */
	records(): AsyncIterableIterator<StatusRecord> {
		return this.#emitter.iterate();
	}

	/**
	 * Resolves once all sessions are alive at the same time, or one of them by name.
	 *
	 * @throws Error when a session stops, or after `timeoutMs`; the signal's reason; OptionError for options that are not
	 * allowed; TypeError for an unknown name.
	 */
	async ready(options: ReadyOptions = {}): Promise<void> {
		checkReadyOptions(options);
		return ready(this.#emitter, () => this.#current(options.session), options);
	}

	/**
	 * Stops all sessions in the reverse order of starting, or one of them by name. Each result says what the venue will do
	 * with the orders; it is `unknown` for a session that was not closed in time. A second call returns the first result.
	 *
	 * @throws OptionError, with nothing stopped, for options that are not allowed; TypeError for an unknown name. It rejects for
	 * no other reason.
	 */
	async stop(options: StopOptions): Promise<Readonly<Record<string, Closed>>> {
		checkStopOptions(options);
		const { orders, session, timeoutMs = this.#options.stopTimeoutMs } = options;
		if (session !== undefined) return stopInReverse([[session, this.#loop(session)]], orders, timeoutMs);
		// A program that shuts down no longer pulses, and what it wants for the orders wins over the gate.
		this.#gate.stop();
		this.#stopping ??= stopInReverse([...this.#loops], orders, timeoutMs).finally(() => this.#emitter.end());
		return this.#stopping;
	}

	/** Stops all sessions with `ordersOnDispose`. Called by `await using`. */
	async [Symbol.asyncDispose](): Promise<void> {
		await this.stop({ orders: this.#options.ordersOnDispose });
	}

	#current(session?: string): readonly StatusRecord[] {
		if (session !== undefined) return [this.current(session)];
		return Array.from(this.#loops.values(), (loop) => loop.current());
	}

	#loop(session: string): SessionLoop {
		const loop = this.#loops.get(session);
		if (loop) return loop;
		throw new TypeError(`@x/keepalive: unknown session: ${JSON.stringify(session)}`);
	}

	/** Makes a loop for a session, last in the order of starting. */
	#addLoop(name: string): SessionLoop {
		// Every name comes from the sessions.
		const session = this.#sessions.get(name) as Session;
		const tally = this.#loops.get(name)?.current().tally;
		const phase = Math.floor(this.#nextPhase * phaseCount) / phaseCount;
		const loop = new SessionLoop(session, this.#options, this.#gate, this.#publish, phase, tally);
		// Steps of the golden ratio spread any number of sessions evenly.
		this.#nextPhase = (this.#nextPhase + 0.618_034) % 1;
		this.#loops.delete(name);
		this.#loops.set(name, loop);
		return loop;
	}
}

/**
 * Opens the sessions and keeps them alive.
 *
 * @throws OptionError for options that are not allowed, no session, a session without a name, or two of the same name.
 */
export function keepalive(sessions: readonly Session[], options: KeeperOptions = {}): Keeper {
	const keeper = new Keeper(sessions, options);
	keeper.start();
	return keeper;
}

function byName(sessions: readonly Session[]): ReadonlyMap<string, Session> {
	const invalid = (problem: string): OptionError => new OptionError("@x/keepalive", "sessions", problem);
	if (sessions.length === 0) throw invalid("must contain at least one session");
	const found = new Map<string, Session>();
	for (const session of sessions) {
		const { name } = session;
		if (typeof name !== "string" || name === "") throw invalid("must have a non-empty string as name of each session");
		if (found.has(name)) throw invalid(`must have different names, got "${name}" twice`);
		found.set(name, session);
	}
	return found;
}

/**
 * Stops loops in the reverse order of starting, within `ms` in total.
 *
 * Each stop begins when the one before has ended or used up its share of the time that is left; it then goes on in parallel,
 * so that a dead network takes no time away from the others. Until then a session is kept alive.
 */
async function stopInReverse(
	loops: readonly (readonly [name: string, loop: SessionLoop])[],
	orders: OrdersOnClose,
	ms: number,
): Promise<Readonly<Record<string, Closed>>> {
	const deadline = monotonicMs() + ms;
	const results: Promise<readonly [string, Closed]>[] = [];
	for (const [index, [name, loop]] of loops.toReversed().entries()) {
		const leftMs = Math.max(0, deadline - monotonicMs());
		const stopping = loop.stop(orders, leftMs);
		results.push(stopping.then((closed) => [name, closed] as const));
		const shareMs = leftMs / (loops.length - index);
		await withTimeout(shareMs, neverAborted, `stopping ${name}`, () => stopping).catch(() => undefined);
	}
	return Object.fromEntries(await Promise.all(results));
}
