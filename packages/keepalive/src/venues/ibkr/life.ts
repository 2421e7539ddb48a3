import {
	connectIbkr,
	type IbkrConnection,
	type IbkrError,
	type IbkrHidden,
	type IbkrHttp,
	type IbkrSocketStatus,
	isIbkrError,
} from "@x/ibkr-session";
import { SessionError } from "../../session-error.ts";
import { denialIn, socketLost } from "./disposition.ts";
import type { LayerBook } from "./layer-book.ts";
import type { Memory } from "./memory.ts";
import { tickle, validate } from "./open.ts";
import type { IbkrSettings } from "./options.ts";
import { watchSocket } from "./socket-watch.ts";
import { type CallOutcome, watchedClient } from "./watched-client.ts";

/** What a life needs of its session. */
export interface LifeOptions {
	readonly book: LayerBook;
	readonly settings: IbkrSettings;
	/** Gives the error of its end the words that a loss has. `socketOnly`: the layers below the socket are not known to be gone. */
	readonly onEnd: (error: SessionError, socketOnly: boolean) => SessionError;
}

/**
 * One opened session, from its opening to its end. Whoever makes a call over its client, the first answer that denies the
 * session ends it, and with that begins one repair.
 */
export class Life {
	readonly client: IbkrHttp;
	readonly #options: LifeOptions;
	readonly #ended = new AbortController();
	/** Ends what goes on in the background. */
	readonly #left = new AbortController();
	/** Set between its opening and its end. */
	#isOpen = false;
	#socket: IbkrConnection | undefined;
	#checking: Promise<boolean> | undefined;

	constructor(client: IbkrHttp, options: LifeOptions) {
		this.#options = options;
		this.client = watchedClient(client, {
			heard: (outcome) => this.#heard(outcome),
			failed: (error: IbkrError) => options.book.failed(error),
		});
	}

	/** Aborts when it ends between two beats. */
	get ended(): AbortSignal {
		return this.#ended.signal;
	}

	get socket(): IbkrConnection | undefined {
		return this.#socket;
	}

	/** The opening is done: from now on an answer that denies the session ends it. */
	begin(): void {
		this.#isOpen = true;
		if (!this.#socket) return;
		this.#watch(this.#socket);
		// What the socket heard while the opening was not done yet.
		this.#suspect(this.#socket.status);
	}

	/** Proves both sessions with one tickle; the login too, where a validation is due. */
	async beat(memory: Memory, signal: AbortSignal): Promise<void> {
		const { settings } = this.#options;
		await tickle({ client: this.client, memory, settings, signal });
		memory.alive();
		// Beside the beat: the tickle is the proof, and a validation that hangs must not make it late.
		if (settings.mode !== "oauth1" && memory.takeValidation()) void this.#validate(memory);
	}

	/** Connects the socket with the key of the latest tickle, where one is kept. */
	async openSocket(session: IbkrHidden<string> | undefined, signal: AbortSignal): Promise<void> {
		const { settings, book } = this.#options;
		const { socket: keeping, baseUrl, callTimeoutMs } = settings;
		if (!keeping) return;
		if (!session) {
			const message = "@x/keepalive/ibkr: the tickle had no session for the socket";
			throw new SessionError(message, { disposition: { action: "retry" } });
		}
		const { WebSocket, onTopic, token } = keeping;
		const value = token && { version: token.version, value: await token.value() };
		try {
			this.#socket = await connectIbkr(
				{
					session,
					baseUrl,
					readyTimeoutMs: callTimeoutMs,
					onStatus: (status) => this.#suspect(status),
					...(WebSocket ? { WebSocket } : {}),
					...(onTopic ? { onTopic } : {}),
					...(value ? { token: value } : {}),
				},
				signal,
			);
		} catch (error) {
			if (isIbkrError(error)) book.lost("socket", error.kind);
			throw error;
		}
		book.up("socket");
	}

	/** Asks for the status, once however many ask. What it denies ends this life. */
	check(): Promise<boolean> {
		this.#checking ??= this.client
			.status(this.#left.signal)
			.then(
				(outcome) => outcome.kind === "status" && outcome.brokerage.state === "ready",
				() => false,
			)
			.finally(() => {
				this.#checking = undefined;
			});
		return this.#checking;
	}

	/** Stops what goes on in the background and closes the socket. */
	async end(): Promise<void> {
		this.#isOpen = false;
		this.#left.abort(new Error("@x/keepalive/ibkr: the session was left"));
		const socket = this.#socket;
		this.#socket = undefined;
		this.#options.book.leave();
		await socket?.close();
	}

	/** A frame can be partial or late: the venue is asked before it is believed. */
	#suspect({ authenticated, competing, connected }: IbkrSocketStatus): void {
		const gone = authenticated === false || connected === false || competing === true;
		if (this.#isOpen && gone) void this.check();
	}

	#heard(outcome: CallOutcome): void {
		this.#options.book.heard(outcome);
		const error = denialIn(outcome, this.#options.settings);
		if (error) this.#die(error, false);
	}

	#die(error: SessionError, socketOnly: boolean): void {
		if (!this.#isOpen || error.session !== "ended") return;
		this.#isOpen = false;
		this.#ended.abort(this.#options.onEnd(error, socketOnly));
	}

	async #validate(memory: Memory): Promise<void> {
		try {
			await validate({ client: this.client, memory, signal: this.#left.signal });
		} catch {
			// A login that is gone ended this life when it was heard, and any other failure teaches nothing.
		}
	}

	#watch(socket: IbkrConnection): void {
		const { book, settings } = this.#options;
		if (!settings.socket) return;
		const watcher = {
			heard: (ageMs: number): void => book.up("socket", ageMs),
			doubt: (): void => void this.check(),
			dead: (why: string): void => {
				book.lost("socket", why);
				this.#die(socketLost(why), true);
			},
		};
		// No watch may end without a word.
		watchSocket(socket, settings.socket, watcher, this.#left.signal).catch(() => watcher.dead("its watch failed"));
	}
}
