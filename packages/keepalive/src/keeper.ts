import { monotonicMs, neverAborted } from "@x/base/clock";
import { OptionError } from "@x/base/errors";
import { withTimeout } from "./deadline.ts";
import { KeeperError } from "./keeper-error.ts";
import { HealthGate } from "./loop/health-gate.ts";
import { SessionLoop } from "./loop/session-loop.ts";
import {
	checkReadyOptions,
	checkStopOptions,
	checkUnprotectedOptions,
	type KeeperOptions,
	type ReadyOptions,
	type ResolvedKeeperOptions,
	resolveOptions,
	type StopOptions,
	type UnprotectedOptions,
} from "./options.ts";
import { ready } from "./ready.ts";
import type { Closed, OrdersOnClose, Session } from "./session.ts";
import { logStatus } from "./status/log-status.ts";
import { type ProtectionListener, ProtectionWatch } from "./status/protection-watch.ts";
import type { StatusRecord } from "./status/status.ts";
import { StatusEmitter, type StatusListener } from "./status/status-emitter.ts";

/** Sessions that were opened together beat in this many groups: a wake-up for each of a thousand would cost twice as much. */
const phaseCount = 16;

/**
 * Keeps several sessions alive, each in a loop of its own: the end of one never ends another. Made by {@link keepalive}.
 *
 * Works with `await using`: the end of the scope stops every session with `ordersOnDispose`.
 *
 * @typeParam Name - the names of the sessions: a name that none of them has does not compile.
 */
export class Keeper<Name extends string = string> implements AsyncDisposable {
	readonly #options: ResolvedKeeperOptions;
	readonly #gate: HealthGate;
	readonly #sessions: ReadonlyMap<string, Session>;
	/** In the order of starting. */
	readonly #loops = new Map<string, SessionLoop>();
	readonly #emitter = new StatusEmitter((session) => this.#current(session));
	readonly #publish = (record: StatusRecord): void => this.#onRecord(record);
	readonly #watches = new Set<ProtectionWatch>();
	readonly #waitingForEnd = new Set<() => void>();
	#firstFatal: KeeperError | undefined;
	#nextPhase = 0;
	#stopping: Promise<Readonly<Record<string, Closed>>> | undefined;

	constructor(sessions: readonly Session[], options: KeeperOptions) {
		this.#options = resolveOptions(options);
		this.#gate = new HealthGate(this.#options.gate, this.#options);
		this.#sessions = byName(sessions);
		for (const name of this.#sessions.keys()) this.#loops.set(name, this.#makeLoop(name));
	}

	/**
	 * Starts all sessions, or one of them by name. A session that is running goes on. One that was stopped or that failed for
	 * good is opened again.
	 *
	 * @throws KeeperError (stopped) when the whole keeper was stopped or the session is closing, (claimed) when another keeper
	 * runs a session, and then none was started; TypeError for an unknown name.
	 */
	start(session?: Name): void {
		if (this.#stopping) throw new KeeperError("stopped", "start() failed: this keeper was stopped. Make a new one.");
		const names = session === undefined ? [...this.#loops.keys()] : [session];
		const loops = names.map((name) => this.#loopToStart(name));
		claimAll(loops);
		this.#gate.start();
		for (const loop of loops) {
			const { session: name } = loop.tracker;
			if (loop !== this.#loops.get(name)) {
				if (this.#firstFatal?.session === name) this.#firstFatal = undefined;
				// Last in the order of starting.
				this.#loops.delete(name);
				this.#loops.set(name, loop);
			}
			loop.start();
		}
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
	 * since, that the protection was read back as armed, that the session itself knows of no reason against it, and that the
	 * program is healthy. `requireArmed()` of a venue's session gives the same answer. A session without protection (IBKR) is
	 * never armed.
	 *
	 * @throws KeeperError (not-armed) that says why not, with the latest failure as its cause; TypeError for an unknown name.
	 */
	requireArmed(session: Name): void {
		const loop = this.#loop(session);
		const reason = loop.notArmedReason();
		if (reason === undefined) return;
		const cause = loop.tracker.lastError;
		throw new KeeperError("not-armed", `${session} is not armed: ${reason}`, { session, cause });
	}

	/**
	 * Whether the working orders of a session are proven to be protected right now. Like {@link requireArmed}, without an error.
	 *
	 * @throws TypeError for an unknown name.
	 */
	isArmed(session: Name): boolean {
		return this.#loop(session).notArmedReason() === undefined;
	}

	/** The current record of every session by name, checked against the clocks and the session now. */
	snapshot(): Readonly<Record<Name, StatusRecord>> {
		const records = this.#current().map((record) => [record.session, record]);
		// `fromEntries` loses the names: there is a record for every session.
		return Object.fromEntries(records) as Record<Name, StatusRecord>;
	}

	/**
	 * The current record of one session, checked against the clocks and the session now.
	 *
	 * @throws TypeError for an unknown name.
	 */
	current(session: Name): StatusRecord {
		return this.#loop(session).current();
	}

	/**
	 * Calls `listener` with the current record of every session, or of one by name, and then with every change. Exceptions are
	 * counted in {@link listenerFaults}; returned promises are not awaited.
	 *
	 * @returns a function that removes the listener.
	 * @throws TypeError for an unknown name.
	 */
	onStatus(listener: StatusListener, session?: Name): () => void {
		requireFunction("onStatus", listener);
		if (session !== undefined) this.#loop(session);
		return this.#emitter.listen(listener, session);
	}

	/**
	 * Calls `listener` when a session has been unprotected for `afterMs`, whatever the reason and from the start on, and again
	 * once it is protected. Protected means alive and armed; for a session without protection (IBKR), alive. A session that is
	 * stopped on request is not reported; one that ended for good is. Made for alerts: waking a person for each `lost` would
	 * wake them for nothing, and a session that never opened is never lost.
	 *
	 * @returns a function that removes the listener.
	 * @throws OptionError for options that are not allowed; TypeError for an unknown name.
	 */
	onUnprotected(options: UnprotectedOptions<Name>, listener: ProtectionListener): () => void {
		checkUnprotectedOptions(options);
		requireFunction("onUnprotected", listener);
		const { afterMs, session } = options;
		if (session !== undefined) this.#loop(session);
		const sessions = {
			names: () => (session === undefined ? this.#loops.keys() : [session]),
			protection: (name: string) => this.#loop(name).protection(),
			now: this.#options.now,
		};
		const watch = new ProtectionWatch(sessions, afterMs, listener, this.#emitter.countFault);
		if (this.#stopping) watch.end();
		const removeListener = this.#emitter.listen((record) => watch.check(record.session), session);
		this.#watches.add(watch);
		return () => {
			removeListener();
			watch.end();
			this.#watches.delete(watch);
		};
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
	 * @throws KeeperError: (not-ready) after `timeoutMs`, naming each session that is not alive and why; (stopped, fatal) when a
	 * session stops. The signal's reason; OptionError for options that are not allowed; TypeError for an unknown name.
	 */
	async ready(options: ReadyOptions<Name> = {}): Promise<void> {
		checkReadyOptions(options);
		return ready(
			this.#emitter,
			() => this.#current(options.session),
			(session) => this.#loop(session).tracker.lastError,
			options,
		);
	}

	/**
	 * Resolves once every session was stopped on request. For the end of a program: it returns or fails as the keeper does.
	 *
	 * @throws KeeperError (fatal) as soon as the first session ended for good, with its error as the cause.
	 */
	done(): Promise<void> {
		return new Promise((resolve, reject) => {
			const settle = (): void => {
				if (this.#firstFatal) reject(this.#firstFatal);
				else if (this.#hasEnded) resolve();
				else return;
				this.#waitingForEnd.delete(settle);
			};
			this.#waitingForEnd.add(settle);
			settle();
		});
	}

	/**
	 * Tries to open a session now that is waiting or blocked: a person has logged in, or the network is back. A wait that the
	 * venue asked for and a limit on openings are kept, and so is a limit of three such requests in a row, then one in 20 s.
	 *
	 * @returns milliseconds until the attempt; 0 also when the session is neither waiting nor blocked.
	 * @throws KeeperError (stopped) for a session that has stopped or is closing; TypeError for an unknown name.
	 */
	retry(session: Name): number {
		return this.#loop(session).retry();
	}

	/**
	 * Stops all sessions in the reverse order of starting, or one of them by name. Each result says what the venue will do
	 * with the orders; it is `unknown` for a session that was not closed in time. A second call returns the first result.
	 *
	 * @throws OptionError, with nothing stopped, for options that are not allowed; TypeError for an unknown name. It rejects for
	 * no other reason.
	 */
	async stop<Stopped extends Name = Name>(options: StopOptions<Stopped>): Promise<Readonly<Record<Stopped, Closed>>> {
		checkStopOptions(options);
		const { orders, session, timeoutMs = this.#options.stopTimeoutMs } = options;
		if (session !== undefined) return stopInReverse([[session, this.#loop(session)]], orders, timeoutMs);
		// A program that shuts down no longer pulses, and what it wants for the orders wins over the gate.
		this.#gate.stop();
		this.#stopping ??= stopInReverse([...this.#loops], orders, timeoutMs).finally(() => {
			for (const watch of this.#watches) watch.end();
			this.#emitter.end();
		});
		return this.#stopping;
	}

	/** Stops all sessions with `ordersOnDispose`. Called by `await using`. */
	async [Symbol.asyncDispose](): Promise<void> {
		await this.stop({ orders: this.#options.ordersOnDispose });
	}

	get #hasEnded(): boolean {
		return Array.from(this.#loops.values()).every(({ tracker }) => tracker.state === "stopped");
	}

	#onRecord(record: StatusRecord): void {
		const { session, status } = record;
		const { logger } = this.#options;
		if (logger) logStatus(logger, record);
		if (status.state === "stopped" && status.why === "fatal") {
			const cause = this.#loop(session).tracker.lastError;
			this.#firstFatal ??= new KeeperError("fatal", `${session} ended for good: ${status.cause.message}`, {
				session,
				cause,
			});
		}
		this.#emitter.publish(record);
		if (status.state === "stopped") for (const settle of this.#waitingForEnd) settle();
	}

	#current(session?: string): readonly StatusRecord[] {
		if (session !== undefined) return [this.#loop(session).current()];
		return Array.from(this.#loops.values(), (loop) => loop.current());
	}

	#loop(session: string): SessionLoop {
		const loop = this.#loops.get(session);
		if (loop) return loop;
		throw new TypeError(`@x/keepalive: unknown session: ${JSON.stringify(session)}`);
	}

	/** The loop of a session, or a new one if it has ended. */
	#loopToStart(name: string): SessionLoop {
		const loop = this.#loop(name);
		if (loop.isClosing) {
			const message = `start() failed: ${name} is closing. Wait until stop() has resolved, then try again.`;
			throw new KeeperError("stopped", message, { session: name });
		}
		return loop.tracker.state === "stopped" ? this.#makeLoop(name) : loop;
	}

	/** Makes a loop for a session. */
	#makeLoop(name: string): SessionLoop {
		// Every name comes from the sessions.
		const session = this.#sessions.get(name) as Session;
		const tally = this.#loops.get(name)?.current().tally;
		const phase = Math.floor(this.#nextPhase * phaseCount) / phaseCount;
		const loop = new SessionLoop(session, this.#options, this.#gate, this.#publish, phase, tally);
		// Steps of the golden ratio spread any number of sessions evenly.
		this.#nextPhase = (this.#nextPhase + 0.618_034) % 1;
		return loop;
	}
}

/**
 * Opens the sessions and keeps them alive.
 *
 * @throws OptionError for options that are not allowed, no session, a session without a name, or two of the same name;
 * KeeperError (claimed) for a session that another keeper runs.
 */
export function keepalive<const Sessions extends readonly Session[]>(
	sessions: Sessions,
	options: KeeperOptions = {},
): Keeper<Sessions[number]["name"]> {
	const keeper = new Keeper<Sessions[number]["name"]>(sessions, options);
	keeper.start();
	return keeper;
}

function byName(sessions: readonly Session[]): ReadonlyMap<string, Session> {
	const invalid = (problem: string): OptionError => new OptionError("@x/keepalive", "sessions", problem);
	if (!Array.isArray(sessions) || sessions.length === 0) throw invalid("must be an array of one or more sessions");
	const found = new Map<string, Session>();
	for (const [index, session] of sessions.entries()) {
		if (!isSession(session)) {
			throw new OptionError("@x/keepalive", `sessions[${index}]`, "must be a session, such as deribit({ … }) returns");
		}
		const { name } = session;
		if (typeof name !== "string" || name === "") throw invalid("must have a non-empty string as name of each session");
		if (found.has(name)) throw invalid(`must have different names, got "${name}" twice`);
		found.set(name, session);
	}
	return found;
}

function requireFunction(method: string, listener: unknown): void {
	if (typeof listener === "function") return;
	throw new TypeError(`@x/keepalive: ${method}() failed: the listener must be a function, got ${typeof listener}`);
}

function isSession(value: unknown): value is Session {
	if (typeof value !== "object" || value === null) return false;
	const { open, beat, close } = value as Partial<Session>;
	return [open, beat, close].every((method) => typeof method === "function");
}

/** Claims the sessions of all loops, or of none when one of them is run by another keeper. */
function claimAll(loops: readonly SessionLoop[]): void {
	const claimed: SessionLoop[] = [];
	try {
		for (const loop of loops) if (loop.claim()) claimed.push(loop);
	} catch (error) {
		for (const loop of claimed) loop.detach();
		throw error;
	}
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
