import { AdaptiveTimeout } from "@x/base/adaptive-timeout";
import { monotonicMs } from "@x/base/clock";
import { type DeribitConnection, type DeribitUnexpectedMessage, isDeribitError } from "@x/deribit-session";
import type { Logger } from "../../logger.ts";
import type { Closed, Lease, OpenStep, OrdersOnClose, Session, SessionHost } from "../../session.ts";
import { isSessionError, type SessionError } from "../../session-error.ts";
import type { UsedLimits } from "../../session-limits.ts";
import {
	messageOf,
	noSession,
	RepeatedRefusals,
	superseded,
	toSessionError,
	venueCodeOf,
	venueCodes,
	withoutDoubtfulVerdict,
} from "./error-disposition.ts";
import { type DeribitExposure, deribitExposure, deribitTtlMs, exposureMs } from "./exposure.ts";
import { giveUpIfDead } from "./give-up-dead-connection.ts";
import { closeCancellingOrders, closedWithFailedOpen, closeKeepingOrders, withEarlierConnections } from "./leave.ts";
import {
	inheritLimits,
	ReopenPace,
	registerKey,
	sharedKeyWarnings,
	tryAcquireConnection,
	usedLimitsOf,
} from "./limits.ts";
import { MaintenanceDetector, maintenanceReason } from "./maintenance-detector.ts";
import { armConnection, connect, type OpenContext } from "./open.ts";
import {
	type DeribitSessionOptions,
	packageName,
	type ResolvedDeribitOptions,
	resolveDeribitOptions,
	warningsOf,
} from "./options.ts";
import { pingSettings } from "./ping.ts";
import { type ArmedConnection, notArmed } from "./protection-proof.ts";
import { finishUpkeep, upkeepMs } from "./renew-and-read-back.ts";
import { type DeribitLoss, LostConnections } from "./session-losses.ts";

/** After this many milliseconds without a slow pong, the pong timeout returns to the configured `pongTimeoutMs`. */
const pongTimeoutResetMs = 60_000;
/**
 * After this many missed pongs in a row (3.3 s with the defaults), the session opens a second connection, to find out whether the one in
 * use is dead. It waits that long, because TCP repairs most outages of up to three seconds by itself.
 */
const missedPongs = 2;

/** An open that is in progress. */
interface Opening {
	/** Aborts the open. */
	readonly cut: AbortController;
	/** The connection of this open. If close() takes it over, close() sets it to undefined. */
	connection?: DeribitConnection | undefined;
}

/**
 * Keeps one Deribit connection at a time. Cancel-on-disconnect is armed and read back, and each beat() proves that the connection is
 * alive.
 */
export class DeribitSession<Name extends string = string> implements Session<DeribitConnection, Name> {
	readonly name: Name;
	readonly venue = "deribit";
	/** How long working orders stay in the book after this process can no longer act, in the worst case. */
	readonly exposure: DeribitExposure;
	readonly #options: ResolvedDeribitOptions;
	readonly #ttlMs: number;
	readonly #pongTimeout: AdaptiveTimeout;
	readonly #pace = new ReopenPace();
	readonly #lost = new LostConnections();
	readonly #maintenance = new MaintenanceDetector();
	readonly #context: OpenContext;
	/** The keeper that runs this session; undefined without a keeper. */
	#host: SessionHost | undefined;
	readonly #refusals: RepeatedRefusals;
	#armed: ArmedConnection | undefined;
	#closed: Promise<Closed> | undefined;
	/** The venue's refusal of a login, if it came only after the login's deadline. */
	#lateRefusal: SessionError | undefined;
	#opening: Opening | undefined;
	/** The connection of an open that failed or was given up. It is closed, and kept here only so that close() can report about it. */
	#givenUp: DeribitConnection | undefined;
	/** The connection that is still open because the venue refused the logout of a close with `keep`. */
	#kept: DeribitConnection | undefined;

	/** @throws OptionError for an option that is not allowed. */
	constructor(options: DeribitSessionOptions<Name>) {
		this.#options = resolveDeribitOptions(options);
		// The cast is safe: if the option `name` is missing, Name is the type of the default name.
		this.name = this.#options.name as Name;
		this.#refusals = new RepeatedRefusals(this.#options.armingPermission);
		this.exposure = deribitExposure(this.#options);
		this.#ttlMs = deribitTtlMs(this.#options);
		const pings = pingSettings(this.#options, this.#ttlMs);
		this.#pongTimeout = new AdaptiveTimeout({
			ms: pings.pongTimeoutMs,
			longestMs: Math.max(pings.pongTimeoutMs, this.#ttlMs / 2),
			resetMs: pongTimeoutResetMs,
		});
		const log = (level: keyof Logger) => (message: string, fields?: Readonly<Record<string, unknown>>) =>
			this.#host?.logger[level](message, { session: this.name, ...fields });
		this.#context = {
			options: this.#options,
			lost: this.#lost,
			maintenance: this.#maintenance,
			logger: { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") },
			pingSettings: pings,
			pongTimeout: this.#pongTimeout,
			withPace: (error, isBroken) => this.#pace.apply(error, isBroken),
			protectionChanged: () => this.#host?.protectionChanged(),
		};
	}

	/** Warnings about options that are allowed but unwise, and about what the present connection lacks, such as maintenance announcements. */
	get warnings(): readonly string[] {
		const missingNews = this.handle && this.#armed?.missingNews;
		return [...warningsOf(this.#options), ...sharedKeyWarnings(this.#options), ...(missingNews ? [missingNews] : [])];
	}

	/** See {@link Session.usedLimits}. */
	usedLimits(): UsedLimits {
		return usedLimitsOf(this.#options);
	}

	inheritLimits(used: UsedLimits | "all", wasKilled: boolean): number {
		return inheritLimits(this.#options, used, wasKilled);
	}

	/** Called by the keeper that runs the session. Without a keeper nothing is logged. */
	attach(host: SessionHost): () => void {
		this.#host = host;
		const release = registerKey(this.#options);
		for (const warning of this.warnings) this.#context.logger.warn(`${packageName}: ${warning}`);
		return () => {
			release();
			this.#host = undefined;
		};
	}

	/** The guarded connection: only orders placed over it are protected. */
	get handle(): DeribitConnection | undefined {
		return this.#armed?.ended.aborted ? undefined : this.#armed?.connection;
	}

	/**
	 * Each loss of the connection, with the orders that the venue may have cancelled. Before trading goes on, find out which orders are
	 * gone, preferably in the option `onOpen`. While the session is down: each loss since it was last alive. While the session is alive:
	 * each loss during the latest outage. Oldest first. Plain data.
	 */
	get recovery(): { readonly losses: readonly DeribitLoss[] } {
		return { losses: this.#lost.pending.length > 0 ? this.#lost.pending : this.#lost.previous };
	}

	/**
	 * Why an order must not be sent right now, as far as this session knows; undefined if the connection is proved to be armed. Required
	 * are: an answer to a recent ping; a recent read-back of cancel-on-disconnect (at most `verifyEveryMs` plus half a lease old); no
	 * change of settings since; tokens that the venue accepts; and no announced maintenance.
	 */
	notArmedReason(): string | undefined {
		const armed = this.#armed;
		if (!armed) return "there is no connection";
		if (this.#maintenance.isAnnounced) return maintenanceReason;
		return armed.notArmedReason(this.#maxProofMs, this.#host === undefined);
	}

	/**
	 * Returns the guarded connection if it is proved to be armed right now; call this before each order. Gives the same answer as
	 * the `requireArmed` of the keeper that runs the session; without a keeper, {@link notArmedReason} decides. Synchronous, and
	 * sends nothing.
	 *
	 * @throws SessionError that says why the connection is not proved to be armed.
	 */
	requireArmed(): DeribitConnection {
		const reason = this.#host ? this.#host.notArmedReason() : this.notArmedReason();
		const armed = this.#armed;
		if (reason === undefined && armed) return armed.connection;
		throw notArmed(reason ?? "there is no connection");
	}

	async open(signal: AbortSignal, onStep?: (step: OpenStep) => void): Promise<Lease> {
		this.#closed = undefined;
		this.#givenUp = undefined;
		this.#dropConnection();
		const cut = new AbortController();
		const opening: Opening = { cut };
		this.#opening = opening;
		const givenUp = AbortSignal.any([signal, cut.signal]);
		try {
			return await this.#open(opening, givenUp, onStep);
		} catch (error) {
			// If the venue's answer came just before the abort, the answer is reported, not the abort.
			const isAbort =
				givenUp.aborted && (error === givenUp.reason || (isDeribitError(error) && error.kind === "aborted"));
			const failed = isAbort ? superseded() : toSessionError("open failed", error);
			throw this.#pace.apply(this.#refusals.judge(this.#maintenance.adjust(failed)));
		} finally {
			if (this.#opening === opening) this.#opening = undefined;
		}
	}

	async #open(opening: Opening, signal: AbortSignal, onStep?: (step: OpenStep) => void): Promise<Lease> {
		const startedAt = monotonicMs();
		const context = this.#context;
		this.#throwLateRefusal();
		onStep?.("connect");
		this.#pace.countOpen();
		await this.#leaveKept();
		tryAcquireConnection(this.#options);
		this.#host?.limitsUsed?.();
		let connected: DeribitConnection | undefined;
		const noteLateRefusal = (message: DeribitUnexpectedMessage): void => {
			// If any connection of this session has logged in meanwhile, the refusal no longer matters.
			if (this.#armed || connected?.authorization) return;
			if (venueCodeOf(message.cause) !== venueCodes.invalidCredentials) return;
			this.#lateRefusal = toSessionError("login refused after its deadline", message.cause);
		};
		const connection = await connect(context, noteLateRefusal, signal);
		connected = connection;
		opening.connection = connection;
		try {
			const armed = await armConnection(connection, context, signal, onStep);
			signal.throwIfAborted();
			this.#maintenance.onOpen(startedAt);
			this.#lost.markRecovered();
			this.#lateRefusal = undefined;
			this.#refusals.reset();
			this.#pace.markOpen();
			this.#armed = armed;
			return this.#lease(armed);
		} catch (error) {
			// The connection gets closed, which may cancel its orders. Only `onOpen` can have placed orders over it.
			const { openOrderIds, unansweredOrders, hasUnlistedQuotes } = connection;
			if (openOrderIds.length + unansweredOrders > 0 || hasUnlistedQuotes) this.#lost.record(connection);
			if (opening.connection) this.#giveUp(connection);
			throw error;
		}
	}

	async beat(signal: AbortSignal): Promise<Lease> {
		const armed = this.#armed;
		if (!armed) throw noSession();
		if (armed.ended.aborted) throw armed.ended.reason;
		const startedAt = monotonicMs();
		await this.#proveAlive(armed, signal);
		// A slow read-back of cancel-on-disconnect must not make a beat() fail whose ping was answered. So beat() waits for it only as
		// long as it has time left.
		const leftMs = 0.8 * this.#context.pingSettings.pingMs - (monotonicMs() - startedAt);
		await finishUpkeep(armed, this.#context, leftMs, signal);
		if (armed.ended.aborted) throw armed.ended.reason;
		return this.#lease(armed);
	}

	close(orders: OrdersOnClose, signal?: AbortSignal): Promise<Closed> {
		this.#closed ??= this.#close(orders, signal).then((closed) =>
			withEarlierConnections(closed, this.#lost.unnoticedMs(exposureMs(this.#options))),
		);
		return this.#closed;
	}

	/**
	 * Throws if the venue refused the login of an earlier open() only after that open() had ended. Otherwise this open would log in with the
	 * refused credentials again, which counts against the account.
	 */
	#throwLateRefusal(): void {
		const refusal = this.#lateRefusal;
		this.#lateRefusal = undefined;
		if (refusal) throw refusal;
	}

	/** Sends a ping. If pongs are missed, finds out in the background whether the connection is dead. */
	async #proveAlive(armed: ArmedConnection, signal: AbortSignal): Promise<void> {
		try {
			await armed.pings.prove(signal);
		} catch (error) {
			if (armed.ended.aborted) throw armed.ended.reason;
			const isMissed = isSessionError(error);
			if (isMissed) armed.readBackSoon();
			else armed.invalidate();
			if (armed.pings.missed >= missedPongs) {
				void giveUpIfDead(armed, this.#context, () => this.#armed === armed);
			}
			throw this.#pace.apply(withoutDoubtfulVerdict(toSessionError("beat failed", error)), isMissed);
		}
	}

	/**
	 * The lease to return from open() or beat(), with the last answer about cancel-on-disconnect. The lease does not show what has
	 * changed since that answer; {@link notArmedReason} does.
	 */
	#lease({ protection, ended, pings }: ArmedConnection): Lease {
		const { pingMs } = this.#context.pingSettings;
		return { ttlMs: this.#ttlMs, paceMs: pingMs, ageMs: pings.ageMs, protection, ended };
	}

	/** How old the last read-back of cancel-on-disconnect may be while the session is armed, in milliseconds. */
	get #maxProofMs(): number {
		const { pingMs } = this.#context.pingSettings;
		const { verifyEveryMs } = this.#options;
		return verifyEveryMs + Math.max(this.#ttlMs / 2, upkeepMs(this.#context) + 2 * pingMs);
	}

	async #close(orders: OrdersOnClose, signal: AbortSignal | undefined): Promise<Closed> {
		const armed = this.#armed;
		this.#armed = undefined;
		const connection = armed?.connection ?? this.#takeOver();
		if (!connection) {
			if (this.#givenUp) return closedWithFailedOpen(this.#givenUp, orders, this.#options);
			return { orders: "unknown", detail: "there was no connection to close. Check the working orders" };
		}
		const ended = armed?.ended ?? connection.ended;
		if (ended.aborted) return { orders: "unknown", detail: messageOf(ended.reason) };
		// The lost connection is recorded before it has ended, because the next open may come before its end.
		if (armed) this.#lost.record(connection);
		const { logger } = this.#context;
		if (orders === "cancel") return closeCancellingOrders(connection, this.#options, logger, signal);
		const closed = await closeKeepingOrders(connection, this.#options, logger);
		if (closed.orders === "refused") this.#kept = connection;
		return closed;
	}

	/**
	 * Closes the connection that close() has left open after a refused logout. While that connection is open, no other connection can log in
	 * with its session name.
	 */
	async #leaveKept(): Promise<void> {
		const kept = this.#kept;
		this.#kept = undefined;
		if (!kept || kept.ended.aborted) return;
		// Tries once more to keep the orders. If the venue refuses the logout again, disconnecting cancels the orders, and `recovery` lists
		// them.
		const { orders } = await closeKeepingOrders(kept, this.#options, this.#context.logger);
		if (orders === "refused") await kept.disconnect();
	}

	/**
	 * Gives up an open that is under way. Returns the connection of the open if it has logged in, because orders may have been placed over
	 * it; the caller has to close it.
	 */
	#takeOver(): DeribitConnection | undefined {
		const opening = this.#opening;
		if (!opening) return undefined;
		const { connection } = opening;
		const isTaken = connection?.authorization !== undefined;
		if (isTaken) opening.connection = undefined;
		opening.cut.abort(superseded());
		return isTaken ? connection : undefined;
	}

	#giveUp(connection: DeribitConnection): void {
		// Remembered so that a later close() can report what the end of this connection means for its orders. If the connection had ended
		// before, this session has not closed it, so there is nothing to report.
		if (connection.authorization && !connection.ended.aborted) this.#givenUp = connection;
		void connection.disconnect();
	}

	#dropConnection(): void {
		this.#opening?.cut.abort(superseded());
		const armed = this.#armed;
		this.#armed = undefined;
		if (!armed) return;
		this.#lost.record(armed.connection, armed.pings.missed > 0);
		// Not awaited, because closing a dead connection takes as long as the close timeout, and a new connection is needed now.
		void armed.connection.disconnect();
	}
}
