import { monotonicMs, sleep, withDeadline } from "@x/base/clock";
import { clause } from "@x/base/errors";
import {
	type IbkrConnection,
	type IbkrError,
	type IbkrHidden,
	type IbkrHttp,
	type IbkrSocketStatus,
	isIbkrError,
	isOptionError,
} from "@x/ibkr-session";
import type { Logger } from "../../logger.ts";
import type { SessionError } from "../../session-error.ts";
import {
	type CallOutcome,
	contradicted,
	denialIn,
	replyIncomplete,
	socketLost,
	superseded,
	toSessionError,
} from "./error-disposition.ts";
import { requireExpectedLogin } from "./expected-login.ts";
import type { OpenHistory } from "./limits.ts";
import { requireLive, validateLogin } from "./login-proof.ts";
import { askAgainMs } from "./open.ts";
import type { IbkrSettings } from "./options.ts";
import type { LayerTracker } from "./session-layers.ts";
import { connectSocket, watchSocket } from "./socket.ts";
import { keyOf } from "./wait-for-login.ts";

/**
 * What asking the venue again has shown. `alive`: a tickle proved the session alive; `key` is the session key in its reply.
 * `denied`: the session is gone, or nothing is proved; `error` says which.
 */
type Answer =
	| { readonly kind: "alive"; readonly key: string | undefined }
	| { readonly kind: "denied"; readonly error: SessionError };

/** What a {@link LiveSession} needs from its {@link IbkrSession}. */
export interface LiveSessionOptions {
	readonly layers: LayerTracker;
	readonly history: OpenHistory;
	readonly settings: IbkrSettings;
	readonly logger: Logger;
	/** Returns true until a newer open() or close() begins. Only the latest open() may update the layers. */
	readonly isLatest: () => boolean;
	/** Called when the venue has answered for the first time. */
	readonly onFirstAnswer?: () => void;
	/**
	 * Called with the error that ended the session between two beats. Returns the error to report, which also says whether the loss
	 * was expected.
	 *
	 * @param socketOnly - true if only the socket is lost, so that login and brokerage session may be alive.
	 */
	readonly onEnd: (error: SessionError, socketOnly: boolean) => SessionError;
}

/**
 * One opened session, from its open to its end. It ends when a reply to any call of its client says that the session is gone, and
 * the venue confirms this when asked again. The confirmation is needed because single wrong replies occur while a session is alive.
 */
export class LiveSession {
	/** The client of the session. Every reply is checked for whether it says that the session is gone. */
	readonly client: IbkrHttp;
	readonly #options: LiveSessionOptions;
	/** The client of the session without the check of its replies. It is used to ask the venue again whether the session is gone. */
	readonly #plainClient: IbkrHttp;
	readonly #ended = new AbortController();
	/** Aborts the background work of this session. */
	readonly #closed = new AbortController();
	#isOpen = false;
	#hasAnswered = false;
	#socket: IbkrConnection | undefined;
	#pendingCheck: Promise<boolean> | undefined;
	#pendingQuestion: Promise<Answer> | undefined;
	/** The session key of the login whose accounts were compared with the option `expect`. */
	#comparedKey: string | undefined;

	constructor(client: IbkrHttp, options: LiveSessionOptions) {
		this.#options = options;
		const { layers, logger, settings } = options;
		const onError = (error: IbkrError): void => layers.recordFailure(error);
		this.#plainClient = observed(client, logger, settings.name, { onOutcome: () => undefined, onError });
		this.client = observed(client, logger, settings.name, {
			onOutcome: (outcome, call) => this.#onOutcome(outcome, call),
			onError,
		});
	}

	/** Aborts when the session ends between two beats. */
	get ended(): AbortSignal {
		return this.#ended.signal;
	}

	get socket(): IbkrConnection | undefined {
		return this.#socket;
	}

	/**
	 * Completes the open: from now on the session ends if the venue says that it is gone.
	 *
	 * @param key - the session key of the login whose accounts this open has compared with the option `expect`. A later tickle with
	 * another key shows that a person may have logged in again, so the accounts are compared again.
	 */
	start(key: IbkrHidden<string> | undefined): void {
		this.#isOpen = true;
		this.#comparedKey = key?.reveal();
		if (!this.#socket) return;
		this.#watch(this.#socket);
		// A status that the socket reported during the open had no effect then, so it is handled now.
		this.#onSocketStatus(this.#socket.status);
	}

	/** Proves the session alive with one tickle. Also sends a validation of the login if one is due. */
	async beat(signal: AbortSignal): Promise<void> {
		const { history, settings } = this.#options;
		const outcome = await this.client.tickle({ signal });
		signal.throwIfAborted();
		let key = keyOf(outcome);
		if (denialIn(outcome, settings)?.session === "ended") {
			// `#onOutcome` is already asking the venue again with another tickle. The reply to that tickle decides.
			const answer = await withDeadline(
				{ ms: Number.POSITIVE_INFINITY, signal, onTimeout: superseded, onAbort: () => signal.reason },
				async () => this.#pendingQuestion ?? denied(superseded()),
			);
			if (answer.kind === "denied") throw answer.error;
			key = answer.key;
		} else requireLive(outcome, settings);
		if (settings.expect && key !== undefined && key !== this.#comparedKey) await this.#compareLogin(key, signal);
		history.recordAlive();
		// Not awaited, because the tickle is the proof of this beat(), and a slow validation must not delay it.
		if (settings.mode !== "oauth1" && history.tryValidation()) void this.#validate();
	}

	/** Connects the socket, if the option `socket` is set. @param key - the session key in the reply to the latest tickle. */
	async openSocket(key: IbkrHidden<string> | undefined, signal: AbortSignal): Promise<void> {
		const { settings, layers, isLatest } = this.#options;
		if (!settings.socket) return;
		const onStatus = (status: IbkrSocketStatus): void => this.#onSocketStatus(status);
		try {
			this.#socket = await connectSocket(key, settings, settings.socket, onStatus, signal);
		} catch (error) {
			if (!isLatest()) throw superseded();
			if (isIbkrError(error)) layers.recordLoss("socket", error.kind);
			else if (isOptionError(error)) layers.recordLoss("socket", "options");
			throw error;
		}
		if (!isLatest()) throw superseded();
		if (this.#socket.isRecognized) layers.recordUp("socket");
		else {
			layers.recordDeaf(0);
			this.#options.logger.warn("the socket is connected but gets only heartbeats", { session: settings.name });
		}
	}

	/**
	 * Reads the status, and returns whether the session is alive. Concurrent callers share one call. If the status says that the
	 * session is gone, the venue is asked again, and that answer decides.
	 */
	check(): Promise<boolean> {
		this.#pendingCheck ??= this.client
			.status({ signal: this.#closed.signal })
			.then(
				async (outcome) => {
					if (outcome.kind === "status" && outcome.brokerage.state === "ready") return true;
					// If the status says that the session is gone, `#onOutcome` has begun to ask the venue again, and that answer
					// decides. For any other status that is not ready, such as while account data is loading, the result is false.
					return (await this.#pendingQuestion)?.kind === "alive";
				},
				() => false,
			)
			.finally(() => {
				this.#pendingCheck = undefined;
			});
		return this.#pendingCheck;
	}

	/** Stops the background work and closes the socket. */
	async close(): Promise<void> {
		this.#isOpen = false;
		this.#closed.abort(new Error("@x/keepalive/ibkr: the session was closed"));
		const socket = this.#socket;
		this.#socket = undefined;
		await socket?.close();
	}

	/** The status in a socket frame can be incomplete or outdated, so the venue is asked before a loss is reported. */
	#onSocketStatus({ authenticated, competing, connected }: IbkrSocketStatus): void {
		const isDoubtful = authenticated === false || connected === false || competing === true;
		if (this.#isOpen && isDoubtful) void this.check();
	}

	#onOutcome(outcome: CallOutcome, call: keyof IbkrHttp): void {
		const { layers, settings, onFirstAnswer } = this.#options;
		if (!this.#hasAnswered) onFirstAnswer?.();
		this.#hasAnswered = true;
		const error = denialIn(outcome, settings);
		// During an open, the steps of the open handle the error. A logout by the program itself needs no confirmation.
		const isDoubtful = this.#isOpen && error?.session === "ended" && outcome.kind !== "logged-out";
		if (isDoubtful) {
			void this.#askAgain(error, call === "tickle");
			return;
		}
		layers.recordOutcome(outcome);
		if (error) this.#end(error, false);
	}

	/**
	 * Asks the venue again, with a status call and a tickle, after one reply that said that the session is gone. Concurrent callers
	 * share one check. If the venue confirms that the session is gone, the session is ended before the promise resolves.
	 */
	#askAgain(denial: SessionError, isByTickle: boolean): Promise<Answer> {
		this.#pendingQuestion ??= this.#settle(denial, isByTickle)
			.catch((error: unknown) => denied(toSessionError(error)))
			.finally(() => {
				this.#pendingQuestion = undefined;
			});
		return this.#pendingQuestion;
	}

	async #settle(denial: SessionError, isByTickle: boolean): Promise<Answer> {
		const { layers, history, settings, logger } = this.#options;
		const { signal } = this.#closed;
		await sleep(askAgainMs, signal);
		if (signal.aborted) return denied(superseded());
		// Makes a call; a failed call counts as no answer.
		const ask = <T>(call: Promise<T>): Promise<T | undefined> => call.catch(() => undefined);
		// Both calls are made at once to save time: a beat waits for their answers, and the session counts as alive until then.
		const calls = [ask(this.#plainClient.status({ signal })), ask(this.#plainClient.tickle({ signal }))] as const;
		const [status, decisive] = await Promise.all(calls);
		let tickle = decisive;
		const isStatusGood = status !== undefined && !denialIn(status, settings);
		if (!isByTickle && isStatusGood && tickle && denialIn(tickle, settings)) {
			// Only one tickle has said that the session is gone, and the reply to the status call is good. So a second tickle is sent.
			await sleep(askAgainMs, signal);
			tickle = await ask(this.#plainClient.tickle({ signal }));
		}
		if (signal.aborted) return denied(superseded());
		// The tickle decides, because it covers both the login and the brokerage session. If it has no answer, the status decides.
		const answer = tickle && tickle.kind !== "unstated" ? tickle : status;
		if (tickle?.kind === "live") {
			layers.recordOutcome(tickle);
			logger.warn("one answer of IBKR said that the session is gone, but a tickle proved it alive; it stays open", {
				session: settings.name,
				cause: denial.message,
			});
			return { kind: "alive", key: keyOf(tickle) };
		}
		const confirmed = answer && denialIn(answer, settings);
		if (!answer || !confirmed) {
			return denied(contradicted(`${clause(denial.message)}; asked again, IBKR neither confirms nor refutes this`));
		}
		layers.recordOutcome(answer);
		// The answer is stored for the next open, which then need not check the login a second time.
		if (answer.kind === "no-session") history.lostLogin = answer;
		this.#end(confirmed, false);
		return denied(confirmed);
	}

	/** Compares the accounts with the option `expect` again, because a changed session key may mean another login. */
	async #compareLogin(key: string, signal: AbortSignal): Promise<void> {
		const { history, settings } = this.#options;
		history.reportedLoginType = undefined;
		const accounts = await this.client.accounts({ signal });
		if (accounts.kind !== "accounts") throw replyIncomplete("accounts call", "accounts of the new login");
		try {
			await requireExpectedLogin({ client: this.client, history, settings, signal }, accounts, key);
		} catch (error) {
			const failed = toSessionError(error);
			this.#end(failed, false);
			throw failed;
		}
		this.#comparedKey = key;
	}

	#end(error: SessionError, socketOnly: boolean): void {
		if (!this.#isOpen || error.session !== "ended") return;
		this.#isOpen = false;
		this.#ended.abort(this.#options.onEnd(error, socketOnly));
	}

	async #validate(): Promise<void> {
		try {
			await validateLogin({ client: this.client, history: this.#options.history, signal: this.#closed.signal });
		} catch {
			// Nothing to do: `#onOutcome` handles a reply that says that nobody is logged in, and a failed call proves nothing.
		}
	}

	#watch(socket: IbkrConnection): void {
		const { layers, settings } = this.#options;
		if (!settings.socket) return;
		const events = {
			onAlive: (ageMs: number): void =>
				socket.isRecognized ? layers.recordUp("socket", ageMs) : layers.recordDeaf(ageMs),
			onDoubt: (): void => void this.check(),
			onDead: (reason: string): void => {
				// If IBKR resets the session, it closes the socket with a close frame. A broken network sends none (close code 1006).
				const isByVenue = isIbkrError(socket.ended.reason) && (socket.ended.reason.closeCode ?? 1006) !== 1006;
				layers.recordLoss("socket", reason, isByVenue);
				this.#end(socketLost(reason, isByVenue), true);
			},
		};
		watchSocket(socket, settings.socket, events, this.#closed.signal).catch(() => events.onDead("its check failed"));
	}
}

const denied = (error: SessionError): Answer => ({ kind: "denied", error });

interface CallObserver {
	readonly onOutcome: (outcome: CallOutcome, call: keyof IbkrHttp) => void;
	readonly onError: (error: IbkrError) => void;
}

/** Wraps a client so that every call is logged, and every outcome and every error is passed to an observer. */
function observed(client: IbkrHttp, logger: Logger, session: string, observer: CallObserver): IbkrHttp {
	const observe =
		<Args extends unknown[], Outcome extends CallOutcome>(
			name: keyof IbkrHttp,
			call: (...args: Args) => Promise<Outcome>,
		) =>
		async (...args: Args): Promise<Outcome> => {
			const startedAt = monotonicMs();
			const log = (outcome: string): void =>
				logger.debug(name, { session, ms: Math.round(monotonicMs() - startedAt), outcome });
			try {
				const outcome = await call(...args);
				log(outcome.kind);
				observer.onOutcome(outcome, name);
				return outcome;
			} catch (error) {
				log(isIbkrError(error) ? error.message : "failed");
				if (isIbkrError(error)) observer.onError(error);
				throw error;
			}
		};
	return Object.freeze<IbkrHttp>({
		init: observe("init", client.init),
		status: observe("status", client.status),
		tickle: observe("tickle", client.tickle),
		validate: observe("validate", client.validate),
		reauthenticate: observe("reauthenticate", client.reauthenticate),
		logout: observe("logout", client.logout),
		accounts: observe("accounts", client.accounts),
	});
}
