import { callSafely } from "@x/base/call-safely";
import { monotonicMs, neverAborted, sleep } from "@x/base/clock";
import { withoutUndefined } from "@x/base/objects";
import { TokenBucket, type TokenBucketOptions } from "@x/base/rate-limiter";
import { KeeperBase } from "../keeper-base.ts";
import { isKeeperError, KeeperError } from "../keeper-error.ts";
import { type Logger, safeLogger } from "../logger.ts";
import { checkStopOptions, type StopOptions } from "../options.ts";
import type { Closed } from "../session.ts";
import type { KeeperLimits } from "../session-limits.ts";
import { causeOf } from "../status/status.ts";
import { unknownName } from "../unknown-name-error.ts";
import { unknownClosed } from "./after-worker-death.ts";
import { unknownResult } from "./callable-worker-functions.ts";
import { KeptLimits } from "./limits-across-workers.ts";
import { maxSilenceMs } from "./shared-armed-state.ts";
import type { Request, WorkerStart } from "./thread-messages.ts";
import type { CallArguments, CallResult, CallsOf, ServedModule, SessionNameOf } from "./worker-module-types.ts";
import { type CallOptions, checkCallOptions, type WorkerDeath, type WorkerKeeperOptions } from "./worker-options.ts";
import { WorkerSessions } from "./worker-sessions.ts";
import { type ThreadListener, WorkerThread } from "./worker-thread.ts";

/** The maximum number of calls that may wait for their results at the same time. */
const maxCalls = 100;
const defaultCallMs = 10_000;
const defaultStartMs = 10_000;
const defaultRestart: TokenBucketOptions = Object.freeze({ burst: 3, everyMs: 3_600_000 });
/** How many milliseconds longer than a call's own deadline this thread waits for the worker's answer. */
const graceMs = 500;
/** Deadline of a request that the worker answers at once, in milliseconds. */
const requestMs = 5_000;
/** The shortest wait before a worker is restarted, in milliseconds. */
const minRestartMs = 100;
/** How often it is checked whether the worker hangs, in milliseconds. */
const hangCheckMs = 250;
/** A worker that hangs for this many milliseconds is ended. By then the venues have ended its sessions. */
const defaultMaxHangMs = 30_000;

/**
 * A keeper whose sessions run in a thread of their own: they stay alive while your program's thread is blocked. Made by
 * `keepaliveInWorker`. It has the methods of a `Keeper`; a method that needs an answer of the worker returns a promise.
 *
 * When the worker hangs or dies, no session is armed any longer: `isArmed()` returns false within half a second even if the worker
 * sends no message, and at once when the worker ends by an error or `process.exit()`.
 *
 * @typeParam Module - the type of the worker's module, `typeof import("./sessions.js")`: code that names a session or a function that
 * the module does not have does not compile.
 */
export class WorkerKeeper<Module extends ServedModule = ServedModule> extends KeeperBase<SessionNameOf<Module>> {
	readonly #url: URL;
	readonly #maxHangMs: number;
	readonly #options: WorkerKeeperOptions;
	readonly #logger: Logger | undefined;
	readonly #restarts: TokenBucket | undefined;
	readonly #sessions = new WorkerSessions({
		words: () => this.#thread?.words,
		noWorkerReason: () => this.#noThread.message,
		hasEnded: () => this.#ending.signal.aborted,
		publish: (record) => this.publish(record),
		forgetFatal: (session) => this.forgetFatal(session),
	});
	readonly #limits: KeptLimits;
	readonly #ending = new AbortController();
	/**
	 * Stop requests, by the name of the session, that came while no worker could receive them. A new worker gets the list of
	 * stopped sessions when it starts. Requests that come after this list are sent once the worker runs.
	 */
	readonly #missedStops = new Map<string, StopOptions>();
	#restarting: Promise<void> | undefined;
	/** The worker's thread; undefined while there is no worker. */
	#thread: WorkerThread | undefined;
	#noThread = new KeeperError("worker", "the worker was not started");
	/** When the program last called `pulse()`, on the monotonic clock. The start of the first worker counts as a call. */
	#lastPulseAt: number | undefined;
	#runningCalls = 0;
	#stopping: Promise<Readonly<Record<string, Closed>>> | undefined;

	/** @internal */
	constructor(url: URL, options: WorkerKeeperOptions, maxHangMs: number = defaultMaxHangMs) {
		super({
			names: () => this.#sessions.names(),
			current: (session) => this.#sessions.current(session),
			notArmedReason: (session) => this.#sessions.notArmedReason(session),
			lastError: (session) => this.#sessions.error(session),
			protection: (session) => this.#sessions.protection(session),
			now: () => Date.now(),
		});
		this.#url = url;
		this.#maxHangMs = maxHangMs;
		this.#options = options;
		const { restart, logger, limits = { sessions: {} } } = options;
		this.#limits = new KeptLimits(limits);
		this.#logger = logger && safeLogger(logger);
		if (restart) this.#restarts = new TokenBucket({ ...defaultRestart, ...withoutUndefined(restart) });
	}

	/** @internal */
	async open(): Promise<void> {
		await this.#startThread();
	}

	/**
	 * Signals that your program is healthy, for a keeper with the option `gate`. Cheap: it only writes the time to shared memory.
	 *
	 * Call it from the work that must not hang, not from a separate timer.
	 *
	 * @throws Error when the option `gate` is not set, or uses `isHealthy`.
	 */
	pulse(): void {
		const now = monotonicMs();
		const { words, hello } = this.#thread ?? {};
		if (words && hello) {
			const { toleranceMs } = hello;
			if (toleranceMs === undefined) {
				throw new Error("@x/keepalive: pulse() works only if the option gate is set and has no isHealthy");
			}
			// This thread decides whether the call came too late, because the worker may have been blocked together with this thread.
			words.recordPulse(now, now - (this.#lastPulseAt ?? now) >= toleranceMs);
		}
		this.#lastPulseAt = now;
	}

	/**
	 * Milliseconds since the worker's event loop was last seen running; undefined while there is no worker. The value is read from shared
	 * memory, which the worker writes every 50 ms.
	 */
	get workerSilentMs(): number | undefined {
		return this.#thread?.words.silentMs;
	}

	/**
	 * Calls a function of the worker, such as one that sends an order over a session's connection. At most 100 calls run at the
	 * same time.
	 *
	 * @throws KeeperError: `call-refused` when the function was not run; `call-failed` when the function threw; `call-unknown`
	 * when the deadline passed or the worker died, so that the function may have done its work. When the signal aborts: the
	 * signal's reason; in this case, too, the function may have done its work. OptionError for options that are not allowed;
	 * TypeError for an unknown name.
	 */
	async call<Name extends keyof CallsOf<Module> & string>(
		name: Name,
		...parameters: CallArguments<CallsOf<Module>[Name]>
	): Promise<CallResult<CallsOf<Module>[Name]>> {
		const [argument, options = {}]: [argument?: unknown, options?: CallOptions] = parameters;
		checkCallOptions(options);
		const { timeoutMs = defaultCallMs, signal = neverAborted } = options;
		const refused = (reason: string, cause?: unknown): KeeperError =>
			new KeeperError("call-refused", `call ${name} was not run: ${reason}`, { cause });
		signal.throwIfAborted();
		const thread = this.#thread;
		if (!thread) throw refused(causeOf(this.#noThread).message, this.#noThread);
		if (!thread.hello.calls.includes(name)) throw unknownName("call", name, thread.hello.calls);
		if (this.#runningCalls >= maxCalls) throw refused(`${maxCalls} calls are running, the maximum`);
		const deadline = monotonicMs() + timeoutMs;
		this.#runningCalls += 1;
		try {
			const request: Request = { name: "call", method: name, argument, deadline };
			// The cast is safe: the type of the worker's module says what the function returns.
			return (await thread.request(request, timeoutMs + graceMs, signal)) as CallResult<CallsOf<Module>[Name]>;
		} catch (error) {
			if (error instanceof DOMException && error.name === "DataCloneError") throw refused(error.message, error);
			if (signal.aborted || !isKeeperError(error) || error.kind.startsWith("call-")) throw error;
			throw unknownResult(name, error.message);
		} finally {
			this.#runningCalls -= 1;
		}
	}

	/**
	 * Makes the next attempt to open a session that is waiting or blocked come as soon as allowed; see `Keeper.retry`.
	 *
	 * @returns milliseconds until the attempt; 0 when the attempt is made now.
	 * @throws KeeperError (stopped) for a session that has stopped or is closing, (worker) when the worker does not answer; TypeError for
	 * an unknown name.
	 */
	async retry(session: SessionNameOf<Module>): Promise<number> {
		this.#sessions.index(session);
		// The cast is safe: the worker answers with the result of its keeper's retry().
		return (await this.#request({ name: "retry", session }, requestMs)) as number;
	}

	/**
	 * Starts all sessions that were stopped or failed for good, or only the session of the given name; see `Keeper.start`.
	 *
	 * @throws KeeperError (stopped) when the whole keeper was stopped or the session is closing, (worker) when the worker does not
	 * answer; TypeError for an unknown name.
	 */
	async start(session?: SessionNameOf<Module>): Promise<void> {
		if (session !== undefined) this.#sessions.index(session);
		if (this.#stopping) throw new KeeperError("stopped", "start() failed: this keeper was stopped. Make a new one.");
		const names = session === undefined ? [...this.#sessions.names()] : [session];
		if (this.#thread) for (const name of names) this.#sessions.hear(name);
		await this.#request({ name: "start", session }, requestMs);
		for (const name of names) this.#sessions.expect(name);
	}

	override async stop<Stopped extends SessionNameOf<Module> = SessionNameOf<Module>>(
		options: StopOptions<Stopped>,
	): Promise<Readonly<Record<Stopped, Closed>>> {
		checkStopOptions(options);
		const { session } = options;
		if (session !== undefined) {
			this.#sessions.index(session);
			this.#sessions.release(session);
			return this.#stopIn(options, [session]);
		}
		for (const name of this.#sessions.names()) this.#sessions.release(name);
		this.#stopping ??= this.#stopAll(options);
		return this.#stopping;
	}

	override async [Symbol.asyncDispose](): Promise<void> {
		await this.stop({ orders: this.#thread?.hello.ordersOnDispose ?? "cancel" });
	}

	async #stopAll(options: StopOptions): Promise<Readonly<Record<string, Closed>>> {
		const closed = await this.#stopIn(options, [...this.#sessions.names()]);
		// The results are taken from the answer, because the last status records may still be in the worker and are lost when it ends.
		for (const [name, result] of Object.entries(closed)) {
			if (this.#sessions.record(name).status.state === "stopped") continue;
			this.#sessions.setStatus(name, { state: "stopped", why: "asked", closed: result });
		}
		const reason = new KeeperError("stopped", "this keeper was stopped");
		this.#ending.abort(reason);
		const thread = this.#thread;
		this.#thread = undefined;
		this.#noThread = reason;
		await thread?.terminate(reason);
		// If a worker is starting, the signal ends that worker before it opens a session. Its end is awaited here.
		await this.#restarting;
		this.endRecords();
		return closed;
	}

	/** Stops sessions in the worker. Their results are `unknown` if the worker does not answer. Never rejects. */
	async #stopIn(options: StopOptions, names: readonly string[]): Promise<Readonly<Record<string, Closed>>> {
		try {
			// The cast is safe: the worker answers with the result of its keeper's stop().
			return (await this.#requestStop(options)) as Readonly<Record<string, Closed>>;
		} catch (error) {
			const results = names.map((name) => {
				const { status } = this.#sessions.record(name);
				if (status.state === "stopped") return [name, status.closed] as const;
				const closed = unknownClosed(causeOf(error).message, status);
				this.#sessions.stopUnanswered(name, closed);
				if (!this.#thread) this.#missedStops.set(name, { ...options, session: name });
				return [name, closed] as const;
			});
			return Object.fromEntries(results);
		}
	}

	#requestStop(options: StopOptions): Promise<unknown> {
		const ms = (options.timeoutMs ?? this.#thread?.hello.stopTimeoutMs ?? 0) + graceMs;
		return this.#request({ name: "stop", options }, ms);
	}

	#request(request: Request, ms: number): Promise<unknown> {
		return this.#thread ? this.#thread.request(request, ms) : Promise.reject(this.#noThread);
	}

	/** @throws KeeperError (worker) when the worker does not start. */
	async #startThread(): Promise<void> {
		const { thread: options = {}, startTimeoutMs = defaultStartMs } = this.#options;
		const { data } = this.#options;
		const lastPulseAt = this.#lastPulseAt;
		const given = {
			...this.#inherited(),
			data,
			forwardsLog: this.#logger !== undefined,
			...(lastPulseAt !== undefined && { lastPulseAt }),
		};
		const listener: ThreadListener = {
			onLog: ({ level, message, fields, dropped }) => {
				if (dropped > 0) this.#logger?.warn(`${dropped} log messages of the worker were dropped`);
				this.#logger?.[level](message, fields);
			},
			onServe: () => {
				this.#missedStops.clear();
				return this.#sessions.onServe();
			},
			onHello: ({ records }) => this.#sessions.onHello(records),
			onTallies: (tallies, { records }) => this.#sessions.onTallies(records, tallies),
			onRecord: (record, error) => this.#sessions.onRecord(record, error),
			onLimits: (limits, at) => this.#onLimits(this.#limits.add(limits, at)),
			onDeath: (error) => {
				if (this.#thread) this.#onDeath(error);
			},
		};
		const { signal } = this.#ending;
		const thread = await WorkerThread.start(this.#url, options, startTimeoutMs, given, listener, signal);
		if (signal.aborted) await thread.terminate(this.#noThread);
		thread.ended.throwIfAborted();
		this.#lastPulseAt ??= monotonicMs();
		this.#thread = thread;
		// Nobody waits for the answers to these requests, because each caller of stop() has already received its result.
		for (const missed of this.#missedStops.values()) void this.#requestStop(missed).catch(() => undefined);
		this.#missedStops.clear();
		void this.#watchForHang(thread);
	}

	/** How much of the limits earlier workers, and an earlier run of the program, have used. A new worker continues from there. */
	#inherited(): Pick<WorkerStart, "inherited" | "wasKilled"> {
		const { current } = this.#limits;
		if (current === "used-up") return { inherited: "used-up", wasKilled: false };
		const { sessions, wasKilled = false } = current;
		return { inherited: sessions, wasKilled };
	}

	#onLimits(limits: KeeperLimits): void {
		callSafely(
			() => this.#options.onLimitsUsed?.(limits),
			(error) => this.#logger?.warn(`onLimitsUsed() failed: ${causeOf(error).message}`),
		);
	}

	#onDeath(error: KeeperError): void {
		const { words } = this.#thread ?? {};
		for (const name of this.#sessions.names()) {
			// The wait is read from shared memory, because the last message of the worker may be older than the wait.
			if (words) this.#limits.addVenueWait(name, words.venueWaitMs(this.#sessions.index(name)));
		}
		this.#thread = undefined;
		this.#noThread = error;
		const mustGoOn = this.#sessions.loseAll(error);
		const restarts = !this.#stopping && mustGoOn ? this.#restarts : undefined;
		this.#reportDeath(restarts ? { error, restartInMs: Math.max(minRestartMs, restarts.waitMs) } : { error });
		if (this.#stopping) return;
		if (restarts) this.#restarting = this.#restart(restarts, error);
		else this.#sessions.failForGood(error);
	}

	#reportDeath(death: WorkerDeath): void {
		callSafely(
			() => this.#options.onWorkerDeath?.(death),
			(error) => this.#logger?.warn(`onWorkerDeath() failed: ${causeOf(error).message}`),
		);
	}

	async #restart(restarts: TokenBucket, error: KeeperError): Promise<void> {
		const { signal } = this.#ending;
		this.#sessions.announceRestart(minRestartMs, "backoff", error);
		await sleep(minRestartMs, signal);
		for (let ms = restarts.tryAcquire(); ms > 0 && !signal.aborted; ms = restarts.tryAcquire()) {
			this.#sessions.announceRestart(ms, "restart-limit", error);
			await sleep(ms, signal);
		}
		if (this.#stopping) return;
		try {
			await this.#startThread();
		} catch (failed) {
			if (this.#stopping) return;
			// The cast is safe: `#startThread()` throws no other errors.
			return this.#onDeath(failed as KeeperError);
		}
	}

	/** Publishes a status when the worker hangs, and again when the worker goes on. Ends a worker that hangs for too long. */
	async #watchForHang(thread: WorkerThread): Promise<void> {
		let checks = 0;
		while (!thread.ended.aborted) {
			const isSilent = thread.words.silentMs >= maxSilenceMs;
			this.#sessions.reportHang(isSilent);
			// Checks are counted, not milliseconds: if this thread was blocked or the machine was suspended, that time must not count
			// as a hang of the worker.
			checks = isSilent ? checks + 1 : 0;
			if (checks * hangCheckMs >= this.#maxHangMs) {
				const error = new KeeperError("worker", `the worker has hung for ${this.#maxHangMs} ms and was ended`);
				void thread.terminate(error);
				this.#onDeath(error);
			}
			await sleep(hangCheckMs, thread.ended);
		}
	}
}
