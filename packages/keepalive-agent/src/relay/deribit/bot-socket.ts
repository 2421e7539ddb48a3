import { PlacedOrders } from "@x/deribit-session/relay";
import type { Bot } from "../bots.ts";
import type { Turns } from "../turns.ts";
import type { Caller, DeribitRelay } from "./deribit-relay.ts";
import { notLoggedIn, otherBot } from "./errors.ts";
import { answerLocally } from "./local-calls.ts";
import { LocalHeartbeat } from "./local-heartbeat.ts";
import { methodKind } from "./method-kind.ts";
import { readRequest } from "./rpc.ts";

/** A client that waits for so much to be handled is not read from until it is. */
const maxWaiting = { frames: 64, characters: 256_000 } as const;
/** Bytes that a client may leave unread before it is cut off. */
const maxUnreadBytes = 4_000_000;
/** The venue's, for a client that did not answer. */
const heartbeatClose = 4000;
const restartClose = 1012;
const policyClose = 1008;
const internalError = 1011;
/** A close reason may have 123 bytes. */
const maxReasonBytes = 120;

/** A notification of the relay itself. */
const notice = (params: object): string => JSON.stringify({ jsonrpc: "2.0", method: "relay", params });

/** The WebSocket of a bot, as far as it is used: one of the package ws. */
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

/** One WebSocket of a bot, from open to close. */
export class BotSocket implements Caller {
	/** The orders placed over it and the present guarded connection. */
	orders = new PlacedOrders();
	readonly heartbeat: LocalHeartbeat;
	/** Undefined until it has logged in. */
	bot: Bot | undefined;
	/** Whether it has logged out. */
	hasLoggedOut = false;
	readonly #socket: BotWebSocket;
	readonly #relay: DeribitRelay;
	readonly #turns: Turns;
	readonly #waiting: string[] = [];
	#waitingCharacters = 0;
	#isPaused = false;
	#isCutOff = false;
	#isClosedByRelay = false;
	/** The close code, while frames that came before it still wait. */
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
		// A frame that is not allowed: `close` follows.
		socket.on("error", () => undefined);
	}

	/** Sends a frame. A client that has left too much unread is cut off. */
	send(text: string): void {
		const socket = this.#socket;
		if (socket.readyState !== socket.OPEN || this.#isCutOff) return;
		if (socket.bufferedAmount > maxUnreadBytes) return void this.#cutOff(policyClose, "connection_too_slow", "slow");
		socket.send(text);
	}

	/** Ends after its own logout: the venue sends no reply to it, only the close frame. */
	logout(): void {
		this.hasLoggedOut = true;
		this.#socket.close(1000);
	}

	/** The guarded connection has ended, and with it the orders placed over it. Returns whether this one stays. */
	onConnectionLost(why: string): boolean {
		this.orders = new PlacedOrders();
		if (this.bot?.staysConnected) {
			this.send(notice({ type: "connection_lost", reason: why }));
			return true;
		}
		const reason = Buffer.from(`the relay lost its connection to the venue: ${why}`).subarray(0, maxReasonBytes);
		// Cut between two characters at most.
		this.close(restartClose, reason.toString().replace(/\uFFFD$/, ""));
		return false;
	}

	/** A channel that it has has ended, and cannot be had again for now. */
	onSubscriptionLost(): void {
		this.close(restartClose, "the relay lost a subscription: connect and subscribe again");
	}

	/** There is a new guarded connection, with its subscriptions. */
	onConnectionRestored(missingChannels: readonly string[]): void {
		this.send(notice({ type: "connection_restored", missing_channels: missingChannels }));
	}

	/** Closes it for a reason that is not the bot's: its orders are not judged by that. */
	close(code: number, reason: string): void {
		this.#isClosedByRelay = true;
		this.#socket.close(code, reason);
	}

	/** Handles the next frame that waits. */
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

	/** Whatever a frame makes go wrong ends this client, not the thread of the sessions. */
	#tryHandle(text: string): void {
		try {
			this.#handle(text);
		} catch {
			this.#cutOff(internalError, "the relay failed to handle a frame", "failed");
		}
	}

	#handle(text: string): void {
		// After its own close frame, what came before that still counts.
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
		if (methodKind(request.method) === "local") answerLocally(this, this.#relay, request, reply);
		else this.#relay.pass(this, request, reply);
	}

	#cutOff(code: number, reason: string, why: string): void {
		if (this.#isCutOff) return;
		this.#isCutOff = true;
		this.#relay.count("cut-off", this, why);
		const { session, log } = this.#relay;
		log.add({ session: session.name, ...(this.bot && { bot: this.bot.name }), event: "cut-off", detail: reason });
		this.#socket.close(code, reason);
		// It may not read the close frame.
		this.#socket.terminate();
	}

	#onClose(code: number): void {
		this.heartbeat.stop();
		if (this.#waiting.length === 0) this.#end(code);
		else this.#closeCode = code;
	}

	/** Every frame that came before the close was handled, or is not to be. */
	#end(code: number): void {
		// One of the last frames may have set it.
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
