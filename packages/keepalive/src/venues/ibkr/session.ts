import { monotonicMs } from "@x/base/clock";
import { createIbkrHttp, type IbkrConnection, type IbkrHttp } from "@x/ibkr-session";
import type { Closed, Lease, OrdersOnClose, Session } from "../../session.ts";
import type { SessionError } from "../../session-error.ts";
import { lossExpectation } from "./calendar.ts";
import { notOpen, superseded, toSessionError, withExpectation } from "./disposition.ts";
import { protection } from "./exposure.ts";
import { type IbkrLayers, LayerTracker } from "./layers.ts";
import { leave } from "./leave.ts";
import { type IbkrAttemptCount, OpenHistory } from "./limits.ts";
import { LiveSession } from "./live-session.ts";
import { openBrokerage } from "./open.ts";
import { type IbkrSessionOptions, type IbkrSettings, resolveIbkrOptions, warningsOf } from "./options.ts";
import { type IbkrRepair, RepairLog } from "./recovery.ts";

/** A brokerage session at IBKR, kept alive by tickles. What it reports is plain data and holds no secret. */
export class IbkrSession implements Session<IbkrHttp> {
	readonly name: string;
	readonly #settings: IbkrSettings;
	readonly #history: OpenHistory;
	readonly #layers: LayerTracker;
	readonly #repairLog: RepairLog;
	#live: LiveSession | undefined;
	/** Increases with each open and close: an open that was overtaken is discarded. */
	#generation = 0;

	/** @throws OptionError for an option that is not allowed. */
	constructor(options: IbkrSessionOptions) {
		const settings = resolveIbkrOptions(options);
		this.name = settings.name;
		this.#settings = settings;
		this.#history = new OpenHistory(settings);
		const hasSocket = settings.socket !== undefined;
		this.#repairLog = new RepairLog(settings.onRepair, hasSocket);
		this.#layers = new LayerTracker({
			needed: { gateway: settings.mode === "gateway", login: true, brokerage: true, socket: hasSocket },
			ttlMs: settings.ttlMs,
			expectation: (at) => lossExpectation(at, this.#history.region(settings)),
		});
	}

	/** Advice on options that are allowed but unwise. */
	get warnings(): readonly string[] {
		return warningsOf(this.#settings);
	}

	/** The client of the open session, for calls of your own. Undefined while no session is open. */
	get handle(): IbkrHttp | undefined {
		return this.#live?.client;
	}

	/** The four layers of the session: which are up, since when, and why the others were lost. */
	get layers(): IbkrLayers {
		return this.#layers.report();
	}

	/** The inits of the last 24 hours, and those of them that may have ended another session, with their limits. */
	get attempts(): { readonly inits: IbkrAttemptCount; readonly takeovers: IbkrAttemptCount } {
		const now = Date.now();
		return { inits: this.#history.inits.count(now), takeovers: this.#history.takeovers.count(now) };
	}

	/** The latest 100 losses that were repaired, each with what has to be redone. */
	get repairs(): readonly IbkrRepair[] {
		return this.#repairLog.repairs;
	}

	/** The connected socket, with the option `socket`. */
	get socket(): IbkrConnection | undefined {
		return this.#live?.socket;
	}

	/**
	 * Asks the venue whether the session is alive: for a call of your own that was answered as if it were not. Concurrent
	 * callers share one call. When the session is lost, the keeper reopens it. Never throws.
	 */
	async check(): Promise<boolean> {
		return (await this.#live?.check()) ?? false;
	}

	async open(signal: AbortSignal): Promise<Lease> {
		const generation = ++this.#generation;
		void this.#closeLive();
		const [history, settings] = [this.#history, this.#settings];
		// A new client holds no cookie of an earlier session.
		const live = new LiveSession(createIbkrHttp(settings.client), {
			layers: this.#layers,
			history,
			settings,
			onEnd: (error, socketOnly) => this.#recordLoss(error, socketOnly),
		});
		try {
			const { client } = live;
			const { socketKey, isNew, provedAt } = await openBrokerage({ client, history, settings, signal });
			await live.openSocket(socketKey, signal);
			signal.throwIfAborted();
			if (generation !== this.#generation) throw superseded();
			this.#live = live;
			live.start();
			this.#repairLog.recordAlive(isNew);
			return { ...this.#lease(live), ageMs: monotonicMs() - provedAt };
		} catch (error) {
			void live.close();
			throw toSessionError(error);
		}
	}

	async beat(signal: AbortSignal): Promise<Lease> {
		const live = this.#live;
		if (!live) throw notOpen();
		try {
			await live.beat(signal);
		} catch (error) {
			throw this.#recordLoss(toSessionError(error), false);
		}
		if (live !== this.#live) throw superseded();
		return this.#lease(live);
	}

	async close(orders: OrdersOnClose): Promise<Closed> {
		this.#generation += 1;
		const client = this.#live?.client;
		const socketClosed = this.#closeLive();
		return leave(orders, { client, logoutOnClose: this.#settings.logoutOnClose, socketClosed });
	}

	#closeLive(): Promise<void> {
		const live = this.#live;
		this.#live = undefined;
		return live?.close() ?? Promise.resolve();
	}

	/** Records a loss, and adds to its error whether it was expected. Any other error is returned as it is. */
	#recordLoss(error: SessionError, socketOnly: boolean): SessionError {
		if (error.session !== "ended") return error;
		const { expected, text } = lossExpectation(Date.now(), this.#history.region(this.#settings));
		this.#repairLog.recordLoss({ reason: error.message, expected, socketOnly });
		if (!socketOnly) this.#history.doubtLogin();
		return withExpectation(error, text);
	}

	#lease({ ended }: LiveSession): Lease {
		return { ttlMs: this.#settings.ttlMs, paceMs: this.#settings.tickleMs, protection, ended };
	}
}
