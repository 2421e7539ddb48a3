import type { MessagePort } from "node:worker_threads";
import { isMainThread, workerData } from "node:worker_threads";
import { neverAborted, sleep } from "@x/base/clock";
import { OptionError } from "@x/base/errors";
import type { Instant } from "@x/base/instant";
import { isObject, ownMember } from "@x/base/objects";
import { Keeper, type RemoteKeeper } from "../keeper.ts";
import type { RemotePulse } from "../loop/health-gate.ts";
import type { KeeperOptions } from "../options.ts";
import type { Session } from "../session.ts";
import { causeOf, type StatusRecord } from "../status/status.ts";
import { type CallFunctions, Calls, unknownResult } from "./callable-worker-functions.ts";
import { LimitsOutbox } from "./limits-outbox.ts";
import { logOutbox } from "./log-outbox.ts";
import { packError } from "./packed-error.ts";
import { ReaderClock } from "./program-clock-estimate.ts";
import { refreshMs, SharedArmedState } from "./shared-armed-state.ts";
import { RecordOutbox } from "./status-record-outbox.ts";
import {
	type BeatNews,
	type FromWorker,
	type Request,
	startKey,
	type ToWorker,
	type WorkerStart,
} from "./thread-messages.ts";

/** Options of {@link serveKeeper}: the options of the keeper, and the functions that the program may call. */
export interface ServeOptions<Functions extends CallFunctions = CallFunctions> extends KeeperOptions {
	/**
	 * Functions that the program calls with `keeper.call(name, argument)`, such as one that sends an order over a session's
	 * connection. Each function gets its argument and `{ signal }`. Default: none.
	 */
	readonly calls?: Functions;
}

/**
 * A keeper in its worker. It is the default export of the worker's module, and its type tells the program which sessions and
 * functions there are.
 */
export interface ServedKeeper<Name extends string = string, Functions extends CallFunctions = CallFunctions> {
	readonly keeper: Keeper<Name>;
	readonly calls: Functions;
}

/**
 * Opens the sessions and keeps them alive in this worker, for the program that started it with {@link keepaliveInWorker}. To be
 * called once, in the module of the worker:
 *
 *     export default serveKeeper([session], { calls: { buy } });
 *
 * @throws OptionError for options that are not allowed, and when it is not called in a worker that `keepaliveInWorker` has started.
 */
export function serveKeeper<
	const Sessions extends readonly Session[],
	const Functions extends CallFunctions = Readonly<Record<never, never>>,
>(sessions: Sessions, options: ServeOptions<Functions> = {}): ServedKeeper<Sessions[number]["name"], Functions> {
	const start = takeStart();
	// The cast is safe: the default of the type parameter is the type of the default value.
	const { calls = {} as Functions, ...keeperOptions } = options;
	checkCalls(calls);
	// If `sessions` is not an array, 0 is used here. The keeper that is made below then throws an error.
	const words = new SharedArmedState(Array.isArray(sessions) ? sessions.length : 0, start.origin);
	const post = (message: FromWorker): void => start.port.postMessage(message);
	const logger = start.forwardsLog && { logger: logOutbox(words, post) };
	const keeper = new Keeper<Sessions[number]["name"]>(sessions, { ...logger, ...keeperOptions });
	new KeeperServer(keeper, new Calls(calls), start, words, post).start();
	return { keeper, calls };
}

/**
 * Returns a copy of what the program has passed as `data` to {@link keepaliveInWorker}. For the module of the worker.
 *
 * @typeParam Data - the type of the data that the program passes. The data is not checked.
 * @throws OptionError when it is not called in a worker that `keepaliveInWorker` has started.
 */
export function workerInput<Data = unknown>(): Data {
	// The cast is not checked: the caller says what type of data its program passes.
	return startOf("workerInput").data as Data;
}

let served: WorkerStart | undefined;

/** Returns what the program has passed to this worker. Throws at a second call. */
function takeStart(): WorkerStart {
	const start = startOf("serveKeeper");
	if (served === start)
		throw new OptionError("@x/keepalive", "", "serveKeeper() failed: it was called twice in one worker");
	served = start;
	return start;
}

function startOf(caller: string): WorkerStart {
	const start: unknown = isMainThread || !isObject(workerData) ? undefined : workerData[startKey];
	// The cast is safe: only keepaliveInWorker() of this package sets this property.
	if (start) return start as WorkerStart;
	const problem = `${caller}() failed: it must be called in a worker that keepaliveInWorker() has started`;
	throw new OptionError("@x/keepalive", "", problem);
}

function checkCalls(calls: unknown): void {
	const isValid = isObject(calls) && Object.values(calls).every((call) => typeof call === "function");
	if (!isValid) throw new OptionError("@x/keepalive", "calls", "must be an object of functions");
}

/** The totals of beats and losses are sent to the program once in this many refreshes of the shared memory. */
const talliesEvery = 10;
/** All limits are sent to the program once in this many refreshes of the shared memory, and after each change. */
const limitsEvery = 200;

/** Connects a keeper with the program's thread: by values in shared memory, and by messages for records and requests. */
class KeeperServer {
	readonly #keeper: Keeper;
	readonly #remote: RemoteKeeper;
	readonly #calls: Calls;
	readonly #port: MessagePort;
	readonly #start: WorkerStart;
	readonly #names: readonly string[];
	readonly #words: SharedArmedState;
	readonly #clock: ReaderClock;
	readonly #outbox: RecordOutbox;
	readonly #limits: LimitsOutbox;
	readonly #post: (message: FromWorker) => void;
	#pulse: number;
	#latePulses = 0;
	#sentTallies = 0;
	/**
	 * How many beats, losses and recoveries all sessions together had when their totals were last sent. The sum grows with every
	 * beat, so it shows whether there is something new to send.
	 */
	#sentTotal = 0;

	constructor(
		keeper: Keeper,
		calls: Calls,
		start: WorkerStart,
		words: SharedArmedState,
		post: (message: FromWorker) => void,
	) {
		const { port, origin } = start;
		this.#keeper = keeper;
		this.#remote = keeper.remote;
		this.#calls = calls;
		this.#port = port;
		this.#start = start;
		this.#names = Object.keys(keeper.snapshot());
		this.#words = words;
		this.#post = post;
		this.#clock = new ReaderClock(origin.monotonicMs, () => this.#post({ type: "clock" }));
		this.#outbox = new RecordOutbox(this.#words, this.#post);
		const now = (): Instant => ({ wallMs: Date.now(), monotonicMs: this.#clock.latest() });
		this.#limits = new LimitsOutbox(words, post, (session) => this.#remote.limits(session), now);
		this.#pulse = this.#words.pulse;
	}

	/**
	 * Asks the program for its clock, and opens the sessions once the program has answered. Until then, this worker's estimate of
	 * that clock is behind by as long as the worker took to load. The times that it writes would look too old to the program by as
	 * much.
	 */
	start(): void {
		this.#port.on("message", (message: ToWorker) => this.#onMessage(message));
		this.#clock.refine();
	}

	/** @param stopped - the names of the sessions that stay stopped. */
	#serve(stopped: readonly string[]): void {
		const { stopTimeoutMs, ordersOnDispose, toleranceMs, followPulses, onLimitsUsed } = this.#remote;
		const { inherited, wasKilled, lastPulseAt } = this.#start;
		if (toleranceMs !== undefined) {
			// Passes the age of the last `pulse()` on. Otherwise a new worker would open the sessions of a program that hangs.
			if (lastPulseAt !== undefined) {
				this.#words.recordPulse(lastPulseAt, this.#clock.now() - lastPulseAt >= toleranceMs);
			}
			followPulses(() => this.#readPulse());
		}
		// When this worker ends, it first writes to shared memory that no session is armed, because a message would arrive later.
		process.on("exit", () => {
			for (const index of this.#names.keys()) this.#write(index, Number.NEGATIVE_INFINITY);
			this.#limits.end();
		});
		for (const name of this.#names) {
			if (stopped.includes(name)) continue;
			const limits = inherited === "used-up" ? inherited : ownMember(inherited, name);
			// If there are no limits for a session, the earlier worker or program did not have this session, so it has used nothing.
			if (limits) this.#remote.inherit(name, limits, wasKilled);
			this.#keeper.start(name);
		}
		this.#words.recordTurn(this.#clock.now());
		this.#post({
			type: "hello",
			words: this.#words.buffer,
			records: Object.values(this.#keeper.snapshot()),
			calls: this.#calls.names,
			stopTimeoutMs,
			ordersOnDispose,
			toleranceMs,
		});
		let isReplaying = true;
		this.#keeper.onStatus((record) => {
			if (isReplaying) return;
			this.#write(this.#names.indexOf(record.session));
			this.#limits.push([record.session]);
			this.#outbox.push(record, this.#keeper.lastError(record.session));
		});
		isReplaying = false;
		onLimitsUsed((session) => this.#limits.push([session]));
		this.#limits.push(this.#names);
		void this.#keepRefreshing();
	}

	async #keepRefreshing(): Promise<void> {
		for (let turn = 1; ; turn += 1) {
			if (turn % talliesEvery === 0) this.#sendTallies();
			// All limits are sent again, because their times change when the wall clock is set.
			if (turn % limitsEvery === 0) this.#limits.push(this.#names);
			this.#limits.flush();
			for (const index of this.#names.keys()) this.#write(index);
			this.#words.recordTurn(this.#clock.now());
			this.#clock.refine();
			this.#outbox.flush();
			await sleep(refreshMs, neverAborted);
		}
	}

	/**
	 * Sends how many beats, losses and recoveries each session had, because a beat that changes no status causes no record. Sends
	 * nothing while the previous message with totals is on its way.
	 */
	#sendTallies(): void {
		const tallies = Object.values(this.#keeper.snapshot()).map(beatNewsOf);
		const total = tallies.reduce((sum, { tally }) => sum + tally.beats + tally.losses + tally.recoveries, 0);
		if (total === this.#sentTotal || this.#words.notReceived("tallies", this.#sentTallies) > 0) return;
		this.#sentTotal = total;
		this.#sentTallies = (this.#sentTallies + 1) | 0;
		this.#post({ type: "tallies", tallies });
	}

	/** Writes to shared memory how long a session stays armed, and how long its venue allows no call. */
	#write(index: number, armedUntil?: number): void {
		const remote = this.#remote;
		const name = this.#names[index];
		if (name === undefined) return;
		const until = this.#clock.fromOwn(armedUntil ?? remote.armedUntil(name));
		const now = this.#clock.now();
		this.#words.write(index, now, until, this.#clock.fromOwn(remote.provenUntil(name)));
		this.#words.writeVenueWait(index, now, remote.venueWaitMs(name));
	}

	/** The program's latest pulse; undefined if the program has not called `pulse()` since the last call of this function. */
	#readPulse(): RemotePulse | undefined {
		const { pulse, latePulses } = this.#words;
		if (pulse === this.#pulse) return undefined;
		const wasLate = latePulses !== this.#latePulses;
		this.#pulse = pulse;
		this.#latePulses = latePulses;
		return { ageMs: this.#words.pulseAgeMs(pulse, this.#clock.now()), wasLate };
	}

	#onMessage(message: ToWorker): void {
		switch (message.type) {
			case "clock":
				this.#clock.receive(message.at);
				break;
			case "serve":
				this.#serve(message.stopped);
				break;
			case "abort":
				this.#calls.abort(message.id);
				break;
			case "request":
				void this.#answer(message.id, message.request);
		}
	}

	/** Runs a request and sends the answer. Never rejects. */
	async #answer(id: number, request: Request): Promise<void> {
		try {
			const value = await this.#run(id, request);
			try {
				this.#post({ type: "reply", id, value });
			} catch (error) {
				const what = request.name === "call" ? request.method : request.name;
				throw unknownResult(what, `the result cannot be passed between threads: ${causeOf(error).message}`);
			}
		} catch (error) {
			this.#post({ type: "failed", id, error: packError(error) });
		}
	}

	async #run(id: number, request: Request): Promise<unknown> {
		switch (request.name) {
			case "stop":
				return this.#keeper.stop(request.options);
			case "start":
				return this.#keeper.start(request.session);
			case "retry":
				return this.#keeper.retry(request.session);
			case "call":
				return this.#calls.run(id, request.method, request.argument, request.deadline - this.#clock.now());
		}
	}
}

function beatNewsOf({ status, tally }: StatusRecord): BeatNews {
	if (status.state !== "alive" || status.protection.state !== "armed") return { tally };
	return { tally, verifiedAt: status.protection.verifiedAt };
}
