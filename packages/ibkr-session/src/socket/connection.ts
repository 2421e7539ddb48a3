import { callSafely } from "@x/base/call-safely";
import { after, monotonicMs, withDeadline } from "@x/base/clock";
import { abortedError, IbkrError } from "../errors.ts";
import { checkCallOptions, type IbkrCallOptions } from "../options.ts";
import { type IbkrSocketStatus, type IbkrTicReply, readFrame } from "./frames.ts";
import type { IbkrUnexpectedMessage, SocketSettings } from "./options.ts";

/**
 * An open WebSocket of a session. Call `tic()` about every 30 seconds to keep the connection open; a `tic` does not
 * replace the tickle. The connection never reconnects: when it has ended, connect again with the session of a new
 * tickle.
 */
export interface IbkrConnection {
	/**
	 * Whether the venue has recognized the session. False while the venue sends only heartbeats, as it may do on a second WebSocket of the
	 * same session. The venue then drops all messages from this side and sends no messages of topics.
	 */
	readonly isRecognized: boolean;
	/** The status of the brokerage session, merged from all messages so far. */
	readonly status: IbkrSocketStatus;
	/** When the last message came, in epoch milliseconds. The venue sends a heartbeat every 10 000 milliseconds. */
	readonly lastHeardAt: number;
	/** How many messages could not be used, or made a callback throw or reject. */
	readonly unexpectedCount: number;
	/** Aborts when the connection ends. The reason is an {@link IbkrError} and does not change afterwards. */
	readonly ended: AbortSignal;
	/**
	 * Sends a `tic` and waits for the reply. The venue sends four copies of each reply, which count as one. Concurrent
	 * calls share one `tic` and the deadline of the first of these calls.
	 *
	 * @throws IbkrError of kind `timeout`, `aborted` or `closed`.
	 */
	tic(options?: IbkrCallOptions): Promise<IbkrTicReply>;
	/** Sends text, such as a subscription. @throws IbkrError of kind `closed`. */
	send(text: string): void;
	/** Closes the connection. Waits briefly for the venue's close frame, which a half-open connection never delivers. */
	close(): Promise<{ readonly acknowledged: boolean }>;
}

/**
 * The venue sends several copies of each reply, and a late copy could be taken for a new reply. So a call of `tic` within this
 * many milliseconds after a reply returns the old reply and sends nothing.
 */
const copiesMs = 500;

/** One WebSocket connection, with its messages parsed. The event handlers of this class never throw. */
export class SocketConnection {
	/** The public interface of this connection. */
	readonly connection: IbkrConnection;
	readonly #settings: SocketSettings;
	readonly #socket: WebSocket;
	readonly #ended = new AbortController();
	readonly #onReady: () => void;
	#status: IbkrSocketStatus = {};
	#lastHeardAt = 0;
	#unexpectedCount = 0;
	#isReady = false;
	#hasHeartbeat = false;
	#pendingTic: PromiseWithResolvers<IbkrTicReply> | undefined;
	#lastReply: { readonly at: number; readonly reply: IbkrTicReply } | undefined;
	#onClose: () => void = () => undefined;

	/** @param onReady - called once, when the venue recognizes the session. */
	constructor(settings: SocketSettings, onReady: () => void) {
		this.#settings = settings;
		this.#onReady = onReady;
		this.#socket = settings.open();
		this.#socket.binaryType = "arraybuffer";
		this.#socket.addEventListener("open", () => {
			if (settings.sessionBy === "frame") this.#sendSession();
		});
		this.#socket.addEventListener("message", ({ data }: { data: unknown }) => this.#handleMessage(data));
		// In Node 22 a refused handshake causes an `error` event without a `close` event. Once the socket is open, a `close`
		// event follows each `error` event.
		this.#socket.addEventListener("error", () => {
			if (this.#socket.readyState !== 1) this.#handleClose(1006);
		});
		this.#socket.addEventListener("close", ({ code }: { code: number }) => this.#handleClose(code));
		const self = this;
		this.connection = Object.freeze<IbkrConnection>({
			get isRecognized() {
				return self.#isReady;
			},
			get status() {
				return self.#status;
			},
			get lastHeardAt() {
				return self.#lastHeardAt;
			},
			get unexpectedCount() {
				return self.#unexpectedCount;
			},
			ended: this.#ended.signal,
			tic: async (options = {}) => self.#tic(options),
			send: (text) => {
				self.#requireOpen("send");
				self.#socket.send(text);
			},
			close: () => self.#close(),
		});
	}

	/**
	 * Whether a heartbeat came. A heartbeat shows that the venue keeps the connection open, not that it has recognized the
	 * session.
	 */
	get hasHeartbeat(): boolean {
		return this.#hasHeartbeat;
	}

	/** Ends the connection from this side. Does nothing if the connection has already ended, so that the first reason stays. */
	end(error: IbkrError): void {
		if (this.#ended.signal.aborted) return;
		this.#ended.abort(error);
		this.#pendingTic?.reject(error);
		this.#socket.close();
	}

	#handleMessage(data: unknown): void {
		if (this.#ended.signal.aborted) return;
		this.#lastHeardAt = Date.now();
		const frame = readFrame(data);
		switch (frame.kind) {
			case "recognized":
				if (this.#isReady) break;
				this.#isReady = true;
				this.#onReady();
				break;
			case "status":
				this.#status = Object.freeze({ ...this.#status, ...frame.change });
				this.#call(() => this.#settings.onStatus?.(this.#status));
				break;
			case "tic":
				this.#lastReply = { at: monotonicMs(), reply: frame.reply };
				this.#pendingTic?.resolve(frame.reply);
				break;
			case "topic":
				this.#call(() => this.#settings.onTopic?.(frame.topic, frame.frame));
				break;
			case "unexpected":
				this.#reportUnexpected(frame.reason);
				break;
			case "waiting":
				// The venue asks for the session because it got no cookie. If `sessionBy` is `frame`, the session was already sent when
				// the socket opened.
				if (this.#settings.sessionBy === "cookie" && !this.#isReady) this.#sendSession();
				break;
			case "heartbeat":
				this.#hasHeartbeat = true;
				break;
		}
	}

	#sendSession(): void {
		this.#socket.send(JSON.stringify({ session: this.#settings.session }));
	}

	#call(callback: () => void): void {
		callSafely(callback, () => this.#reportUnexpected("handler-threw"));
	}

	#reportUnexpected(reason: IbkrUnexpectedMessage["reason"]): void {
		this.#unexpectedCount += 1;
		// An error that `onUnexpected` throws is ignored.
		callSafely(() => this.#settings.onUnexpected?.({ reason }));
	}

	#tic(options: IbkrCallOptions): Promise<IbkrTicReply> {
		checkCallOptions(options);
		const { signal, timeoutMs: ms = this.#settings.ticTimeoutMs } = options;
		const call = "tic";
		if (signal?.aborted) throw abortedError(call);
		this.#requireOpen(call);
		const reply = this.#sharedReply(call, ms);
		if (!signal) return reply;
		// The reply that concurrent calls share has its own deadline. So this call has no deadline, and only its signal can end it earlier.
		const onTimeout = () => undefined;
		return withDeadline(
			{ ms: Number.POSITIVE_INFINITY, signal, onTimeout, onAbort: () => abortedError(call) },
			() => reply,
		);
	}

	/** The reply to the pending `tic` or, if none is pending, to a new `tic`. */
	#sharedReply(call: string, ms: number): Promise<IbkrTicReply> {
		if (this.#pendingTic) return this.#pendingTic.promise;
		if (this.#lastReply && monotonicMs() - this.#lastReply.at < copiesMs) return Promise.resolve(this.#lastReply.reply);
		const { promise, resolve, reject } = Promise.withResolvers<IbkrTicReply>();
		const cancel = after(ms, () => reject(new IbkrError("timeout", `no reply within ${ms} ms`, { call })));
		const settled = promise.finally(() => {
			cancel();
			this.#pendingTic = undefined;
		});
		this.#pendingTic = { promise: settled, resolve, reject };
		this.#socket.send("tic");
		return settled;
	}

	#requireOpen(call: string): void {
		if (!this.#ended.signal.aborted) return;
		// The cast is safe: only the method `end` aborts this signal, always with an IbkrError.
		const { closeCode, todo } = this.#ended.signal.reason as IbkrError;
		const problem = `the connection has ended${closeCode === undefined ? "" : ` (close code ${closeCode})`}`;
		throw new IbkrError("closed", problem, { call, closeCode, todo });
	}

	#handleClose(closeCode: number): void {
		this.#onClose();
		const problem = this.#isReady
			? `the connection was closed (close code ${closeCode})`
			: `the connection was closed before the venue recognized the session (close code ${closeCode})`;
		const todo = "Connect again with the session of a new tickle.";
		this.end(new IbkrError("closed", problem, { call: "connect", closeCode, todo }));
	}

	#close(): Promise<{ readonly acknowledged: boolean }> {
		if (this.#socket.readyState === 3) return Promise.resolve({ acknowledged: true });
		return new Promise((resolve) => {
			const cancel = after(this.#settings.closeTimeoutMs, () => resolve({ acknowledged: false }));
			this.#onClose = () => {
				cancel();
				resolve({ acknowledged: true });
			};
			this.end(new IbkrError("closed", "closed by this program", { call: "close" }));
		});
	}
}
