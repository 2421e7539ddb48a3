import { monotonicMs, neverAborted } from "@x/base/clock";
import { type Instant, instantNow } from "@x/base/instant";
import { type BybitConnection, type BybitHttp, createBybitHttp, isBybitError } from "@x/bybit-dcp";
import type { Closed, Lease, OrdersOnClose, Protection, Session } from "../../session.ts";
import { type BybitCountdown, LossTracker } from "./countdown.ts";
import { sessionEnded, toSessionError } from "./disposition.ts";
import { type BybitExposure, bybitExposure, warningsOf } from "./exposure.ts";
import { describeClose } from "./leave.ts";
import { CallLimiter } from "./limits.ts";
import { ConnectionOpener, type CountedConnection } from "./open.ts";
import {
	type BybitSessionOptions,
	beatMs,
	httpOptionsOf,
	type ResolvedBybitOptions,
	resolveBybitOptions,
} from "./options.ts";
import { AdaptivePingTimeout, proveAlive } from "./ping.ts";
import { ConfigurationProof, notArmed, notArmedReason } from "./proof.ts";
import { type BybitReconciliation, listOrders } from "./recovery.ts";
import { type SharedConnections, StaleConnections, sharedConnectionsOf } from "./shared-connections.ts";
import { otherTopicsOf, TopicProof, withOtherTopics } from "./topics.ts";

/** When each part of the proof was last given, in epoch milliseconds; null while it is missing. */
export interface BybitEvidence {
	/** When the configuration was read back with every product enabled and the requested window. Null while it differs. */
	readonly configurationAt: number | null;
	/** When the last acknowledged subscription of the connection's topics was sent; repeated every `verifyEveryMs`. */
	readonly subscribedAt: number | null;
	/** When the last answered ping was sent. */
	readonly pingAt: number | null;
}

/** The connection in use, which the venue counts. */
interface LiveConnection {
	readonly socket: BybitConnection;
	readonly ended: AbortSignal;
	readonly topics: TopicProof;
	/** Judged by the configuration and the `dcp.*` topics only. */
	protection: Protection;
}

/** Bybit's Disconnection Protect as a session. Created by {@link bybit}. */
export class BybitSession implements Session<BybitConnection> {
	/** Unique among the sessions of one keeper. */
	readonly name: string;
	/** How long orders stay in the book after this process dies, with these options. */
	readonly exposure: BybitExposure;
	readonly #options: ResolvedBybitOptions;
	readonly #pingTimeout: AdaptivePingTimeout;
	readonly #http: BybitHttp;
	readonly #calls: CallLimiter;
	readonly #proof: ConfigurationProof;
	readonly #losses: LossTracker;
	readonly #stale: StaleConnections;
	readonly #shared: SharedConnections;
	readonly #opener: ConnectionOpener;
	#live: LiveConnection | undefined;
	#closing: Promise<Closed> | undefined;
	/** Counts opens and closes: the result of an earlier one is discarded. */
	#generation = 0;

	/** @throws OptionError for an option that is not allowed or not known. */
	constructor(options: BybitSessionOptions) {
		const resolved = resolveBybitOptions(options);
		this.#options = resolved;
		this.name = resolved.name;
		this.exposure = bybitExposure(resolved);
		this.#pingTimeout = new AdaptivePingTimeout(resolved);
		this.#http = createBybitHttp(httpOptionsOf(options, resolved));
		this.#calls = new CallLimiter(options.client.fetch ?? globalThis, new URL(resolved.restUrl).host);
		this.#proof = new ConfigurationProof(this.#http, resolved, this.#calls);
		this.#losses = new LossTracker(resolved, () => this.#proof.isNothingEnabled);
		this.#stale = new StaleConnections(resolved);
		this.#shared = sharedConnectionsOf(options.client, resolved.wsUrl);
		const [calls, proof, losses, stale] = [this.#calls, this.#proof, this.#losses, this.#stale];
		this.#opener = new ConnectionOpener(options, resolved, { http: this.#http, calls, proof, losses, stale });
	}

	/** Advice on options that are allowed but unwise, one sentence each. */
	get warnings(): readonly string[] {
		return warningsOf(this.#options);
	}

	/** The connection in use, for trading on the guarded connection; undefined while there is none. */
	get handle(): BybitConnection | undefined {
		return this.#live?.socket;
	}

	/** The state of the race between reconnecting and the venue's cancel. Plain data, a new object each time. */
	get countdown(): BybitCountdown {
		return this.#losses.countdown;
	}

	/** When each part of the proof was last given. Plain data, a new object each time. */
	get evidence(): BybitEvidence {
		const live = this.#live?.ended.aborted ? undefined : this.#live;
		return {
			configurationAt: live?.protection.state === "armed" ? live.protection.verifiedAt : null,
			subscribedAt: live?.topics.acknowledged.wallMs ?? null,
			pingAt: (live && this.#losses.lastPing(live.socket)?.wallMs) ?? null,
		};
	}

	/**
	 * Returns if the orders are proved to be protected right now; call it before placing one. Sends nothing.
	 *
	 * Requires a live connection with a recently answered ping, a recently read configuration, and no assumed trigger that has
	 * not been reconciled.
	 *
	 * @throws SessionError that says what is missing.
	 */
	requireArmed(): void {
		const isUnreconciled = this.countdown.state === "assume-fired";
		const reason =
			this.#notArmedReason() ?? (isUnreconciled ? "orders may have been cancelled and are not reconciled" : undefined);
		if (reason !== undefined) throw notArmed(reason);
	}

	/**
	 * After a loss: reads the working orders, and those that Disconnection Protect has cancelled since. If all working orders
	 * were read, a trigger is no longer assumed and {@link requireArmed} passes again.
	 *
	 * Makes several calls, each with its own deadline. Call it once the session is alive again, before trading.
	 *
	 * @throws SessionError if the session is not armed, the connection is lost meanwhile, or a list could not be read.
	 */
	async reconcile(signal: AbortSignal = neverAborted): Promise<BybitReconciliation> {
		const live = this.#live;
		// Without a connection that counts, the orders may change right after they were read.
		const reason = this.#notArmedReason();
		if (reason !== undefined) throw notArmed(reason);
		try {
			const found = await listOrders(this.#http, this.#calls, this.#options.products, this.#losses.lostForMs, signal);
			if (!live || live !== this.#live || live.ended.aborted)
				throw sessionEnded("the connection was lost while the orders were read");
			if (found.openComplete) this.#losses.reconcile();
			return found;
		} catch (error) {
			throw this.#losses.explain(toSessionError(error));
		}
	}

	/** See {@link Session.open}. */
	async open(signal: AbortSignal): Promise<Lease> {
		const generation = this.#nextGeneration();
		const throwIfReplaced = () => this.#throwIfReplaced(generation, signal);
		const earlier = this.#live;
		this.#live = undefined;
		if (earlier && this.#isPingOverdue(earlier.socket)) this.#losses.recordSilence(earlier.socket);
		try {
			const live = this.#track(await this.#opener.open(signal, throwIfReplaced));
			// This open was aborted or replaced. Left open, its connection would keep orders alive without a guard.
			if (generation !== this.#generation || signal.aborted) {
				void live.socket.close();
				throwIfReplaced();
			}
			this.#live = live;
			const lease = await this.#lease(live, signal, 2 * this.#options.callTimeoutMs);
			if (signal.aborted) this.#dropConnection();
			throwIfReplaced();
			return lease;
		} catch (error) {
			this.#pingTimeout.record(error);
			throw this.#opener.failure(error);
		} finally {
			// Last: while the venue counts the earlier connection, no countdown runs.
			void earlier?.socket.close();
		}
	}

	/** See {@link Session.beat}. */
	async beat(signal: AbortSignal): Promise<Lease> {
		const live = this.#live;
		if (!live) throw sessionEnded("there is no connection");
		if (live.ended.aborted) throw toSessionError(live.ended.reason, "ended");
		const startedMs = monotonicMs();
		let sent: Instant;
		try {
			sent = await proveAlive(live.socket, this.#pingTimeout.options.pongTimeoutMs, signal);
		} catch (error) {
			if (live.ended.aborted) throw toSessionError(live.ended.reason, "ended");
			const isMissedPong = isBybitError(error) && error.kind === "timeout";
			if (!isMissedPong) throw toSessionError(error);
			// The connection is half-open: the venue's countdown may be running, so another beat on it would only lose time.
			this.#pingTimeout.record(error);
			this.#losses.recordSilence(live.socket);
			throw this.#losses.explain(toSessionError(error, "ended"));
		}
		this.#losses.recordPing(live.socket, sent);
		// Only what is left of the beat: a slow read-back must not make an answered ping look like a failure.
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

	/** Reads the configuration before closing: read afterwards it could be newer than the one that the venue acts on. */
	async #close(live: LiveConnection, orders: OrdersOnClose): Promise<Closed> {
		const configuration = await this.#proof.readBeforeClose();
		const wasLost = live.ended.aborted;
		const otherTopics = otherTopicsOf(live.socket);
		const { acknowledged: isAcknowledged } = await live.socket.close();
		if (!isAcknowledged) this.#losses.recordUnacknowledgedClose();
		return describeClose(orders, {
			...this.#options,
			configuration,
			wasLost,
			isAcknowledged,
			otherTopics,
			staleMs: this.#stale.remainingMs(live.socket),
			coveredByOthers: this.#shared.coveredOf(this.#options.products),
			closedAt: Date.now(),
		});
	}

	/** Records that a new connection counts, which stops a countdown. */
	#track({ socket, subscribed, pinged }: CountedConnection): LiveConnection {
		this.#losses.recordPing(socket, pinged);
		this.#shared.add(socket, this.#options.products);
		return {
			socket,
			ended: this.#endedSignal(socket),
			topics: new TopicProof(socket, this.#options, subscribed),
			protection: { state: "unknown", reason: "not verified yet" },
		};
	}

	/** The TTL is the idle limit: without a ping the venue may end the connection after it, and not before. */
	async #lease(live: LiveConnection, signal: AbortSignal, timeoutMs: number): Promise<Lease> {
		const ms = Math.max(0, timeoutMs);
		const [protection, topicsProblem] = await Promise.all([
			this.#proof.protection(ms, signal, live.ended),
			live.topics.verify(ms, signal),
		]);
		// A configuration known to be off is reported as unarmed, whatever is wrong with the topics.
		live.protection =
			topicsProblem !== undefined && protection.state === "armed"
				? { state: "unknown", reason: topicsProblem }
				: protection;
		if (live.ended.aborted) throw toSessionError(live.ended.reason, "ended");
		if (this.#live !== live) throw sessionEnded("the connection was replaced or closed");
		const { maxActiveTimeSeconds, pingMs } = this.#pingTimeout.options;
		return {
			ttlMs: maxActiveTimeSeconds * 1_000,
			paceMs: pingMs,
			protection: withOtherTopics(live.protection, live.socket),
			ended: live.ended,
		};
	}

	/** Aborts when the connection ends; the reason is a SessionError that also describes the countdown that starts. */
	#endedSignal(socket: BybitConnection): AbortSignal {
		const controller = new AbortController();
		const abort = (): void => controller.abort(this.#losses.explain(toSessionError(socket.ended.reason, "ended")));
		if (socket.ended.aborted) abort();
		else socket.ended.addEventListener("abort", abort, { once: true });
		return controller.signal;
	}

	#notArmedReason(): string | undefined {
		const live = this.#live;
		const known = {
			isConnected: live !== undefined && !live.ended.aborted,
			pinged: live && this.#losses.lastPing(live.socket),
			subscribed: live?.topics.acknowledged,
			protection: live
				? withOtherTopics(live.protection, live.socket)
				: { state: "unknown" as const, reason: "not verified yet" },
			now: instantNow(Date.now),
		};
		return notArmedReason(known, this.#pingTimeout.options);
	}

	/** True if the last answered ping is older than punctual beats allow. */
	#isPingOverdue(socket: BybitConnection): boolean {
		const pinged = this.#losses.lastPing(socket);
		const { options } = this.#pingTimeout;
		const allowedMs = beatMs(options) + options.pongTimeoutMs;
		return pinged !== undefined && monotonicMs() - pinged.monotonicMs > allowedMs;
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
		if (generation !== this.#generation) throw sessionEnded("another open or close came between");
	}
}
