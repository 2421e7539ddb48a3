import { PlacedOrders } from "@x/deribit-session/relay";
import type { Bot } from "../bot-tokens.ts";
import type { Turns } from "../limit-frames-per-turn.ts";
import { answerLocally } from "./answer-local-calls.ts";
import type { Caller, DeribitRelay } from "./deribit-relay.ts";
import { LocalHeartbeat } from "./local-heartbeat.ts";
import { methodKind } from "./method-kind.ts";
import { notLoggedIn, otherBot } from "./refusals.ts";
import { readRequest } from "./rpc.ts";

/** When this many frames or characters of a client wait to be handled, the relay reads no more from that client. */
const maxWaiting = { frames: 64, characters: 256_000 } as const;
/** A client that leaves more than this many bytes unread is cut off. */
const maxUnreadBytes = 4_000_000;
/** The close code that Deribit uses for a client that did not answer a heartbeat. */
const heartbeatClose = 4000;
const restartClose = 1012;
const policyClose = 1008;
const internalError = 1011;
/** The longest close reason that the relay sends, in bytes. A WebSocket close reason may have at most 123 bytes. */
const maxReasonBytes = 120;

/** A notification from the relay itself, not from the venue. */
const notice = (params: object): string => JSON.stringify({ jsonrpc: "2.0", method: "relay", params });

/** The members of a bot's WebSocket that the relay uses; the package ws implements them. */
export interface BotWebSocket {
	readonly OPEN: number;
	readonly readyState: number;
	readonly bufferedAmount: number;
	on(event: "message", listener: (data: Buffer, isBinary: boolean) => void): unknown;
	on(event: "close", listener: (code: number) => void): unknown;
	on(event: "error", listener: (error: Error) => void): unknown;
	send(text: string): void;
	pause(): void;
	resume(): void;
	close(code: number, reason?: string): void;
	terminate(): void;
}

/** One WebSocket connection of a bot, from its opening to its end. */
export class BotSocket implements Caller {
	/** The orders that this bot has placed over this socket since the agent opened its present connection to Deribit. */
	orders = new PlacedOrders();
	readonly heartbeat: LocalHeartbeat;
	/** The bot; undefined until it has logged in. */
	bot: Bot | undefined;
	/** Whether the bot has logged out. */
	hasLoggedOut = false;
	readonly #socket: BotWebSocket;
	readonly #relay: DeribitRelay;
	readonly #turns: Turns;
	readonly #waiting: string[] = [];
	#waitingCharacters = 0;
	#isPaused = false;
	#isCutOff = false;
	#isClosedByRelay = false;
	/** The close code, if the socket has been closed while earlier frames still wait to be handled. */
	#closeCode: number | undefined;

	constructor(socket: BotWebSocket, relay: DeribitRelay, turns: Turns) {
		this.#socket = socket;
		this.#relay = relay;
		this.#turns = turns;
		this.heartbeat = new LocalHeartbeat({
			send: (text) => this.send(text),
			onTimeout: () => this.#cutOff(heartbeatClose, "heartbeat close", "no-answer"),
		});
		relay.add(this);
		socket.on("message", (data: Buffer, isBinary) => this.#onFrame(isBinary ? "" : data.toString()));
		socket.on("close", (code) => this.#onClose(code));
		// A frame that is not allowed causes an error. The error is ignored, because the event `close` follows.
		socket.on("error", () => undefined);
	}

	/** Sends a frame to the bot. A bot that has left too much unread is cut off. */
	send(text: string): void {
		const socket = this.#socket;
		if (socket.readyState !== socket.OPEN || this.#isCutOff) return;
		if (socket.bufferedAmount > maxUnreadBytes) return void this.#cutOff(policyClose, "connection_too_slow", "slow");
		socket.send(text);
	}

	/** Ends the socket after the bot's logout: like the venue, the relay sends no reply to a logout, only the close frame. */
	logout(): void {
		this.hasLoggedOut = true;
		this.#socket.close(1000);
	}

	/**
	 * Tells the bot that the agent's connection to Deribit has ended. Deribit then cancels the orders that were placed over that connection.
	 * Returns whether the bot's socket stays open.
	 */
	onConnectionLost(why: string): boolean {
		this.orders = new PlacedOrders();
		if (this.bot?.staysConnected) {
			this.send(notice({ type: "connection_lost", reason: why }));
			return true;
		}
		const reason = Buffer.from(`the relay lost its connection to the venue: ${why}`).subarray(0, maxReasonBytes);
		// Shortening the reason may have split its last character, which is then removed.
		this.close(restartClose, reason.toString().replace(/\uFFFD$/, ""));
		return false;
	}

	/**
	 * Closes the socket because the relay has lost a channel that the bot has subscribed to, and cannot subscribe to that channel again for
	 * now.
	 */
	onSubscriptionLost(): void {
		this.close(restartClose, "the relay lost a subscription: connect and subscribe again");
	}

	/** Tells the bot that the agent has a new connection to Deribit, and which of the bot's channels could not be subscribed again. */
	onConnectionRestored(missingChannels: readonly string[]): void {
		this.send(notice({ type: "connection_restored", missing_channels: missingChannels }));
	}

	/**
	 * Closes the socket when the relay, and not the bot, is the reason. The option `ordersOnDisconnect` then has no effect on the bot's
	 * orders.
	 */
	close(code: number, reason: string): void {
		this.#isClosedByRelay = true;
		this.#socket.close(code, reason);
	}

	/** Handles the next waiting frame. Returns whether more frames wait. */
	handleNext(): boolean {
		const text = this.#waiting.shift();
		this.#waitingCharacters -= text?.length ?? 0;
		if (text !== undefined) this.#tryHandle(text);
		const hasMore = this.#waiting.length > 0;
		if (!hasMore && this.#isPaused) {
			this.#isPaused = false;
			this.#socket.resume();
		}
		if (!hasMore && this.#closeCode !== undefined) this.#end(this.#closeCode);
		return hasMore;
	}

	#onFrame(text: string): void {
		if (this.#waiting.length === 0 && this.#turns.tryUse(this)) return void this.#tryHandle(text);
		this.#waiting.push(text);
		this.#waitingCharacters += text.length;
		this.#turns.wait(this);
		const isFull = this.#waiting.length >= maxWaiting.frames || this.#waitingCharacters >= maxWaiting.characters;
		if (isFull && !this.#isPaused) {
			this.#isPaused = true;
			this.#socket.pause();
		}
	}

	/** Handles a frame. An exception ends only this client, not the thread that runs the sessions. */
	#tryHandle(text: string): void {
		try {
			this.#handle(text);
		} catch {
			this.#cutOff(internalError, "the relay failed to handle a frame", "failed");
		}
	}

	#handle(text: string): void {
		// Once the relay has closed the socket or the bot has logged out, no frame is handled. If the bot itself closes the socket, the frames
		// that it sent before that are still handled.
		if (this.#isCutOff || this.#isClosedByRelay || this.hasLoggedOut) return;
		const request = readRequest(text);
		const reply = (answer: string): void => this.send(answer);
		if ("error" in request) {
			this.heartbeat.onFrame(false);
			const { idText, error } = request;
			return void this.#relay.refuse(this, idText, { reason: "not-readable", error }, reply);
		}
		this.heartbeat.onFrame(request.method === "public/test");
		if (request.accessToken !== undefined) {
			const bot = this.#relay.bots.byAccessToken(request.accessToken);
			if (!bot) {
				if (request.method.startsWith("private/"))
					return void this.#relay.refuse(this, request.idText, notLoggedIn, reply);
			} else if (this.bot && this.bot.name !== bot.name) {
				return void this.#relay.refuse(this, request.idText, otherBot, reply);
			} else {
				this.bot = bot;
			}
		}
		const kind = methodKind(request.method);
		if (kind === "local") answerLocally(this, this.#relay, request, reply);
		else this.#relay.pass(this, request, kind, reply);
	}

	#cutOff(code: number, reason: string, why: string): void {
		if (this.#isCutOff) return;
		this.#isCutOff = true;
		this.#relay.count("cut-off", this, why);
		const { session, log } = this.#relay;
		log.add({ session: session.name, ...(this.bot && { bot: this.bot.name }), event: "cut-off", detail: reason });
		this.#socket.close(code, reason);
		// The socket is terminated too, because the client may never read the close frame.
		this.#socket.terminate();
	}

	#onClose(code: number): void {
		this.heartbeat.stop();
		if (this.#waiting.length === 0) this.#end(code);
		else this.#closeCode = code;
	}

	/** Called once the socket is closed and no frame waits any more. */
	#end(code: number): void {
		// The heartbeat is stopped once more, because one of the last frames may have started it.
		this.heartbeat.stop();
		this.#turns.forget(this);
		if (this.#isClosedByRelay) return void this.#relay.remove(this);
		const isClose = code === 1000 || code === 1001;
		this.#relay.onGone(
			this,
			this.hasLoggedOut || (isClose && !this.#isCutOff && (this.bot?.keepsOrdersOnClose ?? false)),
		);
	}
}
