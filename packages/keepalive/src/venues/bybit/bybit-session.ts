import { type BybitPrivateSocket, connectBybitPrivate, createBybitHttp, isBybitError } from "@x/bybit-dcp";
import type { Closed, Lease, OrdersOnClose, Protection, Session } from "../../session.ts";
import { SessionError } from "../../session-error.ts";
import { monotonicMs, within } from "../../time.ts";
import { closedAs } from "./closed-as.ts";
import { DcpProof } from "./dcp-proof.ts";
import { toSessionError } from "./disposition.ts";
import { type BybitOptions, type BybitResolved, resolveBybitOptions } from "./options.ts";

/** A connection that is authenticated, subscribed and has answered a ping. */
interface Live {
	readonly socket: BybitPrivateSocket;
	readonly ended: AbortSignal;
	protection: Protection;
}

/** Bybit's Disconnection Protect as a session. */
export class BybitSession implements Session<BybitPrivateSocket> {
	readonly name: string;
	readonly #options: BybitResolved;
	readonly #proof: DcpProof;
	readonly #connect: (signal: AbortSignal) => Promise<BybitPrivateSocket>;
	#live: Live | undefined;
	#closed: Closed | undefined;
	/** Counts opens and closes: a result of an earlier one is thrown away. */
	#turn = 0;

	constructor(options: BybitOptions) {
		const resolved = resolveBybitOptions(options);
		this.#options = resolved;
		this.name = resolved.name;
		const injected = {
			...(options.fetch ? { fetch: options.fetch } : {}),
			...(options.WebSocket ? { WebSocket: options.WebSocket } : {}),
		};
		const key = options.signer
			? { apiKey: options.apiKey, signer: options.signer }
			: { apiKey: options.apiKey, apiSecret: options.apiSecret };
		// A step that hangs must leave time for a second attempt within the window.
		const stepMs = Math.min(5_000, Math.max(1_000, resolved.windowSeconds * 250));
		try {
			const http = createBybitHttp({
				...key,
				...injected,
				baseUrl: resolved.restUrl,
				callTimeoutMs: resolved.callTimeoutMs,
			});
			this.#proof = new DcpProof(http, resolved);
			this.#connect = (signal) =>
				connectBybitPrivate(
					{
						...key,
						...injected,
						url: resolved.wsUrl,
						maxActiveTimeSeconds: resolved.maxActiveTimeSeconds,
						connectTimeoutMs: stepMs,
						authTimeoutMs: stepMs,
						subscribeTimeoutMs: stepMs,
						pongTimeoutMs: resolved.pongTimeoutMs,
						now: http.serverNow,
					},
					signal,
				);
		} catch (error) {
			throw toSessionError(error);
		}
	}

	get handle(): BybitPrivateSocket | undefined {
		return this.#live?.socket;
	}

	/**
	 * The configuration first, then the connection. After a loss it is the other way round: the countdown runs, and what
	 * stops it is the connection, so nothing stands before it; the configuration is read again afterwards when its proof is old.
	 */
	async open(signal: AbortSignal): Promise<Lease> {
		const turn = this.#takeTurn();
		const earlier = this.#live;
		this.#live = undefined;
		try {
			if (!this.#proof.held) await this.#proof.establish(signal);
			this.#requireTurn(turn, signal);
			const socket = await this.#subscribed(signal);
			// Whoever asked has gone: this connection must not stay behind and keep orders alive that nobody guards.
			if (turn !== this.#turn || signal.aborted) {
				void socket.close();
				this.#requireTurn(turn, signal);
			}
			this.#live = { socket, ended: endedOf(socket), protection: { state: "unknown", reason: "not verified yet" } };
			const lease = await this.#lease(this.#live, signal, 2 * this.#options.callTimeoutMs);
			if (signal.aborted) this.#giveUp();
			this.#requireTurn(turn, signal);
			return lease;
		} catch (error) {
			throw toSessionError(error);
		} finally {
			// Only now: as long as the venue counts it, the earlier connection may be what holds the countdown back.
			void earlier?.socket.close();
		}
	}

	async beat(signal: AbortSignal): Promise<Lease> {
		const live = this.#live;
		if (!live) throw ended("there is no connection");
		if (live.ended.aborted) throw toSessionError(live.ended.reason, "ended");
		const startedAt = monotonicMs();
		try {
			await live.socket.ping(signal);
		} catch (error) {
			// A pong that does not come means a half-open line: the venue's clocks run, and every beat more over it is lost time.
			const silent = isBybitError(error) && error.kind === "timeout";
			throw toSessionError(error, silent || live.ended.aborted ? "ended" : "unclear");
		}
		// What is left of the beat's time: a slow read-back must not make an answered ping look like a failure.
		return this.#lease(live, signal, this.#beatMs * 0.8 - (monotonicMs() - startedAt));
	}

	async close(orders: OrdersOnClose): Promise<Closed> {
		this.#takeTurn();
		const live = this.#live;
		this.#live = undefined;
		if (!live) {
			this.#closed ??= { orders: "unknown", detail: "Bybit: there was no connection to leave; look at the orders." };
			return this.#closed;
		}
		const lost = live.ended.aborted;
		const { acknowledged } = await live.socket.close();
		this.#closed = closedAs(orders, {
			...this.#options,
			protection: live.protection,
			nothingEnabled: this.#proof.nothingEnabled,
			lost,
			acknowledged,
		});
		return this.#closed;
	}

	get #ttlMs(): number {
		return this.#options.maxActiveTimeSeconds * 1_000;
	}

	/** The time one beat has: what the keeper's interval will be. */
	get #beatMs(): number {
		return Math.min(this.#ttlMs / 3, this.#options.pingMs);
	}

	/** Connects, subscribes every product's topic and has one ping answered: a countdown stops with the ping at the latest. */
	async #subscribed(signal: AbortSignal): Promise<BybitPrivateSocket> {
		const socket = await this.#connect(signal);
		try {
			for (const product of this.#options.products) await socket.subscribeDcp(product, signal);
			await socket.ping(signal);
			return socket;
		} catch (error) {
			void socket.close();
			throw error;
		}
	}

	/** The TTL is the idle limit: without a ping the venue may end the connection after it, and not before. */
	async #lease(live: Live, signal: AbortSignal, budgetMs: number): Promise<Lease> {
		live.protection = await this.#verify(signal, Math.max(0, budgetMs));
		// Verified or not: a connection that ended meanwhile protects nothing.
		if (live.ended.aborted) throw toSessionError(live.ended.reason, "ended");
		if (this.#live !== live) throw ended("the connection was given up");
		return { ttlMs: this.#ttlMs, paceMs: this.#options.pingMs, protection: live.protection, ended: live.ended };
	}

	async #verify(signal: AbortSignal, budgetMs: number): Promise<Protection> {
		try {
			return await within(budgetMs, signal, "reading the configuration back", (cut) => this.#proof.protection(cut));
		} catch {
			return { state: "unknown", reason: "reading the configuration back took too long" };
		}
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

/** One signal for the life of the connection, with the reason as a SessionError. */
function endedOf(socket: BybitPrivateSocket): AbortSignal {
	const controller = new AbortController();
	const tell = (): void => controller.abort(toSessionError(socket.ended.reason, "ended"));
	if (socket.ended.aborted) tell();
	else socket.ended.addEventListener("abort", tell, { once: true });
	return controller.signal;
}

function ended(why: string): SessionError {
	return new SessionError(`@x/keepalive/bybit: ${why}.`, { disposition: { action: "retry" }, session: "ended" });
}
