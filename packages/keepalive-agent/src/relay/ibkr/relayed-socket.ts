import type { IncomingMessage } from "node:http";
import { after, withDeadline } from "@x/base/clock";
import { socketHandshake, withoutSessionIds } from "@x/ibkr-session/relay";
import { type RawData, WebSocket } from "ws";
import type { Bot, Bots } from "../bot-tokens.ts";
import type { Turns } from "../limit-frames-per-turn.ts";
import type { IbkrRelay } from "./ibkr-relay.ts";
import { identifyBot } from "./identify-bot.ts";

/** If the bot or the venue leaves more than this many bytes unread, the connection is ended. */
const maxUnreadBytes = { bot: 4_000_000, venue: 1_000_000 } as const;
/** When this many frames of a bot wait (for the venue's handshake, or for the bot's turn), the relay reads no more from the bot. */
const maxWaiting = 256;
/** A frame from the venue with more bytes than this is not read. It ends the connection. */
const maxFrameBytes = 4_000_000;
/** Deadline for opening the WebSocket at the venue, in milliseconds. */
const connectMs = 20_000;
/** How many milliseconds the WebSocket of the bot or of the venue may take to end after a close frame. */
const closeMs = 2_000;
const closeCodes = { goingAway: 1001, policyViolation: 1008, serviceRestart: 1012, tryAgainLater: 1013 } as const;

/** Matches the members that contain the name of the user, in frames about a user or a status. */
const userName = /"(success|username)"(\s*:\s*)"(?:[^"\\]|\\.)*"/g;
const isAboutUser = /^\s*\{\s*"topic"\s*:\s*"(?:system|sts)"/;

/**
 * Identifies the bot that opens a WebSocket. The bot sends the header `authorization`, as over HTTP, or the cookie `api` with the session
 * id from its tickle. The libraries for IBKR send the cookie.
 */
export function socketBotOf(request: IncomingMessage, bots: Bots): Bot | undefined {
	const [, session = ""] = /(?:^|;\s*)api=([^;]+)/.exec(request.headers.cookie ?? "") ?? [];
	// Older libraries send the cookie as JSON.
	const token = /^\{"session"\s*:\s*"([\w.-]+)"\}$/.exec(session)?.[1] ?? session;
	return identifyBot(request, bots) ?? bots.byAccessToken(token);
}

/** The WebSocket of a bot together with a WebSocket at the venue. Frames from each of them are sent to the other. */
export class RelayedSocket {
	readonly bot: Bot;
	readonly #relay: IbkrRelay;
	readonly #turns: Turns;
	readonly #own: WebSocket;
	readonly #ended = new AbortController();
	readonly #waiting: { readonly data: RawData; readonly isBinary: boolean }[] = [];
	#venue: WebSocket | undefined;
	#isPaused = false;
	#sessionId = "";

	/** @param socket - the open WebSocket of the bot. */
	constructor(socket: WebSocket, bot: Bot, relay: IbkrRelay, turns: Turns) {
		this.bot = bot;
		this.#own = socket;
		this.#relay = relay;
		this.#turns = turns;
		relay.sockets.add(this);
		socket.on("message", (data, isBinary) => this.#onBotFrame(data, isBinary));
		socket.on("close", (code) => this.#onBotClose(code));
		// A frame that is not allowed causes an error. The error is ignored, because the event `close` follows.
		socket.on("error", () => undefined);
		this.#report("connected", "opened a WebSocket");
		void this.#connect().catch(() =>
			this.#end(closeCodes.tryAgainLater, "the relay could not open a WebSocket at IBKR"),
		);
	}

	/** Ends the WebSockets of both sides, because the relay ends. */
	close(): void {
		this.#end(closeCodes.goingAway, "the relay ends");
	}

	/** Handles the next waiting frame. Returns whether more frames wait. */
	handleNext(): boolean {
		if (!this.#isVenueOpen) return false;
		const frame = this.#waiting.shift();
		if (frame) this.#toVenue(frame.data, frame.isBinary);
		const hasMore = this.#waiting.length > 0;
		if (!hasMore && this.#isPaused) {
			this.#isPaused = false;
			this.#own.resume();
		}
		return hasMore;
	}

	async #connect(): Promise<void> {
		const { botCalls } = this.#relay.session;
		if (!botCalls) throw new Error("the session is starting");
		const { signal } = this.#ended;
		const late = `IBKR did not answer the WebSocket handshake within ${connectMs / 1_000} s`;
		const deadline = { ms: connectMs, signal, onTimeout: () => new Error(late) };
		await withDeadline(deadline, async (cut) => {
			const { client, agent, token, mode } = botCalls;
			const session = await this.#relay.sessionId(this.bot, cut);
			this.#sessionId = session;
			if (!this.#relay.mayAuthorize) throw new Error("the session was closed");
			const value = mode === "gateway" ? undefined : await token?.();
			const { url, headers } = socketHandshake({
				baseUrl: client.baseUrl,
				session,
				...(client.userAgent !== undefined && { userAgent: client.userAgent }),
				...(mode !== "gateway" && value !== undefined && { token: { version: mode, value } }),
			});
			cut.throwIfAborted();
			const options = { headers, perMessageDeflate: false, maxPayload: maxFrameBytes, followRedirects: false };
			const venue = new WebSocket(url, { ...options, ...(agent && { agent }) });
			this.#venue = venue;
			// An error is ignored, because the event `close` follows.
			venue.on("error", () => undefined);
			venue.on("close", (code) =>
				this.#end(closeCodes.serviceRestart, `IBKR has ended the WebSocket (close code ${code})`),
			);
			venue.on("message", (data, isBinary) => this.#toBot(data, isBinary));
			await new Promise((resolve) => venue.once("open", resolve));
		});
		if (this.#waiting.length > 0) this.#turns.wait(this);
	}

	get #isVenueOpen(): boolean {
		return this.#venue?.readyState === WebSocket.OPEN;
	}

	#onBotFrame(data: RawData, isBinary: boolean): void {
		if (this.#ended.signal.aborted) return;
		if (this.#isVenueOpen && this.#waiting.length === 0 && this.#turns.tryUse(this))
			return void this.#toVenue(data, isBinary);
		this.#waiting.push({ data, isBinary });
		if (this.#isVenueOpen) this.#turns.wait(this);
		if (this.#waiting.length < maxWaiting || this.#isPaused) return;
		this.#isPaused = true;
		this.#own.pause();
	}

	#toVenue(data: RawData, isBinary: boolean): void {
		const venue = this.#venue;
		// A frame in which the bot names its session is not passed on, because the relay itself sends the session id to the venue.
		if (!venue || isSessionFrame(String(data))) return;
		if (venue.bufferedAmount > maxUnreadBytes.venue) return void this.#cutOff("IBKR reads its frames too slowly");
		venue.send(data, { binary: isBinary });
	}

	#toBot(data: RawData, isBinary: boolean): void {
		if (this.#own.readyState !== WebSocket.OPEN) return;
		const text = String(data);
		if (/"message"\s*:\s*"waiting for session"/.test(text)) {
			this.#venue?.send(JSON.stringify({ session: this.#sessionId }));
			return;
		}
		if (this.#own.bufferedAmount > maxUnreadBytes.bot) return void this.#cutOff("it reads its frames too slowly");
		const hidden = withoutSessionIds(text).replaceAll(this.#sessionId, "hidden");
		this.#own.send(isAboutUser.test(hidden) ? hidden.replace(userName, '"$1"$2"hidden"') : hidden, {
			binary: isBinary,
		});
		this.#relay.log.count({ what: "notified", session: this.#relay.session.name, bot: this.bot.name });
	}

	#cutOff(reason: string): void {
		if (this.#ended.signal.aborted) return;
		this.#relay.log.count({
			what: "cut-off",
			session: this.#relay.session.name,
			bot: this.bot.name,
			reason: "slow",
		});
		this.#report("cut-off", reason);
		this.#end(closeCodes.policyViolation, reason);
		// The socket is terminated too, because the bot may never read the close frame.
		this.#own.terminate();
	}

	#onBotClose(code: number): void {
		if (!this.#ended.signal.aborted) this.#report("lost", `its WebSocket ended (close code ${code})`);
		this.#end(closeCodes.serviceRestart, "");
	}

	/** Ends the WebSockets of both sides. */
	#end(code: number, reason: string): void {
		if (this.#ended.signal.aborted) return;
		this.#ended.abort(new Error("the WebSocket has ended"));
		this.#relay.sockets.delete(this);
		this.#turns.forget(this);
		this.#waiting.length = 0;
		for (const socket of [this.#own, this.#venue]) {
			if (!socket) continue;
			socket.resume();
			if (socket === this.#own) socket.close(code, reason);
			else if (socket.readyState === WebSocket.OPEN) socket.close(1000);
			else socket.terminate();
			after(closeMs, () => socket.terminate());
		}
	}

	#report(event: "connected" | "lost" | "cut-off", detail: string): void {
		this.#relay.log.add({ session: this.#relay.session.name, bot: this.bot.name, event, detail });
	}
}

const isSessionFrame = (text: string): boolean => text.length < 1_000 && /^\s*\{\s*"session"\s*:/.test(text);
