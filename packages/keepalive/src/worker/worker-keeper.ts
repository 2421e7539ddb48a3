import { monotonicMs, neverAborted, sleep } from "@x/base/clock";
import { TokenBucket, type TokenBucketOptions } from "@x/base/rate-limiter";
import { KeeperBase } from "../keeper-base.ts";
import { isKeeperError, KeeperError } from "../keeper-error.ts";
import { type Logger, safeLogger } from "../logger.ts";
import { checkStopOptions, type StopOptions } from "../options.ts";
import type { Closed, Protection } from "../session.ts";
import type { InheritedLimits, KeeperLimits } from "../session-limits.ts";
import { type ProtectionState, protectionOf } from "../status/protection-watch.ts";
import { type Cause, causeOf, type Status, type StatusRecord, type Tally } from "../status/status.ts";
import { protectionAfterDeath, sumOfTallies, unknownClosed } from "./after-worker.ts";
import { maxSilenceMs } from "./armed-words.ts";
import { unknownResult } from "./calls.ts";
import type { BeatNews, Request, WorkerStart } from "./messages.ts";
import type { CallArguments, CallResult, CallsOf, ServedModule, SessionNameOf } from "./served-module.ts";
import { type CallOptions, checkCallOptions, type WorkerDeath, type WorkerKeeperOptions } from "./worker-options.ts";
import { type Hello, WorkerThread } from "./worker-thread.ts";

/** Calls that may wait for their result at the same time. */
const maxCalls = 100;
const defaultCallMs = 10_000;
const defaultStartMs = 10_000;
const defaultRestart: TokenBucketOptions = Object.freeze({ burst: 3, everyMs: 3_600_000 });
/** The worker may need this long beyond its own deadline to answer. */
const graceMs = 500;
/** Deadline of a request that the worker answers at once. */
const requestMs = 5_000;
/** The shortest wait before a restart. */
const minRestartMs = 100;
/** How often a worker is checked for a hang. */
const hangCheckMs = 250;
/** A worker that hangs for so long is ended. Venues have given its sessions up by then. */
const defaultMaxHangMs = 30_000;

/**
 * A keeper whose sessions run in a thread of their own: they stay alive while your program's thread is blocked. Made by
 * `keepaliveInWorker`. It is asked like a `Keeper`; what needs the worker's answer returns a promise.
 *
 * When the worker hangs, or dies, no session is armed any longer: `isArmed()` says so within half a second without any message, and at
 * once when the worker ends by an error or `process.exit()`.
 *
 * @typeParam Module - the type of the worker's module, `typeof import("./sessions.js")`: names of sessions and functions that
 * it does not have do not compile.
 */
export class WorkerKeeper<Module extends ServedModule = ServedModule> extends KeeperBase<SessionNameOf<Module>> {
	readonly #url: URL;
	readonly #maxHangMs: number;
	readonly #options: WorkerKeeperOptions;
	readonly #logger: Logger | undefined;
	readonly #restarts: TokenBucket | undefined;
	/** The place of each session in shared memory. */
	readonly #indexes = new Map<string, number>();
	/** The latest record of each session, as its worker or its end reported it. */
	readonly #records = new Map<string, StatusRecord>();
	readonly #errors = new Map<string, Error>();
	/** The totals of each session in the workers before. */
	readonly #earlier = new Map<string, Tally>();
	/** Sessions that were stopped on request. */
	readonly #released = new Set<string>();
	/** The record that a session had when it was published as late, because its worker hangs. */
	readonly #reportedHangs = new Map<string, StatusRecord>();
	/** As the workers last said them; before that, as they were inherited. */
	#limits: InheritedLimits;
	readonly #ending = new AbortController();
	/** Undefined while there is no worker. */
	#thread: WorkerThread | undefined;
	#noThread = new KeeperError("worker", "the worker was not started");
	#lastPulse = Number.POSITIVE_INFINITY;
	#runningCalls = 0;
	#stopping: Promise<Readonly<Record<string, Closed>>> | undefined;

	/** @internal */
	constructor(url: URL, options: WorkerKeeperOptions, maxHangMs: number = defaultMaxHangMs) {
		super({
			names: () => this.#indexes.keys(),
			current: (session) => this.#current(session),
			notArmedReason: (session) => this.#notArmedReason(session),
			lastError: (session) => this.#errors.get(session),
			protection: (session) => this.#protection(session),
			now: () => Date.now(),
		});
		this.#url = url;
		this.#maxHangMs = maxHangMs;
		this.#options = options;
		const { restart, logger, limits = { sessions: {} } } = options;
		this.#limits = limits;
		this.#logger = logger && safeLogger(logger);
		if (restart) this.#restarts = new TokenBucket({ ...defaultRestart, ...withoutUndefined(restart) });
	}

	/** @internal */
	async open(): Promise<void> {
		await this.#startThread();
	}

	/**
	 * Signals that your program is healthy, for a keeper with the option `gate`. It only writes the time to shared memory.
	 *
	 * Call it from the work that must not hang, not from a separate timer.
	 *
	 * @throws Error when the keeper has no gate that uses pulses.
	 */
	pulse(): void {
		const thread = this.#thread;
		if (!thread) return;
		const { toleranceMs } = thread.hello;
		if (toleranceMs === undefined) {
			throw new Error("@x/keepalive: pulse() needs the option gate, without gate.isHealthy");
		}
		const now = monotonicMs();
		// The worker may have been blocked together with this thread, and not have seen that the tolerance was exceeded.
		thread.words.recordPulse(now, now - this.#lastPulse >= toleranceMs);
		this.#lastPulse = now;
	}

	/**
	 * Milliseconds since the worker's event loop was last seen turning; undefined while there is no worker. It is read from shared
	 * memory, which the worker writes every 50 ms.
	 */
	get workerSilentMs(): number | undefined {
		return this.#thread?.words.silentMs;
	}

	/**
	 * Calls a function of the worker, such as one that sends an order over a session's connection. At most 100 calls run at the
	 * same time.
	 *
	 * @throws KeeperError: `call-refused` when it was not run; `call-failed` when the function threw; `call-unknown` when it may
	 * have done its work, because the deadline passed or the worker died. The reason of the signal, after which it may have done its
	 * work too. OptionError for options that are not allowed; TypeError for an unknown name.
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
		if (!thread.hello.calls.includes(name)) throw new TypeError(`@x/keepalive: unknown call: ${JSON.stringify(name)}`);
		if (this.#runningCalls >= maxCalls) throw refused(`${maxCalls} calls are running`);
		const deadline = monotonicMs() + timeoutMs;
		this.#runningCalls += 1;
		try {
			const request: Request = { name: "call", method: name, argument, deadline };
			// The type of the worker's module says what its function returns.
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
	 * Tries to open a session now that is waiting or blocked; see `Keeper.retry`.
	 *
	 * @returns milliseconds until the attempt.
	 * @throws KeeperError (stopped) for a session that has stopped or is closing, (worker) when the worker does not answer;
	 * TypeError for an unknown name.
	 */
	async retry(session: SessionNameOf<Module>): Promise<number> {
		this.#index(session);
		// The worker answers with the result of its keeper.
		return (await this.#request({ name: "retry", session }, requestMs)) as number;
	}

	/**
	 * Starts all sessions, or one of them by name, that were stopped or failed for good; see `Keeper.start`.
	 *
	 * @throws KeeperError (stopped) when the whole keeper was stopped or the session is closing, (worker) when the worker does
	 * not answer; TypeError for an unknown name.
	 */
	async start(session?: SessionNameOf<Module>): Promise<void> {
		if (session !== undefined) this.#index(session);
		if (this.#stopping) throw new KeeperError("stopped", "start() failed: this keeper was stopped. Make a new one.");
		await this.#request({ name: "start", session }, requestMs);
		for (const name of session === undefined ? this.#indexes.keys() : [session]) this.#released.delete(name);
	}

	override async stop<Stopped extends SessionNameOf<Module> = SessionNameOf<Module>>(
		options: StopOptions<Stopped>,
	): Promise<Readonly<Record<Stopped, Closed>>> {
		checkStopOptions(options);
		const { session } = options;
		if (session !== undefined) {
			this.#index(session);
			this.#released.add(session);
			return this.#stopIn(options, [session]);
		}
		for (const name of this.#indexes.keys()) this.#released.add(name);
		this.#stopping ??= this.#stopAll(options);
		return this.#stopping;
	}

	override async [Symbol.asyncDispose](): Promise<void> {
		await this.stop({ orders: this.#thread?.hello.ordersOnDispose ?? "cancel" });
	}

	async #stopAll(options: StopOptions): Promise<Readonly<Record<string, Closed>>> {
		const closed = await this.#stopIn(options, [...this.#indexes.keys()]);
		const reason = new KeeperError("stopped", "this keeper was stopped");
		this.#ending.abort(reason);
		const thread = this.#thread;
		this.#thread = undefined;
		this.#noThread = reason;
		await thread?.terminate(reason);
		this.endRecords();
		return closed;
	}

	/** Stops in the worker. What it does not answer is unknown. Never rejects. */
	async #stopIn(options: StopOptions, names: readonly string[]): Promise<Readonly<Record<string, Closed>>> {
		const ms = (options.timeoutMs ?? this.#thread?.hello.stopTimeoutMs ?? 0) + graceMs;
		try {
			// The worker answers with the result of its keeper.
			return (await this.#request({ name: "stop", options }, ms)) as Readonly<Record<string, Closed>>;
		} catch (error) {
			const results = names.map((name) => {
				const { status } = this.#record(name);
				if (status.state === "stopped") return [name, status.closed] as const;
				const closed = unknownClosed(causeOf(error).message, status);
				this.#setStatus(name, { state: "stopped", why: "asked", closed });
				return [name, closed] as const;
			});
			return Object.fromEntries(results);
		}
	}

	#request(request: Request, ms: number): Promise<unknown> {
		return this.#thread ? this.#thread.request(request, ms) : Promise.reject(this.#noThread);
	}

	/** @throws KeeperError (worker) when the worker does not start. */
	async #startThread(): Promise<void> {
		const { thread: options = {}, startTimeoutMs = defaultStartMs } = this.#options;
		const { data } = this.#options;
		const given = { ...this.#inherited(), data, forwardsLog: this.#logger !== undefined };
		const thread = await WorkerThread.start(this.#url, options, startTimeoutMs, given, {
			onLog: ({ level, message, fields, dropped }) => {
				if (dropped > 0) this.#logger?.warn(`${dropped} log messages of the worker were left out`);
				this.#logger?.[level](message, fields);
			},
			onHello: (hello) => this.#onHello(hello),
			onTallies: (tallies, { records }) => this.#onTallies(records, tallies),
			onRecord: (record, error) => this.#onRecord(record, error),
			onLimits: (limits) => this.#onLimits(limits),
			onDeath: (error) => {
				if (this.#thread) this.#onDeath(error);
			},
		});
		thread.ended.throwIfAborted();
		this.#lastPulse = monotonicMs();
		this.#thread = thread;
		void this.#watchForHang(thread);
	}

	#onHello({ records }: Hello): KeeperError | undefined {
		const names = records.map(({ session }) => session);
		if (this.#indexes.size > 0 && names.join("\n") !== [...this.#indexes.keys()].join("\n")) {
			return new KeeperError("worker", "the worker has other sessions than the one before");
		}
		for (const [index, record] of records.entries()) {
			this.#indexes.set(record.session, index);
			if (this.#records.get(record.session)?.status.state === "stopped") continue;
			this.#onRecord(record, undefined);
		}
		return undefined;
	}

	#onRecord(record: StatusRecord, error: Error | undefined): void {
		if (this.#ending.signal.aborted) return;
		const { session, status } = record;
		const earlier = this.#earlier.get(session);
		if (earlier && status.state === "alive" && earlier.losses > earlier.recoveries) {
			this.#earlier.set(session, { ...earlier, recoveries: earlier.recoveries + 1 });
		}
		this.#set({ ...record, tally: sumOfTallies(this.#earlier.get(session), record.tally) }, error);
	}

	/** What a new worker must know of those before it, and of the program before this one. */
	#inherited(): Pick<WorkerStart, "inherited" | "wasKilled"> {
		if (this.#limits === "used-up") return { inherited: "used-up", wasKilled: false };
		const { sessions, wasKilled = false } = this.#limits;
		const stopped = [...this.#records].filter(([, { status }]) => status.state === "stopped");
		return { inherited: { ...sessions, ...Object.fromEntries(stopped.map(([name]) => [name, "stopped"])) }, wasKilled };
	}

	#onLimits(limits: KeeperLimits): void {
		// The first message is about every session. What a worker says is complete: it says so before it makes the attempt.
		this.#limits = { sessions: this.#limits === "used-up" ? limits : { ...this.#limits.sessions, ...limits } };
		try {
			this.#options.onLimitsUsed?.(this.#limits.sessions);
		} catch (error) {
			this.#logger?.warn(`onLimitsUsed() failed: ${causeOf(error).message}`);
		}
	}

	/** Totals that grew, and read-backs that were made, without a record. */
	#onTallies(records: Hello["records"], tallies: readonly BeatNews[]): void {
		for (const [index, { session }] of records.entries()) {
			const [record, news] = [this.#record(session), tallies[index]];
			if (!news || record.status.state === "stopped") continue;
			const status = withReadBack(record.status, news.verifiedAt);
			const updated = { ...record, status, tally: sumOfTallies(this.#earlier.get(session), news.tally) };
			this.#records.set(session, updated);
			if (this.#reportedHangs.get(session) === record) this.#reportedHangs.set(session, updated);
		}
	}

	/** Publishes a status that the worker can no longer report. */
	#setStatus(session: string, status: Status, error?: Error, lost = 0): void {
		const { tally } = this.#record(session);
		const record: StatusRecord = {
			type: "status",
			at: Date.now(),
			session,
			status,
			tally: { ...tally, losses: tally.losses + lost },
		};
		this.#set(record, error ?? this.#errors.get(session));
	}

	#set(record: StatusRecord, error: Error | undefined): void {
		const { session, status } = record;
		if (this.#records.get(session)?.status.state === "stopped" && status.state !== "stopped") this.forgetFatal(session);
		this.#records.set(session, record);
		if (error) this.#errors.set(session, error);
		else this.#errors.delete(session);
		this.publish(record);
	}

	#onDeath(error: KeeperError): void {
		this.#thread = undefined;
		this.#noThread = error;
		const running = [...this.#indexes.keys()].filter((name) => this.#record(name).status.state !== "stopped");
		for (const name of running) this.#loseWith(name, error);
		const restarts = !this.#stopping && running.some((name) => !this.#released.has(name)) ? this.#restarts : undefined;
		this.#reportDeath(restarts ? { error, restartInMs: Math.max(minRestartMs, restarts.waitMs) } : { error });
		if (this.#stopping) return;
		if (restarts) void this.#restart(restarts, error);
		else this.#failForGood(error);
	}

	#reportDeath(death: WorkerDeath): void {
		try {
			this.#options.onWorkerDeath?.(death);
		} catch (error) {
			this.#logger?.warn(`onWorkerDeath() failed: ${causeOf(error).message}`);
		}
	}

	/** The connections of a session have ended with its worker. */
	#loseWith(name: string, error: KeeperError): void {
		const { status } = this.#record(name);
		if (status.state === "alive" || status.state === "late") {
			const protection = protectionAfterDeath(status.protection);
			this.#setStatus(name, { state: "lost", protection, cause: { ...causeOf(error), kind: "worker" } }, error, 1);
		}
		this.#earlier.set(name, this.#record(name).tally);
	}

	async #restart(restarts: TokenBucket, error: KeeperError): Promise<void> {
		const { signal } = this.#ending;
		const cause = causeOf(error);
		this.#announceRestart(minRestartMs, "backoff", cause, error);
		await sleep(minRestartMs, signal);
		for (let ms = restarts.tryAcquire(); ms > 0 && !signal.aborted; ms = restarts.tryAcquire()) {
			this.#announceRestart(ms, "restart-limit", cause, error);
			await sleep(ms, signal);
		}
		if (this.#stopping) return;
		try {
			await this.#startThread();
		} catch (failed) {
			// It throws nothing else.
			return this.#onDeath(failed as KeeperError);
		}
		if (this.#stopping) await this.#thread?.terminate(new KeeperError("stopped", "this keeper was stopped"));
	}

	#announceRestart(ms: number, why: "backoff" | "restart-limit", cause: Cause, error: KeeperError): void {
		const until = Math.round(Date.now() + ms);
		for (const [name, { status }] of this.#records) {
			if (status.state === "stopped") continue;
			if (this.#released.has(name)) {
				const closed = unknownClosed(error.message, status);
				this.#setStatus(name, { state: "stopped", why: "asked", closed }, error);
			} else this.#setStatus(name, { state: "waiting", why, until, cause }, error);
		}
	}

	#failForGood(error: KeeperError): void {
		const cause = causeOf(error);
		for (const [name, { status }] of this.#records) {
			if (status.state === "stopped") continue;
			const closed = unknownClosed(error.message, status);
			const isAsked = this.#released.has(name);
			this.#setStatus(
				name,
				isAsked ? { state: "stopped", why: "asked", closed } : { state: "stopped", why: "fatal", cause, closed },
				error,
			);
		}
	}

	/** Publishes that a worker hangs and that it goes on, and ends one that hangs for too long. */
	async #watchForHang(thread: WorkerThread): Promise<void> {
		let checks = 0;
		while (!thread.ended.aborted) {
			const isSilent = thread.words.silentMs >= maxSilenceMs;
			for (const [name, record] of this.#records) this.#reportHang(name, record, isSilent);
			// Counted in checks: a blocked event loop or a suspended machine is not a hang of the worker.
			checks = isSilent ? checks + 1 : 0;
			if (checks * hangCheckMs >= this.#maxHangMs) {
				const error = new KeeperError("worker", `the worker has hung for ${this.#maxHangMs} ms and was ended`);
				void thread.terminate(error);
				this.#onDeath(error);
			}
			await sleep(hangCheckMs, thread.ended);
		}
	}

	#reportHang(session: string, record: StatusRecord, isSilent: boolean): void {
		const isReported = this.#reportedHangs.get(session) === record;
		if (record.status.state !== "alive" || isReported === isSilent) return;
		if (isSilent) this.#reportedHangs.set(session, record);
		else this.#reportedHangs.delete(session);
		this.publish({ ...this.#current(session), at: Date.now() });
	}

	#current(session: string): StatusRecord {
		const index = this.#index(session);
		const record = this.#record(session);
		const { status } = record;
		const thread = this.#thread;
		if (status.state !== "alive" || !thread) return record;
		const { silentMs } = thread.words;
		if (silentMs >= maxSilenceMs) {
			const cause = { name: "Stall", message: hangText(silentMs) };
			const isArmed = status.protection.state === "armed";
			const protection: Protection = isArmed ? { state: "unknown", reason: cause.message } : status.protection;
			const lostAt = Math.round(Date.now() + thread.words.provenForMs(index));
			return { ...record, status: { state: "late", protection, lostAt, cause } };
		}
		if (status.protection.state !== "armed" || thread.words.isArmed(index)) return record;
		const { hangMs: _, ...alive } = status;
		return { ...record, status: { ...alive, protection: { state: "unknown", reason: notReported } } };
	}

	#notArmedReason(session: string): string | undefined {
		const index = this.#index(session);
		const thread = this.#thread;
		if (thread?.words.isArmed(index)) return undefined;
		if (!thread) return this.#noThread.message;
		const { status } = this.#current(session);
		if (status.state === "late") return status.cause.message;
		if (status.state !== "alive") return `session is ${status.state}`;
		const { protection } = status;
		return protection.state === "armed" ? notReported : `protection is ${protection.state}: ${protection.reason}`;
	}

	#protection(session: string): ProtectionState {
		if (this.#released.has(session)) return { state: "released" };
		return protectionOf(this.#current(session).status);
	}

	/** @throws TypeError for an unknown name. */
	#index(session: string): number {
		const index = this.#indexes.get(session);
		if (index !== undefined) return index;
		throw new TypeError(`@x/keepalive: unknown session: ${JSON.stringify(session)}`);
	}

	#record(session: string): StatusRecord {
		const record = this.#records.get(session);
		if (record) return record;
		throw new TypeError(`@x/keepalive: unknown session: ${JSON.stringify(session)}`);
	}
}

/** A read-back that confirms the protection changes only its instant. */
function withReadBack(status: Status, verifiedAt: number | undefined): Status {
	if (verifiedAt === undefined || status.state !== "alive" || status.protection.state !== "armed") return status;
	return { ...status, protection: { ...status.protection, verifiedAt } };
}

const notReported = "the worker does not report it as armed";

function hangText(silentMs: number): string {
	return `the worker has not answered for ${Math.round(silentMs)} ms`;
}

function withoutUndefined(options: Partial<TokenBucketOptions>): Partial<TokenBucketOptions> {
	return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
