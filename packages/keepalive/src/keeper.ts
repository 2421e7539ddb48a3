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

/**
 * Sessions that were opened together send their beats in this many groups: with a thousand sessions, a wake-up for each session would
 * cost twice as much.
 */
const phaseCount = 16;

/**
 * What a worker passes on between its keeper and the program's thread.
 *
 * @internal
 */
export interface RemoteKeeper {
	readonly stopTimeoutMs: number;
	readonly ordersOnDispose: OrdersOnClose;
	/** See {@link SessionLoop.inherit}. */
	inherit(session: string, limits: SessionLimits | "used-up", wasKilled: boolean): void;
	/** See {@link SessionLoop.limits}. */
	limits(session: string): SessionLimits;
	/** Sets the listener that is called when limits of a session have changed without a change of its status. */
	onLimitsUsed(listener: (session: string) => void): void;
	/** `toleranceMs` of the option `gate`, if that gate uses pulses. */
	readonly toleranceMs: number | undefined;
	/** Makes the gate read the pulses that another thread records. */
	followPulses(read: () => RemotePulse | undefined): void;
	/** See {@link SessionLoop.armedUntil}. */
	armedUntil(session: string): number;
	/** Milliseconds until the venue of a session allows a call again. */
	venueWaitMs(session: string): number;
	/** See {@link SessionLoop.provenUntil}. */
	provenUntil(session: string): number;
}

/**
 * Keeps several sessions alive, each in a loop of its own: a session that ends never ends another session. Made by {@link keepalive}.
 *
 * Works with `await using`: the end of the scope stops every session with `ordersOnDispose`.
 *
 * @typeParam Name - the names of the sessions: code that uses another name does not compile.
 */
export class Keeper<Name extends string = string> extends KeeperBase<Name> {
	readonly #options: ResolvedKeeperOptions;
	/** The gate of all sessions that no named gate contains. */
	readonly #gate: HealthGate;
	/** The gates of the option `gates`, by name. */
	readonly #gates = new Map<string, HealthGate>();
	/** The named gate of each session that has one, by the name of the session. */
	readonly #gateOf = new Map<string, HealthGate>();
	readonly #sessions: ReadonlyMap<string, Session>;
	/** The loop of each session, in the order in which the sessions were started. */
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
	 * Starts all sessions, or the session of the given name. A session that is running goes on unchanged. A session that was stopped or
	 * that failed for good is opened again, but only after a wait that the venue asked for and when the limit on openings allows it.
	 *
	 * @throws KeeperError (stopped) when the whole keeper was stopped or the session is closing; KeeperError (claimed) when another
	 * keeper runs one of the sessions. No session is started then. TypeError for an unknown name.
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
				// Moves the session to the end of the order of starting.
				this.#loops.delete(name);
				this.#loops.set(name, loop);
			}
			loop.start();
		}
	}

	/**
	 * Signals to the option `gate` that your program is healthy, or to one of `gates` that a part of your program is healthy. Cheap: it
	 * only records the time.
	 *
	 * Call it from the work that must not hang, not from a separate timer.
	 *
	 * @param gate - the name of one of `gates`. Default: the option `gate`.
	 * @param ageMs - how many milliseconds ago the program was healthy, for a pulse that arrives from elsewhere, such as from another
	 * machine. Default 0.
	 * @throws Error when the gate does not use pulses, or when the option `gate` is not set; TypeError for an unknown name, or an age
	 * that is not 0 or more.
	 */
	pulse(gate?: string, ageMs = 0): void {
		if (!(ageMs >= 0)) throw new TypeError(`@x/keepalive: the age of a pulse must be 0 or more, got ${ageMs}`);
		const found = gate === undefined ? this.#gate : this.#gates.get(gate);
		if (!found) throw new TypeError(`@x/keepalive: unknown gate: ${JSON.stringify(gate)}`);
		found.pulse(ageMs);
	}

	/**
	 * Tries now to open a session that is waiting or blocked, such as after a person has logged in or when the network is back.
	 * A wait that the venue asked for and the limit on openings still hold. Calls of `retry` are limited, too: three in a row,
	 * then one in 20 s.
	 *
	 * @returns milliseconds until the attempt; 0 also when the session is neither waiting nor blocked.
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
		// A program that shuts down no longer pulses, and its own choice for the orders wins over the gate.
		for (const gate of [this.#gate, ...this.#gates.values()]) gate.stop();
		if (this.#stopping) return this.#stopping;
		const { promise, resolve } = Promise.withResolvers<Readonly<Record<string, Closed>>>();
		// Set before anything is published, because a listener may stop the keeper, too.
		this.#stopping = promise;
		resolve(stopInReverse([...this.#loops], orders, timeoutMs).finally(() => this.endRecords()));
		return promise;
	}

	override async [Symbol.asyncDispose](): Promise<void> {
		await this.stop({ orders: this.#options.ordersOnDispose });
	}

	/**
	 * What a worker passes on between this keeper and the program's thread.
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
		throw new TypeError(`@x/keepalive: unknown session: ${JSON.stringify(session)}`);
	}

	/** @throws OptionError for a gate name that is used twice, and for a session that does not exist or that belongs to another gate. */
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

	/** The loop of a session, or a new loop if the session has stopped. */
	#loopToStart(name: string): SessionLoop {
		const loop = this.#loop(name);
		if (loop.isClosing) {
			const message = `start() failed: ${name} is closing. Wait until stop() has resolved, then try again.`;
			throw new KeeperError("stopped", message, { session: name });
		}
		return loop.tracker.state === "stopped" ? this.#makeLoop(name) : loop;
	}

	#makeLoop(name: string): SessionLoop {
		// The cast: every name is the name of a session.
		const session = this.#sessions.get(name) as Session;
		const gate = this.#gateOf.get(name) ?? this.#gate;
		const phase = Math.floor(this.#nextPhase * phaseCount) / phaseCount;
		const limitsUsed = (): void => this.#limitsUsed(name);
		const loop = new SessionLoop(session, this.#options, gate, this.#publish, phase, this.#loops.get(name), limitsUsed);
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

function isSession(value: unknown): value is Session {
	return (
		isObject(value) && [value["open"], value["beat"], value["close"]].every((method) => typeof method === "function")
	);
}

/** Claims the sessions of all loops, or claims no session when another keeper runs one of them. */
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
 * Each session is kept alive until its own stop begins: when the stop before has ended, or has used up its share of the time that is
 * left. A stop that has used up its share goes on in parallel, so that a dead network takes no time away from the other sessions.
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
