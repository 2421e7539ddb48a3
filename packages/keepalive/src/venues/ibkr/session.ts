import { monotonicMs } from "@x/base/clock";
import { createIbkrHttp, type IbkrConnection, type IbkrHttp, type IbkrPenaltyBox, isIbkrError } from "@x/ibkr-session";
import { type Logger, silentLogger } from "../../logger.ts";
import { runOnOpen } from "../../run-on-open.ts";
import type { Closed, Lease, OpenStep, OrdersOnClose, Session, SessionHost } from "../../session.ts";
import { reworded, type SessionError } from "../../session-error.ts";
import type { UsedLimits } from "../../session-limits.ts";
import {
	LoginNeededError,
	notOpen,
	SessionLostError,
	superseded,
	toSessionError,
	withExpectation,
} from "./error-disposition.ts";
import type { LoginAccounts } from "./expected-login.ts";
import { protection } from "./exposure.ts";
import { leave } from "./leave.ts";
import { type IbkrAttemptCount, inheritPenalty, OpenHistory, usedPenalty } from "./limits.ts";
import { LiveSession } from "./live-session.ts";
import { requireLive, tickleLogin } from "./login-proof.ts";
import { openBrokerage } from "./open.ts";
import { type IbkrSessionOptions, type IbkrSettings, resolveIbkrOptions, warningsOf } from "./options.ts";
import { type Expectation, lossExpectation } from "./reset-times.ts";
import { type IbkrLayers, LayerTracker } from "./session-layers.ts";
import { type IbkrLoss, LossLog } from "./session-losses.ts";
import { untilLoggedIn } from "./wait-for-login.ts";

const packageName = "@x/keepalive/ibkr";

/**
 * A brokerage session at IBKR, kept alive by tickles. What it reports is plain data and holds no secret.
 *
 * @typeParam Name - the literal name of the session.
 */
export class IbkrSession<Name extends string = string> implements Session<IbkrHttp, Name> {
	readonly name: Name;
	readonly venue = "ibkr";
	readonly #settings: IbkrSettings;
	readonly #history: OpenHistory;
	readonly #layers: LayerTracker;
	readonly #lossLog: LossLog;
	#host: SessionHost | undefined;
	#live: LiveSession | undefined;
	/**
	 * Increases with each open() and close(). The result of an open() is discarded if the number has changed since that open()
	 * began.
	 */
	#generation = 0;
	/** The error of the latest beat() of the open session, if it failed. */
	#failedBeat: SessionError | undefined;
	/** Aborts the polling that waits for a person to log in. */
	#loginWatch = new AbortController();

	/** @throws OptionError for an option that is not allowed. */
	constructor(options: IbkrSessionOptions<Name>) {
		const settings = resolveIbkrOptions(options);
		// The cast is safe: if the option `name` is missing, `Name` is the type of the default name.
		this.name = settings.name as Name;
		this.#settings = settings;
		this.#history = new OpenHistory(settings);
		this.#history.onUsed = () => this.#host?.limitsUsed?.();
		const hasSocket = settings.socket !== undefined;
		this.#lossLog = new LossLog(hasSocket);
		this.#layers = new LayerTracker({
			needed: { gateway: settings.mode === "gateway", login: true, brokerage: true, socket: hasSocket },
			ttlMs: settings.ttlMs,
			expectation: (at, mayBeReset) => lossExpectation(at, this.#history.region(settings), mayBeReset),
		});
	}

	/** Advice on options that are allowed but unwise, one sentence each. */
	get warnings(): readonly string[] {
		return warningsOf(this.#settings);
	}

	/** The client of the open session, for calls of your own. Undefined while no session is open. */
	get handle(): IbkrHttp | undefined {
		return this.#live?.client;
	}

	/** The state of gateway, login, brokerage session and socket, each with its latest proof and its latest loss. */
	get layers(): IbkrLayers {
		return this.#layers.report();
	}

	/** The number of inits in the last 24 hours, and the number of those that may have ended another session, each with its limit. */
	get attempts(): { readonly inits: IbkrAttemptCount; readonly takeovers: IbkrAttemptCount } {
		const now = Date.now();
		return { inits: this.#history.inits.count(now), takeovers: this.#history.takeovers.count(now) };
	}

	/**
	 * Each loss of the session, with the calls that have to be made again. While the session is down: each loss since it was last
	 * alive. While the session is alive: each loss during the latest outage. Oldest first.
	 */
	get recovery(): { readonly losses: readonly IbkrLoss[] } {
		return { losses: this.#lossLog.losses };
	}

	/** The connected socket, if the option `socket` is set. */
	get socket(): IbkrConnection | undefined {
		return this.#live?.socket;
	}

	/**
	 * Asks the venue whether the session is alive. Use it when the reply to a call of your own suggests that the session is gone.
	 * Concurrent callers share one call. If the session is gone, the keeper reopens it. Never throws.
	 */
	async check(): Promise<boolean> {
		return (await this.#live?.check()) ?? false;
	}

	/** The names of all limits except the penalty box (the block after a 429): IBKR blocks a source address, not a user. */
	get userLimits(): readonly string[] {
		return Object.keys(this.#history.used);
	}

	usedLimits(): UsedLimits {
		return { ...this.#history.used, ...usedPenalty(this.#penaltyBox) };
	}

	inheritLimits(used: UsedLimits | "all", wasKilled: boolean): number {
		this.#history.inherit(used, wasKilled);
		if (used !== "all") inheritPenalty(this.#penaltyBox, used);
		// Returns 0 because open() may need none of these limits: the brokerage session may still be alive at the gateway.
		return 0;
	}

	becameLeader(): void {
		this.#history.isTakeoverDue = true;
	}

	attach(host: SessionHost): () => void {
		this.#host = host;
		const stopListening = this.#penaltyBox.onBlock(() => host.limitsUsed?.());
		return () => {
			stopListening();
			this.#loginWatch.abort();
			if (this.#host === host) this.#host = undefined;
		};
	}

	async open(signal: AbortSignal, onStep?: (step: OpenStep) => void): Promise<Lease> {
		const generation = ++this.#generation;
		this.#loginWatch.abort();
		this.#recordUnacknowledged();
		void this.#closeLive();
		const [history, settings] = [this.#history, this.#settings];
		onStep?.("connect");
		// A new client for each open, so that it has no cookie of an earlier session.
		const live = new LiveSession(createIbkrHttp(settings.client), {
			layers: this.#layers,
			history,
			settings,
			logger: this.#logger,
			isLatest: () => generation === this.#generation,
			onFirstAnswer: () => onStep?.("authenticate"),
			onEnd: (error, socketOnly) => this.#recordLoss(error, socketOnly),
		});
		const { client } = live;
		const context = { client, history, settings, signal };
		try {
			const opened = await openBrokerage(context, onStep);
			await live.openSocket(opened.socketKey, signal);
			signal.throwIfAborted();
			if (generation !== this.#generation) throw superseded();
			const losses = this.#lossLog.lossesAtOpen(opened.isNew);
			let { provedAt } = opened;
			if (await runOnOpen(packageName, settings.onOpen, { handle: client, losses, signal })) {
				provedAt = monotonicMs();
				requireLive(await tickleLogin(context), settings);
				if (generation !== this.#generation) throw superseded();
			}
			this.#compareWithEarlier(opened.accounts);
			this.#live = live;
			this.#failedBeat = undefined;
			this.#lossLog.recordAlive(opened.isNew);
			// start() is called last, because it reports a loss at once if the socket has closed during this open.
			live.start(opened.socketKey);
			return { ...this.#lease(live), ageMs: monotonicMs() - provedAt };
		} catch (error) {
			void live.close();
			const failed = toSessionError(error);
			// If a newer open has begun, the layers describe the session of that open. This failure must not change them.
			if (generation !== this.#generation) throw failed;
			this.#layers.recordClosed();
			this.#lookForLogin(failed);
			throw failed;
		}
	}

	async beat(signal: AbortSignal): Promise<Lease> {
		const live = this.#live;
		if (!live) throw notOpen();
		try {
			await live.beat(signal);
		} catch (error) {
			const failed = toSessionError(error);
			this.#failedBeat = failed;
			// If the session ended between two beats, its loss is recorded already, and the reason of that loss is thrown.
			throw live.ended.aborted ? live.ended.reason : this.#recordLoss(failed, false);
		}
		if (live !== this.#live) throw superseded();
		this.#failedBeat = undefined;
		return this.#lease(live);
	}

	async close(orders: OrdersOnClose): Promise<Closed> {
		this.#generation += 1;
		this.#loginWatch.abort();
		this.#failedBeat = undefined;
		const client = this.#live?.client;
		const socketClosed = this.#closeLive();
		return leave(orders, { client, logoutOnClose: this.#settings.logoutOnClose, socketClosed });
	}

	get #penaltyBox(): IbkrPenaltyBox {
		return this.#settings.client.penaltyBox;
	}

	get #logger(): Logger {
		return this.#host?.logger ?? silentLogger;
	}

	#closeLive(): Promise<void> {
		const live = this.#live;
		this.#live = undefined;
		if (!live) return Promise.resolve();
		this.#layers.recordClosed();
		return live.close();
	}

	/**
	 * Logs a warning if the login has other accounts or another type than before. The session uses such a login nevertheless,
	 * unless the option `expect` forbids it.
	 */
	#compareWithEarlier({ accounts, loginType }: LoginAccounts): void {
		const found = JSON.stringify([[...accounts.reveal()].sort(), loginType]);
		const earlier = this.#history.loginFound;
		this.#history.loginFound = found;
		if (earlier === undefined || earlier === found || this.#settings.expect) return;
		const message =
			"the login has other accounts, or another login type, than before. To block such a login, set option expect";
		this.#logger.warn(message, { session: this.name });
	}

	/**
	 * If the error ends the session, records a loss, and appends to the error whether the loss was expected. Otherwise returns the error,
	 * marked as expected if a reset of IBKR explains it.
	 */
	#recordLoss(error: SessionError, socketOnly: boolean): SessionError {
		if (error.session !== "ended") {
			// If no beat succeeds before the lease expires, this error becomes the reason of the loss. So it must say already
			// whether a loss is expected.
			return this.#isByReset(error) ? reworded(error, error.message, { isExpected: true }) : error;
		}
		const expectation = this.#expectation(error instanceof SessionLostError && error.mayBeReset);
		this.#lossLog.recordLoss({ reason: error.message, expected: expectation.expected, socketOnly });
		if (!socketOnly) this.#history.doubtLogin();
		this.#lookForLogin(error);
		return withExpectation(error, expectation);
	}

	/** Records the loss of a session whose lease has expired because its beats failed, so that it is opened again. */
	#recordUnacknowledged(): void {
		const failed = this.#failedBeat;
		this.#failedBeat = undefined;
		if (!this.#live || this.#live.ended.aborted || !failed) return;
		const reason = `no beat was acknowledged in time; the latest error: ${failed.message}`;
		this.#lossLog.recordLoss({ reason, expected: this.#isByReset(failed), socketOnly: false });
	}

	/** Whether a reset of IBKR explains a failed beat(): during a reset IBKR answers with 5xx, while a broken network gives no answer. */
	#isByReset({ cause }: SessionError): boolean {
		return this.#expectation(isIbkrError(cause) && cause.kind === "unavailable").expected;
	}

	#expectation(mayBeReset: boolean): Expectation {
		return lossExpectation(Date.now(), this.#history.region(this.#settings), mayBeReset);
	}

	/** Waits for a person to log in, and then opens the session without waiting for the keeper's own next attempt. */
	#lookForLogin(error: SessionError): void {
		const host = this.#host;
		if (!host || !(error instanceof LoginNeededError) || this.#settings.mode !== "gateway") return;
		const { lostLogin, wrongLoginKey } = this.#history;
		if (lostLogin === undefined && wrongLoginKey === undefined) return;
		this.#loginWatch.abort();
		this.#loginWatch = new AbortController();
		const { signal } = this.#loginWatch;
		void untilLoggedIn(createIbkrHttp(this.#settings.client), wrongLoginKey, signal).then(() => {
			if (signal.aborted) return;
			this.#logger.info("somebody has logged in: opening the session", { session: this.name });
			host.retry?.();
		});
	}

	#lease({ ended }: LiveSession): Lease {
		return { ttlMs: this.#settings.ttlMs, paceMs: this.#settings.tickleMs, protection, ended };
	}
}
