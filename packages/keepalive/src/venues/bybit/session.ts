import { type BybitConnection, type BybitHttp, createBybitHttp, isBybitError } from "@x/bybit-dcp";
import type { Closed, Lease, OrdersOnClose, Protection } from "../../session.ts";
import { SessionError } from "../../session-error.ts";
import { monotonicMs } from "../../time.ts";
import { AuthRefusals } from "./auth-refusals.ts";
import type { BybitEvidence, BybitGuarded } from "./bybit-guarded.ts";
import type { BybitCountdown, Instant } from "./countdown.ts";
import { ended, inTime, toSessionError, underBan } from "./disposition.ts";
import { type BybitExposure, bybitExposure } from "./exposure.ts";
import { Ghosts } from "./ghosts.ts";
import { besideStreams, notArmed, otherTopics, whyNotArmed } from "./guard.ts";
import { closedAs } from "./leave.ts";
import { Calls } from "./limits.ts";
import { instant, LossWatch } from "./loss-watch.ts";
import { type Counted, connector } from "./open.ts";
import { type BybitResolved, type BybitSessionOptions, beatMs, resolveBybitOptions } from "./options.ts";
import { patientPing } from "./patient-ping.ts";
import { Patience } from "./ping.ts";
import { DcpProof } from "./proof.ts";
import { type BybitReconciliation, listOrders } from "./recovery.ts";
import { type Siblings, siblingsOf } from "./shared-connections.ts";
import { TopicProof } from "./topics.ts";

/** A connection that is authenticated, subscribed and has answered a ping. */
interface Live {
	readonly socket: BybitConnection;
	readonly ended: AbortSignal;
	readonly topics: TopicProof;
	/** As far as the configuration goes. */
	protection: Protection;
}

/** Bybit's Disconnection Protect as a session. */
export class BybitSession implements BybitGuarded {
	readonly name: string;
	readonly exposure: BybitExposure;
	readonly #options: BybitResolved;
	readonly #patience: Patience;
	readonly #http: BybitHttp;
	readonly #calls: Calls;
	readonly #proof: DcpProof;
	readonly #losses: LossWatch;
	readonly #ghosts: Ghosts;
	readonly #siblings: Siblings;
	readonly #refusals: AuthRefusals;
	readonly #connect: (signal: AbortSignal) => Promise<Counted>;
	#live: Live | undefined;
	#leaving: Promise<Closed> | undefined;
	/** Counts opens and closes: a result of an earlier one is thrown away. */
	#turn = 0;

	constructor(options: BybitSessionOptions) {
		const resolved = resolveBybitOptions(options);
		this.#options = resolved;
		this.#patience = new Patience(resolved);
		this.name = resolved.name;
		this.exposure = bybitExposure(resolved);
		this.#losses = new LossWatch(resolved);
		const key = options.signer
			? { apiKey: options.apiKey, signer: options.signer }
			: { apiKey: options.apiKey, apiSecret: options.apiSecret };
		try {
			const http = createBybitHttp({
				...key,
				...(options.fetch ? { fetch: options.fetch } : {}),
				baseUrl: resolved.restUrl,
				callTimeoutMs: resolved.callTimeoutMs,
			});
			this.#http = http;
			this.#calls = new Calls(options.fetch ?? globalThis, new URL(resolved.restUrl).host);
			this.#proof = new DcpProof(http, resolved, this.#calls);
			this.#refusals = new AuthRefusals(http, this.#calls, resolved);
			this.#ghosts = new Ghosts(resolved);
			this.#connect = connector(options, resolved, http.serverNow, this.#ghosts);
			this.#siblings = siblingsOf(options, resolved.wsUrl);
		} catch (error) {
			throw toSessionError(error);
		}
	}

	get handle(): BybitConnection | undefined {
		return this.#live?.socket;
	}

	get countdown(): BybitCountdown {
		// Nothing is enabled, so nothing is cancelled, whatever is lost.
		return this.#proof.nothingEnabled ? { state: "none" } : this.#losses.countdown;
	}

	get evidence(): BybitEvidence {
		const live = this.#live?.ended.aborted ? undefined : this.#live;
		return {
			configurationAt: live?.protection.state === "armed" ? live.protection.verifiedAt : null,
			subscribedAt: live?.topics.acknowledged.epochMs ?? null,
			pingAt: (live && this.#losses.proved(live.socket)?.epochMs) ?? null,
		};
	}

	requireArmed(): void {
		const { countdown } = this;
		const fired = countdown.state === "assume-fired" ? "a trigger must be assumed and is not reconciled" : undefined;
		const why = this.#whyNotArmed() ?? fired;
		if (why !== undefined) throw notArmed(why);
	}

	async reconcile(signal: AbortSignal = new AbortController().signal): Promise<BybitReconciliation> {
		const live = this.#live;
		// In this order: only while a connection counts does what is read stay true.
		const why = this.#whyNotArmed();
		if (why !== undefined) throw notArmed(why);
		try {
			const found = await listOrders(this.#http, this.#calls, this.#options.products, this.#losses.lostForMs, signal);
			if (!live || live !== this.#live || live.ended.aborted)
				throw ended("the connection was lost while the orders were read");
			if (found.openComplete) this.#losses.reconciled();
			return found;
		} catch (error) {
			throw this.#told(toSessionError(error));
		}
	}

	/**
	 * The configuration first, then the connection. After a loss it is the other way round: the countdown runs, and what
	 * stops it is the connection, so nothing stands before it; the configuration is read again right afterwards, and the
	 * protection is `unknown` without that. Only a refused authentication puts HTTP before it: the venue's clock, and from
	 * the second on a signed call. Once the race is lost HTTP is first again: it tells of a ban, which a handshake does not.
	 */
	async open(signal: AbortSignal): Promise<Lease> {
		const turn = this.#takeTurn();
		const earlier = this.#live;
		this.#live = undefined;
		if (earlier && this.#overdue(earlier.socket)) this.#losses.silent(earlier.socket);
		try {
			await this.#refusals.prepare(signal);
			await this.#prepareProof(signal);
			this.#requireTurn(turn, signal);
			const { socket, topicsAsked, pingSent } = await this.#connect(signal);
			this.#refusals.passed();
			this.#losses.counts(socket, pingSent);
			this.#siblings.add(socket, this.#options.products);
			// Whoever asked has gone: this connection must not stay behind and keep orders alive that nobody guards.
			if (turn !== this.#turn || signal.aborted) {
				void socket.close();
				this.#requireTurn(turn, signal);
			}
			this.#live = {
				socket,
				ended: this.#endedOf(socket),
				topics: new TopicProof(socket, this.#options, topicsAsked),
				protection: { state: "unknown", reason: "not verified yet" },
			};
			const lease = await this.#lease(this.#live, signal, 2 * this.#options.callTimeoutMs);
			if (signal.aborted) this.#giveUp();
			this.#requireTurn(turn, signal);
			return lease;
		} catch (error) {
			this.#patience.note(error);
			const judged = this.#refusals.judge(error, this.#losses.isHeld);
			throw this.#told(toSessionError(underBan(judged, this.#http.bannedMs(), this.#losses.isRacing)));
		} finally {
			// Only now: as long as the venue counts it, the earlier connection may be what holds the countdown back.
			void earlier?.socket.close();
		}
	}

	async #prepareProof(signal: AbortSignal): Promise<void> {
		if (!this.#proof.held) return this.#proof.establish(signal);
		try {
			if (!this.#losses.isRacing) return await this.#proof.establish(signal);
			if (this.#refusals.keyInDoubt) await this.#proof.tryKey(signal);
		} catch (error) {
			// An HTTP side that fails for the moment keeps nobody from connecting: the venue protects whether it is proved or not.
			if (toSessionError(error).disposition.action !== "retry") throw error;
		}
		// While we were away anybody may have changed it: armed is what the venue says now, not what it said before.
		this.#proof.doubt();
	}

	async beat(signal: AbortSignal): Promise<Lease> {
		const live = this.#live;
		if (!live) throw ended("there is no connection");
		if (live.ended.aborted) throw toSessionError(live.ended.reason, "ended");
		const started = monotonicMs();
		let sent: Instant;
		try {
			sent = await patientPing(live.socket, this.#patience.options.pongTimeoutMs, signal);
		} catch (error) {
			if (live.ended.aborted) throw toSessionError(live.ended.reason, "ended");
			// A pong that does not come means a half-open line: the venue's clocks run, and every beat more over it is lost time.
			const silent = isBybitError(error) && error.kind === "timeout";
			if (!silent) throw toSessionError(error);
			this.#patience.note(error);
			this.#losses.silent(live.socket);
			throw this.#told(toSessionError(error, "ended"));
		}
		this.#losses.counts(live.socket, sent);
		// What is left of the beat's time: a slow read-back must not make an answered ping look like a failure.
		return this.#lease(live, signal, beatMs(this.#patience.options) * 0.8 - (monotonicMs() - started));
	}

	async close(orders: OrdersOnClose): Promise<Closed> {
		this.#takeTurn();
		const live = this.#live;
		this.#live = undefined;
		if (live) this.#leaving = this.#leave(live, orders);
		this.#leaving ??= Promise.resolve({
			orders: "unknown",
			detail: "Bybit: there was no connection to leave; look at the orders.",
		});
		return this.#leaving;
	}

	/** Read first and closed then: a configuration read after the close could be newer than the one the venue acts by. */
	async #leave(live: Live, orders: OrdersOnClose): Promise<Closed> {
		const configuration = await this.#proof.readNow();
		const lost = live.ended.aborted;
		const streams = otherTopics(live.socket);
		const { acknowledged } = await live.socket.close();
		if (!acknowledged) this.#losses.doubt();
		const ghostMs = this.#ghosts.leftMsBeside(live.socket);
		const heldBeside = this.#siblings.counting(this.#options.products);
		const left = { configuration, lost, acknowledged, streams, ghostMs, heldBeside, closedAt: Date.now() };
		return closedAs(orders, { ...this.#options, ...left });
	}

	/** The TTL is the idle limit: without a ping the venue may end the connection after it, and not before. */
	async #lease(live: Live, signal: AbortSignal, budgetMs: number): Promise<Lease> {
		const ms = Math.max(0, budgetMs);
		const [protection, doubt] = await Promise.all([
			this.#proof.protection(ms, signal, live.ended),
			live.topics.verify(ms, signal),
		]);
		// What is known to be off is told as that, whatever else is in doubt.
		live.protection =
			doubt !== undefined && protection.state === "armed" ? { state: "unknown", reason: doubt } : protection;
		// Verified or not: a connection that ended meanwhile protects nothing.
		if (live.ended.aborted) throw toSessionError(live.ended.reason, "ended");
		if (this.#live !== live) throw ended("the connection was given up");
		const told = besideStreams(live.protection, live.socket);
		const { maxActiveTimeSeconds, pingMs } = this.#patience.options;
		return { ttlMs: maxActiveTimeSeconds * 1_000, paceMs: pingMs, protection: told, ended: live.ended };
	}

	/** One signal for the life of the connection, with the reason, and the countdown that it starts, as a SessionError. */
	#endedOf(socket: BybitConnection): AbortSignal {
		const controller = new AbortController();
		const tell = (): void => controller.abort(this.#told(toSessionError(socket.ended.reason, "ended")));
		if (socket.ended.aborted) tell();
		else socket.ended.addEventListener("abort", tell, { once: true });
		return controller.signal;
	}

	/** The error with the countdown in words, so that it stands in the status as well. */
	#told(error: SessionError): SessionError {
		// Nothing is enabled, so nothing is cancelled, whatever is lost.
		const words = this.#proof.nothingEnabled ? "" : this.#losses.words(this.#options.products.join(", "));
		if (words === "") return error;
		const { session, cause } = error;
		const disposition = inTime(error.disposition, this.#losses.savableMs);
		return new SessionError(`${error.message} ${words}`, { disposition, session, cause });
	}

	#whyNotArmed(): string | undefined {
		const live = this.#live;
		const known = {
			connected: live !== undefined && !live.ended.aborted,
			proved: live && this.#losses.proved(live.socket),
			topics: live?.topics.acknowledged,
			protection: live
				? besideStreams(live.protection, live.socket)
				: { state: "unknown" as const, reason: "not verified yet" },
			now: instant(),
		};
		return whyNotArmed(known, this.#patience.options);
	}

	/** The last answered ping is older than a beat in time lets it become. */
	#overdue(socket: BybitConnection): boolean {
		const proved = this.#losses.proved(socket);
		const { options } = this.#patience;
		const allowedMs = beatMs(options) + options.pongTimeoutMs;
		return proved !== undefined && monotonicMs() - proved.monotonicMs > allowedMs;
	}

	#giveUp(): void {
		void this.#live?.socket.close();
		this.#live = undefined;
	}

	#takeTurn(): number {
		this.#turn += 1;
		return this.#turn;
	}

	#requireTurn(turn: number, signal: AbortSignal): void {
		signal.throwIfAborted();
		if (turn !== this.#turn) throw ended("another open or close came between");
	}
}
