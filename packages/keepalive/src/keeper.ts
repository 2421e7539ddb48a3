import { monotonicMs, neverAborted } from "@x/base/clock";
import { OptionError } from "@x/base/errors";
import { isObject } from "@x/base/objects";
import { withTimeout } from "./deadline.ts";
import { KeeperBase } from "./keeper-base.ts";
import { KeeperError } from "./keeper-error.ts";
import { HealthGate, type NamedGateOptions, type RemotePulse } from "./loop/health-gate.ts";
import { SessionLoop } from "./loop/session-loop.ts";
import {
	checkStopOptions,
	type KeeperOptions,
	type ResolvedKeeperOptions,
	resolveOptions,
	type StopOptions,
} from "./options.ts";
import type { Closed, OrdersOnClose, Session } from "./session.ts";
import type { SessionLimits } from "./session-limits.ts";
import { logStatus } from "./status/log-status.ts";
import type { StatusRecord } from "./status/status.ts";
import { unknownName } from "./unknown-name-error.ts";

/**
 * Sessions that were opened together send their beats in this many groups. If the keeper woke up for each of a thousand sessions
 * separately, the beats would cost twice as much.
 */
const phaseCount = 16;

/**
 * Used only by `serveKeeper`, which runs the keeper in a worker for a program in another thread.
 *
 * @internal
 */
export interface RemoteKeeper {
	readonly stopTimeoutMs: number;
	readonly ordersOnDispose: OrdersOnClose;
	/** Makes a session continue with limits that were used before. See {@link SessionLoop.inherit}. */
	inherit(session: string, limits: SessionLimits | "used-up", wasKilled: boolean): void;
	/** How much of its limits a session has used. See {@link SessionLoop.limits}. */
	limits(session: string): SessionLimits;
	/**
	 * Sets the function that is called when the used limits of a session have changed but its status has not. The limits change
	 * after an attempt, and when the venue asks for a wait.
	 */
	onLimitsUsed(listener: (session: string) => void): void;
	/**
	 * `toleranceMs` of the option `gate`; undefined if there is no such gate, or if the gate uses `isHealthy` instead of
	 * `pulse()`.
	 */
	readonly toleranceMs: number | undefined;
	/** Makes the option `gate` use the calls of `pulse()` that another thread records. */
	followPulses(read: () => RemotePulse | undefined): void;
	/** The time up to which a session is armed, on the monotonic clock. See {@link SessionLoop.armedUntil}. */
	armedUntil(session: string): number;
	/** Milliseconds until the venue of a session allows a call again; 0 when it allows one now. */
	venueWaitMs(session: string): number;
	/**
	 * The time up to which the last acknowledged beat proves a session alive, on the monotonic clock. See
	 * {@link SessionLoop.provenUntil}.
	 */
	provenUntil(session: string): number;
}

/**
 * Keeps several sessions alive. Each session has its own loop, so that the end of one session never ends another. Made by
 * {@link keepalive}.
 *
 * Works with `await using`: the end of the scope stops every session, with the option `ordersOnDispose` for the working orders.
 *
 * @typeParam Name - the names of the sessions: code that uses another name does not compile.
 */
export class Keeper<Name extends string = string> extends KeeperBase<Name> {
	readonly #options: ResolvedKeeperOptions;
	/** The health gate of all sessions that belong to no named gate. */
	readonly #gate: HealthGate;
	/** The health gates of the option `gates`, by their names. */
	readonly #gates = new Map<string, HealthGate>();
	/** The named health gate of each session that belongs to one, by the name of the session. */
	readonly #gateOf = new Map<string, HealthGate>();
	readonly #sessions: ReadonlyMap<string, Session>;
	/** The loop that keeps each session alive, in the order in which the sessions were started. */
	readonly #loops = new Map<string, SessionLoop>();
	readonly #publish = (record: StatusRecord): void => {
		const { logger } = this.#options;
		if (logger) logStatus(logger, record);
		this.publish(record);
	};
	#nextPhase = 0;
	#limitsUsed: (session: string) => void = () => undefined;
	#stopping: Promise<Readonly<Record<string, Closed>>> | undefined;

	constructor(sessions: readonly Session[], options: KeeperOptions) {
		super({
			names: () => this.#loops.keys(),
			current: (session) => this.#loop(session).current(),
			notArmedReason: (session) => this.#loop(session).notArmedReason(),
			lastError: (session) => this.#loop(session).tracker.lastError,
			protection: (session) => this.#loop(session).protection(),
			now: () => this.#options.now(),
		});
		this.#options = resolveOptions(options);
		this.#gate = new HealthGate(this.#options.gate, this.#options);
		this.#sessions = byName(sessions);
		for (const gate of this.#options.gates) this.#addGate(gate);
		for (const name of this.#sessions.keys()) this.#loops.set(name, this.#makeLoop(name));
	}

	/**
	 * Starts all sessions, or the session of the given name. A session that is running goes on unchanged. A session that was
	 * stopped or that failed for good is opened again, but only after a wait that the venue asked for, and only when the option
	 * `restarts` allows it.
	 *
	 * @throws KeeperError (stopped) when the whole keeper was stopped or the session is closing; KeeperError (claimed) when
	 * another keeper runs one of the sessions. In these cases no session is started. TypeError for an unknown name.
	 */
	start(session?: Name): void {
		if (this.#stopping) throw new KeeperError("stopped", "start() failed: this keeper was stopped. Make a new one.");
		const names = session === undefined ? [...this.#loops.keys()] : [session];
		const loops = names.map((name) => this.#loopToStart(name));
		claimAll(loops);
		for (const gate of [this.#gate, ...this.#gates.values()]) gate.start();
		for (const loop of loops) {
			const { session: name } = loop.tracker;
			if (loop !== this.#loops.get(name)) {
				this.forgetFatal(name);
				// The session is moved to the end of the order of starting.
				this.#loops.delete(name);
				this.#loops.set(name, loop);
			}
			loop.start();
		}
	}

	/**
	 * Tells the keeper that your program is healthy. Without a name, the call counts for the option `gate`; with the name of one
	 * of `gates`, only for that gate. Cheap: the call only records the time.
	 *
	 * Call it from the work that must not hang, not from a separate timer.
	 *
	 * @param gate - the name of one of `gates`. Default: the option `gate`.
	 * @param ageMs - how many milliseconds ago the program was healthy, for a health signal that arrives from elsewhere, such as
	 * from another machine. Default 0.
	 * @throws Error when the gate uses `isHealthy`, or when the option `gate` is not set; TypeError for an unknown name, or an age
	 * that is not 0 or more.
	 */
	pulse(gate?: string, ageMs = 0): void {
		if (!(ageMs >= 0)) throw new TypeError(`@x/keepalive: pulse() failed: ageMs must be 0 or more, got ${ageMs}`);
		const found = gate === undefined ? this.#gate : this.#gates.get(gate);
		if (!found) throw unknownName("gate", String(gate), this.#gates.keys());
		found.pulse(ageMs);
	}

	/**
	 * Makes the next attempt to open a session that is waiting or blocked come as soon as allowed, such as after a person has
	 * logged in or when the network is back. A wait that the venue asked for and the option `restarts` still delay the attempt.
	 * Calls of `retry` are limited as well: three attempts in a row, then one in 20 s.
	 *
	 * @returns milliseconds until the attempt; 0 when the attempt is made now. Also 0 when the session is neither waiting nor
	 * blocked: then `retry` does nothing.
	 * @throws KeeperError (stopped) for a session that has stopped or is closing; TypeError for an unknown name.
	 */
	retry(session: Name): number {
		return this.#loop(session).retry();
	}

	override async stop<Stopped extends Name = Name>(
		options: StopOptions<Stopped>,
	): Promise<Readonly<Record<Stopped, Closed>>> {
		checkStopOptions(options);
		const { orders, session, timeoutMs = this.#options.stopTimeoutMs } = options;
		if (session !== undefined) return stopInReverse([[session, this.#loop(session)]], orders, timeoutMs);
		// The gates stop first, because a program that shuts down no longer calls `pulse()`. From now on, only the options of
		// `stop()` decide what happens to the orders.
		for (const gate of [this.#gate, ...this.#gates.values()]) gate.stop();
		if (this.#stopping) return this.#stopping;
		const { promise, resolve } = Promise.withResolvers<Readonly<Record<string, Closed>>>();
		// The promise is stored before anything is published, because a listener may call stop() as well.
		this.#stopping = promise;
		resolve(stopInReverse([...this.#loops], orders, timeoutMs).finally(() => this.endRecords()));
		return promise;
	}

	override async [Symbol.asyncDispose](): Promise<void> {
		await this.stop({ orders: this.#options.ordersOnDispose });
	}

	/**
	 * Used only by `serveKeeper`, which runs this keeper in a worker for a program in another thread.
	 *
	 * @internal
	 */
	get remote(): RemoteKeeper {
		const { gate, stopTimeoutMs, ordersOnDispose } = this.#options;
		return {
			stopTimeoutMs,
			ordersOnDispose,
			toleranceMs: gate && !gate.isHealthy ? gate.toleranceMs : undefined,
			followPulses: (read) => this.#gate.followPulses(read),
			inherit: (session, limits, wasKilled) => this.#loop(session).inherit(limits, wasKilled),
			limits: (session) => this.#loop(session).limits,
			onLimitsUsed: (listener) => {
				this.#limitsUsed = listener;
			},
			armedUntil: (session) => this.#loop(session).armedUntil(),
			venueWaitMs: (session) => this.#loop(session).venueWaitMs,
			provenUntil: (session) => this.#loop(session).provenUntil(),
		};
	}

	#loop(session: string): SessionLoop {
		const loop = this.#loops.get(session);
		if (loop) return loop;
		throw unknownName("session", session, this.#loops.keys());
	}

	/**
	 * @throws OptionError when two gates have the same name, when the gate names a session that does not exist, or when it names a
	 * session that already has a gate.
	 */
	#addGate(options: NamedGateOptions): void {
		const { name, sessions } = options;
		const invalid = (problem: string): OptionError => new OptionError("@x/keepalive", "gates", problem);
		if (this.#gates.has(name)) throw invalid(`must have different names, got "${name}" twice`);
		const gate = new HealthGate(options, this.#options);
		this.#gates.set(name, gate);
		for (const session of sessions) {
			if (!this.#sessions.has(session)) throw invalid(`must name sessions of this keeper, got "${session}"`);
			if (this.#gateOf.has(session)) throw invalid(`must name each session once, got "${session}" twice`);
			this.#gateOf.set(session, gate);
		}
	}

	/** The loop that keeps a session alive. A session that has stopped gets a new loop. */
	#loopToStart(name: string): SessionLoop {
		const loop = this.#loop(name);
		if (loop.isClosing) {
			const message = `start() failed: ${name} is closing. Wait until stop() has resolved, then try again.`;
			throw new KeeperError("stopped", message, { session: name });
		}
		return loop.tracker.state === "stopped" ? this.#makeLoop(name) : loop;
	}

	#makeLoop(name: string): SessionLoop {
		// The cast is safe: every name that is passed here is the name of a session.
		const session = this.#sessions.get(name) as Session;
		const gate = this.#gateOf.get(name) ?? this.#gate;
		const phase = Math.floor(this.#nextPhase * phaseCount) / phaseCount;
		const limitsUsed = (): void => this.#limitsUsed(name);
		const loop = new SessionLoop(session, this.#options, gate, this.#publish, phase, this.#loops.get(name), limitsUsed);
		// Steps by the golden ratio spread any number of sessions evenly over the interval between two beats.
		this.#nextPhase = (this.#nextPhase + 0.618_034) % 1;
		return loop;
	}
}

/**
 * Opens the sessions and keeps them alive.
 *
 * @throws OptionError for options that are not allowed, for an empty list of sessions, and for a session without a name or with
 * the name of another session; KeeperError (claimed) for a session that another keeper runs.
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

function isSession(value: unknown): value is Session {
	return (
		isObject(value) && [value["open"], value["beat"], value["close"]].every((method) => typeof method === "function")
	);
}

/** Claims the sessions of all loops for this keeper. When another keeper runs one of the sessions, claims none of them. */
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
 * Stops sessions in the reverse order of starting, within `ms` milliseconds in total.
 *
 * The sessions are stopped one after another, and a session stays alive until its turn. Before each stop, the time that is left is
 * divided equally among the sessions that are not stopped yet. If a stop does not end within its share, it goes on in parallel while
 * the next session is stopped, so that a dead network takes no time away from the other sessions.
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
