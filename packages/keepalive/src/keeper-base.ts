import { KeeperError } from "./keeper-error.ts";
import {
	checkReadyOptions,
	checkUnprotectedOptions,
	type ReadyOptions,
	type StopOptions,
	type UnprotectedOptions,
} from "./options.ts";
import { ready } from "./ready.ts";
import type { Closed } from "./session.ts";
import { type ProtectionRecord, ProtectionWatch, type WatchedSessions } from "./status/protection-watch.ts";
import type { StatusRecord } from "./status/status.ts";
import { StatusEmitter } from "./status/status-emitter.ts";

/**
 * What a keeper knows about its sessions, whether it runs them in this thread or in a worker. Each method throws TypeError for an
 * unknown name.
 */
export interface KnownSessions extends WatchedSessions {
	/** The current status record, checked against the clocks at the time of the call. */
	current(session: string): StatusRecord;
	/** Why an order must not be sent right now; undefined when the venue is proved to protect the working orders. */
	notArmedReason(session: string): string | undefined;
	/** The latest failure since the session was last alive. */
	lastError(session: string): unknown;
}

/**
 * The methods that every keeper has: a keeper that runs its sessions in this thread ({@link keepalive}) and a keeper that runs
 * them in a worker thread (`keepaliveInWorker` of `@x/keepalive/worker`).
 *
 * @typeParam Name - the names of the sessions: code that uses another name does not compile.
 */
export abstract class KeeperBase<Name extends string = string> implements AsyncDisposable {
	readonly #sessions: KnownSessions;
	readonly #emitter: StatusEmitter;
	readonly #watches = new Set<ProtectionWatch>();
	readonly #waitingForEnd = new Set<() => void>();
	#firstFatal: KeeperError | undefined;
	#hasStopped = false;

	/** @internal */
	constructor(sessions: KnownSessions) {
		this.#sessions = sessions;
		this.#emitter = new StatusEmitter((session) => this.#current(session));
	}

	/**
	 * Stops all sessions in the reverse order of starting, or only the session of the given name. Each result says what the
	 * venue will do with the working orders. The result is `unknown` for a session that was not closed in time. A second call
	 * returns the result of the first call.
	 *
	 * @throws OptionError for options that are not allowed, before anything is stopped; TypeError for an unknown name. `stop`
	 * rejects for no other reason.
	 */
	abstract stop<Stopped extends Name = Name>(options: StopOptions<Stopped>): Promise<Readonly<Record<Stopped, Closed>>>;

	/** Stops all sessions, with the option `ordersOnDispose` for the working orders. Called by `await using`. */
	abstract [Symbol.asyncDispose](): Promise<void>;

	/**
	 * Returns without an error if the working orders of a session are proven to be protected right now; throws otherwise. Call it
	 * before each order. It does not ask the venue. It requires all of the following:
	 *
	 * - The last acknowledged beat is recent by the monotonic clock and by the wall clock.
	 * - Neither the process nor the machine has stalled since that beat.
	 * - The venue confirmed the protection as armed when it was read back.
	 * - The session itself knows of no reason against an order.
	 * - The program is healthy.
	 *
	 * `requireArmed()` of a venue's session gives the same answer. A session without protection (IBKR) is never armed.
	 *
	 * @throws KeeperError (not-armed) that says why not, with the latest failure as its cause; TypeError for an unknown name.
	 */
	requireArmed(session: Name): void {
		const reason = this.#sessions.notArmedReason(session);
		if (reason === undefined) return;
		const cause = this.#sessions.lastError(session);
		throw new KeeperError("not-armed", `${session} is not armed: ${reason}`, { session, cause });
	}

	/**
	 * Whether the working orders of a session are proven to be protected right now. Like {@link requireArmed}, but returns false
	 * instead of throwing.
	 *
	 * @throws TypeError for an unknown name.
	 */
	isArmed(session: Name): boolean {
		return this.#sessions.notArmedReason(session) === undefined;
	}

	/**
	 * The current status record of every session, by name. Each call checks the clocks and the sessions, so a session whose last
	 * acknowledged beat has become too old is not shown as alive.
	 */
	snapshot(): Readonly<Record<Name, StatusRecord>> {
		const records = this.#current().map((record) => [record.session, record]);
		// The cast is safe: there is a record for every session. It is needed because `fromEntries` loses the type of the names.
		return Object.fromEntries(records) as Record<Name, StatusRecord>;
	}

	/**
	 * The current status record of one session. Each call checks the clocks and the session, so a session whose last acknowledged
	 * beat has become too old is not shown as alive.
	 *
	 * @throws TypeError for an unknown name.
	 */
	current(session: Name): StatusRecord {
		return this.#sessions.current(session);
	}

	/**
	 * Calls `listener` with the current status record of every session, or only of the session of the given name, and then with
	 * every change. Exceptions of the listener are counted in {@link listenerFaults}; promises that it returns are not awaited.
	 *
	 * @returns a function that removes the listener.
	 * @throws TypeError for an unknown name.
	 */
	onStatus(listener: (record: StatusRecord) => void, session?: Name): () => void {
		requireFunction("onStatus", listener);
		if (session !== undefined) this.#sessions.current(session);
		return this.#emitter.listen(listener, session);
	}

	/**
	 * Calls `listener` when a session has been unprotected for `afterMs`, for whatever reason, and again once the session is
	 * protected. A session is protected while it is alive and armed; a session without protection (IBKR), while it is alive.
	 *
	 * - A session that was never protected counts as unprotected.
	 * - A session that ended for good raises an alert.
	 * - A session that is stopped on request raises no alert. An alert that was raised before the stop lasts until the session is
	 *   protected again.
	 *
	 * Made for alerts that wake a person. Alerts on the status `lost` would wake a person for every short loss, and would miss a
	 * session that never opened.
	 *
	 * @returns a function that removes the listener.
	 * @throws OptionError for options that are not allowed; TypeError for an unknown name.
	 */
	onUnprotected(options: UnprotectedOptions<Name>, listener: (record: ProtectionRecord) => void): () => void {
		checkUnprotectedOptions(options);
		requireFunction("onUnprotected", listener);
		const { afterMs, session } = options;
		if (session !== undefined) this.#sessions.current(session);
		const sessions = session === undefined ? this.#sessions : { ...this.#sessions, names: () => [session] };
		const watch = new ProtectionWatch(sessions, afterMs, listener, this.#emitter.countFault);
		if (this.#hasStopped) watch.end();
		const removeListener = this.#emitter.listen((record) => watch.check(record.session), session);
		this.#watches.add(watch);
		return () => {
			removeListener();
			watch.end();
			this.#watches.delete(watch);
		};
	}

	/** How many calls of listeners threw or rejected. */
	get listenerFaults(): number {
		return this.#emitter.listenerFaults;
	}

	/**
	 * Iterates over the current status record of every session, and then over every change, until the keeper has stopped. At
	 * most 1 000 changes are buffered: when a consumer falls behind, the oldest changes are dropped and counted in `dropped`.
	 */
	records(): AsyncIterableIterator<StatusRecord> {
		return this.#emitter.iterate();
	}

	/**
	 * Resolves once all sessions are alive at the same time, or once the session of the given name is alive.
	 *
	 * @throws KeeperError (not-ready) after `timeoutMs`, naming each session that is not alive and why; KeeperError (stopped or
	 * fatal) when a session stops; the signal's reason when the option `signal` aborts; OptionError for options that are not
	 * allowed; TypeError for an unknown name.
	 */
	async ready(options: ReadyOptions<Name> = {}): Promise<void> {
		checkReadyOptions(options);
		return ready(
			this.#emitter,
			() => this.#current(options.session),
			(name) => this.#sessions.lastError(name),
			options,
		);
	}

	/**
	 * Resolves once every session was stopped on request. Await `done()` at the end of a program, so that the program ends when
	 * the keeper ends, and fails when the keeper fails.
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
	 * Passes a status record on to every listener.
	 *
	 * @internal
	 */
	publish(record: StatusRecord): void {
		const { session, status } = record;
		if (status.state === "stopped" && status.why === "fatal") {
			const cause = this.#sessions.lastError(session);
			this.#firstFatal ??= new KeeperError("fatal", `${session} ended for good: ${status.cause.message}`, {
				session,
				cause,
			});
		}
		this.#emitter.publish(record);
		if (status.state === "stopped") for (const settle of this.#waitingForEnd) settle();
	}

	/**
	 * The latest failure of a session since it was last alive.
	 *
	 * @internal
	 */
	lastError(session: string): unknown {
		return this.#sessions.lastError(session);
	}

	/**
	 * To be called when a session that had failed for good is started again: {@link done} then no longer rejects because of
	 * that failure.
	 *
	 * @internal
	 */
	forgetFatal(session: string): void {
		if (this.#firstFatal?.session === session) this.#firstFatal = undefined;
	}

	/**
	 * To be called when the whole keeper has stopped: no status record follows.
	 *
	 * @internal
	 */
	endRecords(): void {
		this.#hasStopped = true;
		for (const watch of this.#watches) watch.end();
		this.#emitter.end();
	}

	get #hasEnded(): boolean {
		return this.#current().every(({ status }) => status.state === "stopped");
	}

	#current(session?: string): readonly StatusRecord[] {
		const names = session === undefined ? this.#sessions.names() : [session];
		return Array.from(names, (name) => this.#sessions.current(name));
	}
}

function requireFunction(method: string, listener: unknown): void {
	if (typeof listener === "function") return;
	throw new TypeError(`@x/keepalive: ${method}() failed: the listener must be a function, got ${typeof listener}`);
}
