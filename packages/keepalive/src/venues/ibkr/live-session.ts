import {
	type IbkrConnection,
	type IbkrError,
	type IbkrHidden,
	type IbkrHttp,
	type IbkrSocketStatus,
	isIbkrError,
	isOptionError,
} from "@x/ibkr-session";
import type { SessionError } from "../../session-error.ts";
import { type CallOutcome, denialIn, socketLost } from "./disposition.ts";
import type { LayerTracker } from "./layers.ts";
import type { OpenHistory } from "./limits.ts";
import type { IbkrSettings } from "./options.ts";
import { tickle, validateLogin } from "./proof.ts";
import { connectSocket, watchSocket } from "./socket.ts";

/** What a {@link LiveSession} needs from its session. */
export interface LiveSessionOptions {
	readonly layers: LayerTracker;
	readonly history: OpenHistory;
	readonly settings: IbkrSettings;
	/**
	 * Called when it ends between two beats; returns the error to report.
	 *
	 * @param socketOnly - whether the layers below the socket may still be alive.
	 */
	readonly onEnd: (error: SessionError, socketOnly: boolean) => SessionError;
}

/**
 * One opened session, from its open to its end. The first outcome that denies the session ends it, whichever call over its
 * client it answers.
 */
export class LiveSession {
	/** The client, whose outcomes are observed. */
	readonly client: IbkrHttp;
	readonly #options: LiveSessionOptions;
	readonly #ended = new AbortController();
	/** Aborts what runs in the background. */
	readonly #closed = new AbortController();
	#isOpen = false;
	#socket: IbkrConnection | undefined;
	#pendingCheck: Promise<boolean> | undefined;

	constructor(client: IbkrHttp, options: LiveSessionOptions) {
		this.#options = options;
		this.client = observed(client, {
			onOutcome: (outcome) => this.#onOutcome(outcome),
			onError: (error) => options.layers.recordFailure(error),
		});
	}

	/** Aborts when the session ends between two beats. */
	get ended(): AbortSignal {
		return this.#ended.signal;
	}

	get socket(): IbkrConnection | undefined {
		return this.#socket;
	}

	/** Completes the open: from now on an outcome that denies the session ends it. */
	start(): void {
		this.#isOpen = true;
		if (!this.#socket) return;
		this.#watch(this.#socket);
		// The status may have changed during the open.
		this.#onSocketStatus(this.#socket.status);
	}

	/** Proves the session with one tickle, and the login with a validation when one is due. */
	async beat(signal: AbortSignal): Promise<void> {
		const { history, settings } = this.#options;
		await tickle({ client: this.client, history, settings, signal });
		history.recordAlive();
		// Not awaited: the tickle is the proof, and a slow validation must not delay the beat.
		if (settings.mode !== "oauth1" && history.tryValidation()) void this.#validate();
	}

	/** Connects the socket, if one is kept. @param key - as the latest tickle gave it. */
	async openSocket(key: IbkrHidden<string> | undefined, signal: AbortSignal): Promise<void> {
		const { settings, layers } = this.#options;
		if (!settings.socket) return;
		const onStatus = (status: IbkrSocketStatus): void => this.#onSocketStatus(status);
		try {
			this.#socket = await connectSocket(key, settings, settings.socket, onStatus, signal);
		} catch (error) {
			if (isIbkrError(error)) layers.recordLoss("socket", error.kind);
			else if (isOptionError(error)) layers.recordLoss("socket", "options");
			throw error;
		}
		layers.recordUp("socket");
	}

	/** Reads the status; concurrent callers share one call. A status that denies the session ends it. */
	check(): Promise<boolean> {
		this.#pendingCheck ??= this.client
			.status({ signal: this.#closed.signal })
			.then(
				(outcome) => outcome.kind === "status" && outcome.brokerage.state === "ready",
				() => false,
			)
			.finally(() => {
				this.#pendingCheck = undefined;
			});
		return this.#pendingCheck;
	}

	/** Stops what runs in the background and closes the socket. */
	async close(): Promise<void> {
		this.#isOpen = false;
		this.#closed.abort(new Error("@x/keepalive/ibkr: the session was closed"));
		const socket = this.#socket;
		this.#socket = undefined;
		this.#options.layers.recordClosed();
		await socket?.close();
	}

	/** A status frame can be partial or outdated, so the venue is asked before the session is called lost. */
	#onSocketStatus({ authenticated, competing, connected }: IbkrSocketStatus): void {
		const isDoubtful = authenticated === false || connected === false || competing === true;
		if (this.#isOpen && isDoubtful) void this.check();
	}

	#onOutcome(outcome: CallOutcome): void {
		this.#options.layers.recordOutcome(outcome);
		const error = denialIn(outcome, this.#options.settings);
		if (error) this.#end(error, false);
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
			// The outcome of a lost login has ended the session already; any other failure proves nothing.
		}
	}

	#watch(socket: IbkrConnection): void {
		const { layers, settings } = this.#options;
		if (!settings.socket) return;
		const events = {
			onAlive: (ageMs: number): void => layers.recordUp("socket", ageMs),
			onDoubt: (): void => void this.check(),
			onDead: (reason: string): void => {
				layers.recordLoss("socket", reason);
				this.#end(socketLost(reason), true);
			},
		};
		watchSocket(socket, settings.socket, events, this.#closed.signal).catch(() => events.onDead("its watch failed"));
	}
}

interface CallObserver {
	readonly onOutcome: (outcome: CallOutcome) => void;
	readonly onError: (error: IbkrError) => void;
}

/** The same client, with every outcome and error passed to an observer. */
function observed(client: IbkrHttp, observer: CallObserver): IbkrHttp {
	const observe =
		<Args extends unknown[], Outcome extends CallOutcome>(call: (...args: Args) => Promise<Outcome>) =>
		async (...args: Args): Promise<Outcome> => {
			try {
				const outcome = await call(...args);
				observer.onOutcome(outcome);
				return outcome;
			} catch (error) {
				if (isIbkrError(error)) observer.onError(error);
				throw error;
			}
		};
	return Object.freeze<IbkrHttp>({
		init: observe(client.init),
		status: observe(client.status),
		tickle: observe(client.tickle),
		validate: observe(client.validate),
		reauthenticate: observe(client.reauthenticate),
		logout: observe(client.logout),
		accounts: observe(client.accounts),
	});
}
