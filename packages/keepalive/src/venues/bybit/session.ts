import { monotonicMs, withDeadline } from "@x/base/clock";
import { sentence } from "@x/base/errors";
import { type BybitConnection, type BybitHttp, createBybitHttp } from "@x/bybit-dcp";
import { inheritConnections, usedConnections } from "../../connection-limiter.ts";
import { silentLogger } from "../../logger.ts";
import { runOnOpen } from "../../run-on-open.ts";
import type { Closed, Lease, OpenStep, OrdersOnClose, Protection, Session, SessionHost } from "../../session.ts";
import type { UsedLimits } from "../../session-limits.ts";
import { WireLog } from "./call-logger.ts";
import { sessionEnded, toSessionError } from "./error-disposition.ts";
import { type BybitExposure, bybitExposure, warningsOf } from "./exposure.ts";
import { describeClose } from "./leave.ts";
import { CallLimiter, connectionLimitOf } from "./limits.ts";
import { LiveConnection, type LiveContext } from "./live-connection.ts";
import { ConnectionOpener } from "./open.ts";
import {
	type BybitSessionOptions,
	beatMs,
	httpOptionsOf,
	packageName,
	type ResolvedBybitOptions,
	resolveBybitOptions,
} from "./options.ts";
import { OrderReader } from "./order-reader.ts";
import { AdaptivePingTimeout } from "./ping.ts";
import { tooOldReason } from "./proof-age-limits.ts";
import { ConfigurationProof, notArmed, protectionOf } from "./protection-proof.ts";
import { type BybitLoss, LossTracker } from "./session-losses.ts";
import { type SharedConnections, StaleConnections, sharedConnectionsOf, sharedWarning } from "./shared-connections.ts";
import { otherTopicsOf } from "./topic-subscription-proof.ts";

/**
 * How long open() waits until the orders are read, in milliseconds. After this time open() continues, and the orders are read in the
 * background.
 */
const readInOpenMs = 5_000;

/** Bybit's Disconnection Protect as a session. Created by {@link bybit}. */
export class BybitSession<Name extends string = string> implements Session<BybitConnection, Name> {
	/** Unique among the sessions of one keeper. */
	readonly name: Name;
	readonly venue = "bybit";
	/** How long orders stay in the book after this process dies, with the options of this session. */
	readonly exposure: BybitExposure;
	readonly #options: ResolvedBybitOptions;
	readonly #onOpen: BybitSessionOptions["onOpen"];
	readonly #log: WireLog;
	readonly #pingTimeout: AdaptivePingTimeout;
	readonly #http: BybitHttp;
	readonly #calls: CallLimiter;
	readonly #proof: ConfigurationProof;
	readonly #losses: LossTracker;
	readonly #orders: OrderReader;
	readonly #stale: StaleConnections;
	readonly #shared: SharedConnections;
	readonly #opener: ConnectionOpener;
	readonly #liveContext: LiveContext;
	readonly #connectionLimit: () => ReturnType<typeof connectionLimitOf>;
	#host: SessionHost | undefined;
	#live: LiveConnection | undefined;
	/** The result of close(), for all calls of close() after the latest open(); undefined before the first of these calls. */
	#closing: Promise<Closed> | undefined;
	/** Counts calls of open() and close(). The result of an open() is discarded if the number has changed meanwhile. */
	#generation = 0;

	/** @throws OptionError for an option that is not allowed or not known. */
	constructor(options: BybitSessionOptions<Name>) {
		const resolved = resolveBybitOptions(options);
		this.#options = resolved;
		this.#onOpen = options.onOpen;
		// The cast is safe: if the option `name` is missing, `Name` is the type of the default name.
		this.name = resolved.name as Name;
		this.exposure = bybitExposure(resolved);
		this.#pingTimeout = new AdaptivePingTimeout(resolved);
		this.#http = createBybitHttp(httpOptionsOf(options, resolved));
		const log = new WireLog(resolved.name);
		const calls = new CallLimiter(options.client.fetch ?? globalThis, new URL(resolved.restUrl).host, log, () =>
			this.#host?.limitsUsed?.(),
		);
		const proof = new ConfigurationProof(this.#http, resolved, calls, {
			onRead: (protection) => this.#onConfigurationRead(protection),
			onOtherWindows: (windows, since) => {
				losses.recordWindows(windows, since);
				this.#host?.protectionChanged();
			},
		});
		const losses = new LossTracker(resolved, proof, () => this.#pingTimeout.ageLimits.pingMs);
		const stale = new StaleConnections(resolved);
		this.#orders = new OrderReader(this.#http, calls, resolved.products, losses, () => this.#onOrdersRead());
		this.#shared = sharedConnectionsOf(options.client, resolved.wsUrl);
		this.#connectionLimit = () => connectionLimitOf(options, resolved);
		this.#opener = new ConnectionOpener(options, resolved, {
			...{ http: this.#http, calls, proof, losses, stale, log },
			onTopicsChange: () => this.#onTopicsChange(),
			limitsUsed: () => this.#host?.limitsUsed?.(),
		});
		this.#liveContext = {
			...{ options: resolved, pingTimeout: this.#pingTimeout, losses, log },
			protectionChanged: () => this.#host?.protectionChanged(),
		};
		this.#log = log;
		this.#calls = calls;
		this.#proof = proof;
		this.#losses = losses;
		this.#stale = stale;
	}

	/** Advice on options that are allowed but unwise, one sentence each. */
	get warnings(): readonly string[] {
		return warningsOf(this.#options);
	}

	/** The connection in use, for calls of your own; undefined while there is none. */
	get handle(): BybitConnection | undefined {
		return this.#live?.socket;
	}

	/**
	 * Each loss of the connection, with the orders that the venue has cancelled. While the session is down: each loss since it was last
	 * alive. While the session is alive: each loss during the latest outage. Oldest first. Empty after the first open, because a new
	 * process knows no losses of an earlier process. Plain data, a new object each time.
	 */
	get recovery(): { readonly losses: readonly BybitLoss[] } {
		return { losses: this.#losses.losses };
	}

	/** When ping, topics and configuration were last proved, in epoch milliseconds; null for each that is not proved. Plain data. */
	get evidence(): {
		/**
		 * Send time of the last query whose answer showed Disconnection Protect on for every product, with the requested window. Null while
		 * the configuration differs.
		 */
		readonly configurationAt: number | null;
		/**
		 * When the last acknowledged subscribe request was sent. The session repeats it every half of `windowSeconds`, or every
		 * `verifyEveryMs` if that is shorter.
		 */
		readonly subscribedAt: number | null;
		/** Send time of the last answered ping. */
		readonly pingAt: number | null;
	} {
		const live = this.#live?.ended.aborted ? undefined : this.#live;
		return {
			configurationAt: live?.configuration.state === "armed" ? live.configuration.verifiedAt : null,
			subscribedAt: live?.topics.acknowledged.wallMs ?? null,
			pingAt: live?.lastPing?.wallMs ?? null,
		};
	}

	/** See {@link Session.usedLimits}. */
	usedLimits(): UsedLimits {
		const { limiter, host } = this.#connectionLimit();
		return { ...usedConnections(limiter, host), ...this.#calls.used };
	}

	/** See {@link Session.inheritLimits}. */
	inheritLimits(used: UsedLimits | "all", wasKilled: boolean): number {
		const { limiter, host } = this.#connectionLimit();
		if (used !== "all") this.#calls.inherit(used);
		return inheritConnections(limiter, host, used, wasKilled);
	}

	/** See {@link Session.attach}. */
	attach(host: SessionHost): () => void {
		this.#host = host;
		this.#log.logger = host.logger;
		for (const warning of this.warnings) this.#log.warn(warning);
		return () => {
			if (this.#host !== host) return;
			this.#host = undefined;
			this.#log.logger = silentLogger;
		};
	}

	/**
	 * Throws unless the orders are proved to be protected right now; call it before placing an order. Sends nothing. Gives the same
	 * answer as the `requireArmed` of the keeper that runs the session.
	 *
	 * Without a keeper, these are required: a live connection, a recently answered ping, recently acknowledged topics, and a recently
	 * read configuration. If the venue may have cancelled orders after a loss, the session must also have read the orders.
	 *
	 * @throws SessionError that says what is missing.
	 */
	requireArmed(): void {
		const reason = this.#host ? this.#host.notArmedReason() : this.notArmedReason();
		if (reason !== undefined) throw notArmed(reason);
	}

	/** See {@link Session.notArmedReason}. */
	notArmedReason(): string | undefined {
		const live = this.#live;
		const pinged = live?.lastPing;
		if (!live || !pinged || live.ended.aborted) return "there is no subscribed connection";
		const { configuration, topics } = live;
		const { ageLimits } = this.#pingTimeout;
		if (configuration.state !== "armed") return `the protection is ${configuration.state}: ${configuration.reason}`;
		return (
			this.#losses.topicReason ??
			topics.problem ??
			live.topicsReason ??
			tooOldReason(pinged, topics.acknowledged, this.#proof.verified, ageLimits, this.#host === undefined) ??
			this.#orders.unreadReason
		);
	}

	/** See {@link Session.open}. */
	async open(signal: AbortSignal, onStep?: (step: OpenStep) => void): Promise<Lease> {
		const generation = this.#nextGeneration();
		const throwIfReplaced = () => this.#throwIfReplaced(generation, signal);
		const earlier = this.#live;
		this.#live = undefined;
		this.#closing = undefined;
		if (earlier?.isPingOverdue) this.#losses.recordSilence(earlier.socket);
		try {
			const counted = await this.#opener.open(signal, throwIfReplaced, onStep);
			this.#shared.add(counted.socket, this, this.#options.products);
			const live = new LiveConnection(counted, this.#liveContext);
			// This open was aborted or replaced, so its connection is closed. If it stayed open, the venue would not cancel orders that no
			// program watches.
			if (generation !== this.#generation || signal.aborted) {
				void live.socket.close();
				throwIfReplaced();
			}
			this.#live = live;
			const covered = this.#shared.coveredByOthers(this, this.#options.products);
			let lease = await this.#lease(live, signal, 2 * this.#options.callTimeoutMs);
			if (this.#losses.hasUnreadOrders || this.#onOpen) {
				await this.#recover(live, signal);
				lease = await this.#lease(live, signal, 2 * this.#options.callTimeoutMs);
			}
			// Reading the orders may have taken so long that the last answered ping is too old by now.
			if (live.isPingOverdue) await live.ping(signal);
			throwIfReplaced();
			this.#losses.recordAlive();
			if (covered.length > 0) this.#log.warn(sharedWarning(covered));
			return { ...lease, ageMs: live.pingAgeMs };
		} catch (error) {
			if (signal.aborted && generation === this.#generation) this.#dropConnection();
			this.#pingTimeout.record(error);
			throw this.#opener.failure(error);
		} finally {
			// The earlier connection is closed last: while it is open, the venue does not start to cancel.
			void earlier?.socket.close();
		}
	}

	/** See {@link Session.beat}. */
	async beat(signal: AbortSignal): Promise<Lease> {
		const live = this.#live;
		if (!live) throw sessionEnded("there is no connection. Call open() first");
		if (live.ended.aborted) throw toSessionError(live.ended.reason, "ended");
		const startedMs = monotonicMs();
		await live.ping(signal);
		// Not awaited: reading the orders can take longer than a beat.
		void this.#orders.read(live.ended);
		// Waits only until this beat() has to return. So a beat() whose ping was answered does not fail because of a slow read-back.
		return this.#lease(live, signal, beatMs(this.#pingTimeout.options) * 0.8 - (monotonicMs() - startedMs));
	}

	/** See {@link Session.close}. */
	async close(orders: OrdersOnClose): Promise<Closed> {
		this.#nextGeneration();
		const live = this.#live;
		this.#live = undefined;
		if (live) this.#closing = this.#close(live, orders);
		this.#closing ??= Promise.resolve({
			orders: "unknown",
			detail: "Bybit: there was no connection to close. Check the orders.",
		});
		return this.#closing;
	}

	/**
	 * Reads the configuration before closing. After the close it could already differ from the configuration that the venue uses for its
	 * cancel.
	 */
	async #close(live: LiveConnection, orders: OrdersOnClose): Promise<Closed> {
		const configuration = await this.#proof.readBeforeClose();
		const wasLost = live.ended.aborted;
		const otherTopics = otherTopicsOf(live.socket);
		const { acknowledged: isAcknowledged } = await live.socket.close();
		if (!isAcknowledged) this.#losses.recordUnacknowledgedClose();
		return describeClose(orders, {
			...this.#options,
			coverage: this.#proof.coverage,
			configuration,
			wasLost,
			isAcknowledged,
			otherTopics,
			staleMs: this.#stale.remainingMs(live.socket),
			coveredByOthers: this.#shared.coveredByOthers(this, this.#options.products),
			closedAt: Date.now(),
		});
	}

	/** Reads the orders if the venue may have cancelled some, runs the hook `onOpen`, and pings once more. Keeps pinging meanwhile. */
	async #recover(live: LiveConnection, signal: AbortSignal): Promise<void> {
		const work = new AbortController();
		const cut = AbortSignal.any([signal, live.ended, work.signal]);
		const pinging = live.pingUntil(cut);
		try {
			const reading = this.#orders.read(live.ended);
			const deadline = { ms: readInOpenMs, signal: cut, onTimeout: () => undefined };
			await withDeadline(deadline, () => reading).catch(() => undefined);
			cut.throwIfAborted();
			const opened = { handle: live.socket, losses: this.#losses.losses, signal: cut };
			await this.#log.call("onOpen", () => runOnOpen(packageName, this.#onOpen, opened));
		} finally {
			work.abort();
			await pinging;
		}
		await live.ping(signal);
	}

	/**
	 * The lease to return from open() or beat(). Its TTL is the venue's idle limit: if no ping follows, the venue may end the connection
	 * after this time, but not earlier.
	 */
	async #lease(live: LiveConnection, signal: AbortSignal, timeoutMs: number): Promise<Lease> {
		const ms = Math.max(0, timeoutMs);
		const [configuration, topicsProblem] = await Promise.all([
			this.#proof.protection(ms, signal, live.ended),
			live.topics.verify(ms, signal),
		]);
		live.configuration = configuration;
		if (live.ended.aborted) throw toSessionError(live.ended.reason, "ended");
		if (this.#live !== live) throw sessionEnded("the connection was replaced or closed");
		const { products, othersKeepAlive } = this.#options;
		const { maxActiveTimeSeconds, pingMs } = this.#pingTimeout.options;
		const isShared = this.#shared.coveredByOthers(this, products).length > 0;
		return {
			ttlMs: maxActiveTimeSeconds * 1_000,
			paceMs: pingMs,
			protection: protectionOf(configuration, topicsProblem ?? live.topicsReason, { othersKeepAlive, isShared }),
			ended: live.ended,
		};
	}

	#onConfigurationRead(configuration: Protection): void {
		if (this.#live) this.#live.configuration = configuration;
		this.#host?.protectionChanged();
	}

	#onTopicsChange(): void {
		if (!this.#live) return;
		this.#live.recheckTopics();
		this.#host?.protectionChanged();
	}

	#onOrdersRead(): void {
		const reason = this.#orders.unreadReason;
		if (reason !== undefined) this.#log.warn(sentence(`Bybit: ${reason}`));
		for (const loss of this.#losses.losses) {
			if (loss.state !== "assume-fired" || !loss.orders) continue;
			const { open, cancelledByDcp } = loss.orders;
			this.#log.warn(
				`After a lost connection, Bybit has cancelled ${cancelledByDcp.length} orders; ${open.length} are open.`,
			);
		}
		this.#host?.protectionChanged();
	}

	#dropConnection(): void {
		void this.#live?.socket.close();
		this.#live = undefined;
	}

	#nextGeneration(): number {
		this.#generation += 1;
		return this.#generation;
	}

	#throwIfReplaced(generation: number, signal: AbortSignal): void {
		signal.throwIfAborted();
		if (generation !== this.#generation) throw sessionEnded("a later open or close replaced this one");
	}
}
