import { withDeadline } from "@x/base/clock";
import { type Instant, instantNow } from "@x/base/instant";
import {
	type BybitConnection,
	type BybitHttp,
	bybitTopicOf,
	checkBybitSocketOptions,
	connectBybit,
	isBybitError,
} from "@x/bybit-dcp";
import { countRepeatedUpgrade } from "../../connection-limiter.ts";
import type { OpenStep } from "../../session.ts";
import { reworded, SessionError } from "../../session-error.ts";
import type { WireLog } from "./call-logger.ts";
import { noAnswer, toSessionError, waitDuringBan } from "./error-disposition.ts";
import { type CallLimiter, connectionLimitOf, tryAcquireConnection } from "./limits.ts";
import { type BybitSessionOptions, type ResolvedBybitOptions, socketOptionsOf, stepMs } from "./options.ts";
import type { ConfigurationProof } from "./protection-proof.ts";
import type { LossTracker } from "./session-losses.ts";
import type { StaleConnections } from "./shared-connections.ts";

/** How long to wait before the next sign-in after two refused sign-ins in a row, in milliseconds. */
const refusedWaitMs = 30_000;

/** A connection that the venue regards as alive: authenticated, subscribed to every product's topic, and its ping answered. */
export interface CountedConnection {
	readonly socket: BybitConnection;
	/** The time right before the first subscribe request was sent. The venue acknowledged all topics after this time. */
	readonly subscribed: Instant;
	/** The time right before the answered ping was sent. */
	readonly pinged: Instant;
}

/** What a {@link ConnectionOpener} needs from its session. */
interface Collaborators {
	readonly http: BybitHttp;
	readonly calls: CallLimiter;
	/** Called after the connection limiter has counted an attempt to connect. */
	readonly limitsUsed: () => void;
	readonly proof: ConfigurationProof;
	readonly losses: LossTracker;
	readonly stale: StaleConnections;
	readonly log: WireLog;
	/** Called when the set of topics of a connection has changed. */
	onTopicsChange(): void;
}

type OnStep = (step: OpenStep) => void;

/** A session that has been open before ends only after this many fatal failures in a row. */
const fatalConfirmations = 3;

/** Opens the session's connections: signs in, subscribes and pings. Makes one attempt to connect at a time. */
export class ConnectionOpener {
	readonly #connect: (signal: AbortSignal, onStep?: OnStep) => Promise<CountedConnection>;
	readonly #refusals: AuthRefusals;
	readonly #http: BybitHttp;
	readonly #calls: CallLimiter;
	readonly #options: ResolvedBybitOptions;
	readonly #proof: ConfigurationProof;
	readonly #losses: LossTracker;
	#hasOpened = false;
	#fatalInARow = 0;

	/** @throws OptionError for a socket option that is not allowed. */
	constructor(options: BybitSessionOptions, resolved: ResolvedBybitOptions, session: Collaborators) {
		this.#http = session.http;
		this.#proof = session.proof;
		this.#losses = session.losses;
		this.#calls = session.calls;
		this.#options = resolved;
		this.#refusals = new AuthRefusals(session.http);
		this.#connect = connector(options, resolved, session);
	}

	/**
	 * Connects, and reads the configuration over HTTP.
	 *
	 * Usually HTTP comes first, because an HTTP reply reports a ban, and a refused handshake does not. But while a new connection may
	 * prevent the venue's cancel after a connection loss, the session connects first, so that nothing delays the connection. The
	 * configuration is then read right after the connection was made.
	 *
	 * In that case too, an HTTP call comes first if the venue would probably refuse the sign-in without it:
	 *
	 * - a call that reads the venue's clock: after a refused sign-in, and after this machine's clock was set or the machine was
	 *   suspended;
	 * - a signed call that checks the API key: after two or more refused sign-ins in a row.
	 *
	 * @param throwIfReplaced - throws if another open or close was called meanwhile.
	 */
	async open(signal: AbortSignal, throwIfReplaced: () => void, onStep?: OnStep): Promise<CountedConnection> {
		await this.#readClockIfUnknown(signal);
		await this.#prepareProof(signal, onStep);
		throwIfReplaced();
		const counted = await this.#connect(signal, onStep);
		this.#refusals.reset();
		this.#hasOpened = true;
		this.#fatalInARow = 0;
		return counted;
	}

	/** The error that the keeper gets for a failed open; its disposition says what to do next. */
	failure(error: unknown): SessionError {
		const judged = this.#refusals.record(error, this.#losses.isCounting);
		const { maySaveOrders } = this.#losses;
		const failed = toSessionError(waitDuringBan(judged, this.#http.bannedMs, maySaveOrders));
		return this.#losses.explain(this.#doubted(failed));
	}

	/**
	 * If the session has been open before, turns a fatal failure into a retry. A single wrong answer of the venue must not end the
	 * session, because the venue would then cancel the orders. The failure stays fatal if it is at least the third one in a row and no
	 * cancel can be prevented any more.
	 */
	#doubted(error: SessionError): SessionError {
		if (error.disposition.action !== "fatal" || !this.#hasOpened) {
			this.#fatalInARow = 0;
			return error;
		}
		this.#fatalInARow += 1;
		if (this.#fatalInARow >= fatalConfirmations && !this.#losses.isCounting) return error;
		const why = "This session has worked before, so it is tried again before it is given up.";
		return reworded(error, `${error.message} ${why}`, { disposition: { action: "retry" } });
	}

	/**
	 * Reads the venue's clock if it is not known, or after a refused sign-in. With a wrong time the sign-in would be refused, and that costs
	 * more time than reading the clock.
	 */
	async #readClockIfUnknown(signal: AbortSignal): Promise<void> {
		// The first open makes HTTP calls anyway, and each of them reads the clock.
		const isUnknown = this.#proof.hasEverProved && this.#http.skew === undefined;
		if (!isUnknown && !this.#refusals.isClockInDoubt) return;
		// The deadline is at most that of one step of connecting, because the venue may be about to cancel.
		const ms = Math.min(stepMs(this.#options), this.#options.callTimeoutMs);
		const read = (cut: AbortSignal) => this.#calls.run("serverTime", () => this.#http.serverTime({ signal: cut }));
		try {
			await withDeadline({ ms, signal, onTimeout: () => noAnswer("reading the venue's clock", ms) }, read);
		} catch {
			// Without the venue's time, the sign-in uses this machine's clock.
			signal.throwIfAborted();
		}
	}

	async #prepareProof(signal: AbortSignal, onStep?: OnStep): Promise<void> {
		const establish = (): Promise<void> => {
			onStep?.("arm");
			return this.#proof.establish(signal);
		};
		if (!this.#proof.hasEverProved) return establish();
		try {
			if (!this.#losses.maySaveOrders) return await establish();
			if (this.#refusals.isKeyInDoubt) await this.#proof.checkKey(signal);
		} catch (error) {
			// A temporary HTTP failure does not prevent connecting: with a connection the venue protects the orders, even if the session cannot
			// prove it.
			if (toSessionError(error).disposition.action !== "retry") throw error;
		}
		// The configuration may have changed while there was no connection, so it is read again.
		this.#proof.invalidate();
	}
}

/** Returns the function that makes one attempt to connect; on failure it closes the connection. */
function connector(
	options: BybitSessionOptions,
	resolved: ResolvedBybitOptions,
	{ http, stale, log, onTopicsChange, limitsUsed }: Collaborators,
): (signal: AbortSignal, onStep?: OnStep) => Promise<CountedConnection> {
	const socketOptions = { ...socketOptionsOf(options, resolved, http.serverNow), onTopicsChange };
	checkBybitSocketOptions(socketOptions);
	return async (signal, onStep) => {
		onStep?.("connect");
		const onConnected = (): void => onStep?.("authenticate");
		const { limiter, host, transport } = connectionLimitOf(options, resolved);
		tryAcquireConnection(limiter, host);
		limitsUsed();
		const socket = await log
			.call("connect", () => connectBybit({ ...socketOptions, onConnected }, { signal }))
			.catch((error) => {
				if (isBybitError(error) && error.kind === "network") countRepeatedUpgrade(limiter, host, transport);
				throw error;
			});
		stale.watch(socket);
		try {
			onStep?.("arm");
			const subscribed = instantNow(Date.now);
			for (const product of resolved.products) {
				await log.call(`subscribe ${bybitTopicOf(product)}`, () => socket.subscribeDcp(product, { signal }));
			}
			onStep?.("verify");
			const pinged = instantNow(Date.now);
			await log.call("ping", () => socket.ping({ signal }));
			return { socket, subscribed, pinged };
		} catch (error) {
			void socket.close();
			throw error;
		}
	};
}

/**
 * Counts the sign-ins that the venue has refused in a row. A refusal does not say whether the time or the API key was wrong:
 *
 * - after the first refusal the time is suspected, so the venue's clock is read again. If this machine's or the venue's clock was set,
 *   the client's estimate of the venue's clock stays wrong until an HTTP call corrects it, and a reopen usually connects before any HTTP
 *   call;
 * - after the second refusal the API key is suspected too.
 */
class AuthRefusals {
	readonly #http: BybitHttp;
	#inARow = 0;

	constructor(http: BybitHttp) {
		this.#http = http;
	}

	/** True if the last sign-in was refused: its timestamp may have been wrong. */
	get isClockInDoubt(): boolean {
		return this.#inARow > 0;
	}

	/** True if the sign-in was refused even with a freshly read clock. A signed HTTP call can show whether the key is wrong. */
	get isKeyInDoubt(): boolean {
		return this.#inARow >= 2;
	}

	/**
	 * Takes the error of a failed open, and counts it if it is a refused sign-in. From the second refused sign-in in a row, returns an
	 * error that asks to wait, because quick attempts do not help and may get the address blocked. Otherwise returns the same error.
	 *
	 * @param canSaveOrders - true while a new connection would still prevent the venue's cancel. The error is then always returned
	 * unchanged, so that the keeper soon tries again. From the third attempt on, a signed HTTP call is made before each sign-in. If this
	 * call fails, there is no sign-in, unless the failure is temporary.
	 */
	record(error: unknown, canSaveOrders: boolean): unknown {
		if (!isBybitError(error) || error.kind !== "auth") return error;
		this.#inARow += 1;
		this.#http.forgetSkew();
		if (!this.isKeyInDoubt || canSaveOrders) return error;
		const message =
			`${error.message} The login was refused ${this.#inARow} times in a row although HTTP accepts the key: check this machine's ` +
			`clock, and that wsUrl and restUrl belong to the same environment. The next attempt is in ${refusedWaitMs} ms.`;
		return new SessionError(message, { disposition: { action: "wait", forMs: refusedWaitMs }, cause: error });
	}

	reset(): void {
		this.#inARow = 0;
	}
}
