import { IbkrError } from "../errors.ts";
import { after, monotonicMs } from "../time.ts";
import type { IbkrConnection } from "./connect.ts";
import { type IbkrSocketStatus, type IbkrTicReply, readFrame } from "./frames.ts";
import type { IbkrUnexpectedMessage, SocketSettings } from "./options.ts";

/** Copies of an answer come together; what comes later answers a later `tic`. */
const copiesMs = 500;

interface Tic {
	readonly promise: Promise<IbkrTicReply>;
	readonly resolve: (reply: IbkrTicReply) => void;
	readonly reject: (error: IbkrError) => void;
}

/** One WebSocket and what its frames mean. Nothing is thrown out of its event handlers. */
export class Line {
	readonly socket: IbkrConnection;
	readonly #settings: SocketSettings;
	readonly #wire: WebSocket;
	readonly #ended = new AbortController();
	readonly #onReady: () => void;
	#status: IbkrSocketStatus = {};
	#lastHeardAt = 0;
	#strange = 0;
	#ready = false;
	#tic: Tic | undefined;
	#answered: { readonly at: number; readonly reply: IbkrTicReply } | undefined;
	#onClose: () => void = () => undefined;

	/** @param onReady - called once, when the session is recognised. */
	constructor(settings: SocketSettings, onReady: () => void) {
		this.#settings = settings;
		this.#onReady = onReady;
		this.#wire = settings.open();
		this.#wire.binaryType = "arraybuffer";
		this.#wire.addEventListener("open", () => {
			if (settings.sessionBy === "frame") this.#sendSession();
		});
		this.#wire.addEventListener("message", ({ data }: { data: unknown }) => this.#hear(data));
		// In Node 22 a refused handshake is an `error` and no `close` follows; once it is open, `close` does.
		this.#wire.addEventListener("error", () => {
			if (this.#wire.readyState !== 1) this.#closed(1006);
		});
		this.#wire.addEventListener("close", ({ code }: { code: number }) => this.#closed(code));
		const line = this;
		this.socket = Object.freeze<IbkrConnection>({
			get status() {
				return line.#status;
			},
			get lastHeardAt() {
				return line.#lastHeardAt;
			},
			get strangeFrames() {
				return line.#strange;
			},
			ended: this.#ended.signal,
			tic: () => line.#sendTic(),
			send: (text) => {
				line.#requireOpen();
				line.#wire.send(text);
			},
			close: () => line.#close(),
		});
	}

	/** Ends it from this side; the first reason stays. */
	end(error: IbkrError): void {
		if (this.#ended.signal.aborted) return;
		this.#ended.abort(error);
		this.#tic?.reject(error);
		this.#wire.close();
	}

	#hear(data: unknown): void {
		if (this.#ended.signal.aborted) return;
		this.#lastHeardAt = Date.now();
		const frame = readFrame(data);
		switch (frame.kind) {
			case "recognised":
				if (this.#ready) break;
				this.#ready = true;
				this.#onReady();
				break;
			case "status":
				this.#status = Object.freeze({ ...this.#status, ...frame.change });
				this.#tell(() => this.#settings.onStatus?.(this.#status));
				break;
			case "tic":
				this.#answered = { at: monotonicMs(), reply: frame.reply };
				this.#tic?.resolve(frame.reply);
				break;
			case "topic":
				this.#tell(() => this.#settings.onTopic?.(frame.topic, frame.frame));
				break;
			case "strange":
				this.#tellStrange(frame.reason);
				break;
			case "waiting":
				// It heard no cookie. A frame that is under way already is not sent twice.
				if (this.#settings.sessionBy === "cookie" && !this.#ready) this.#sendSession();
				break;
			case "heartbeat":
				break;
		}
	}

	#sendSession(): void {
		this.#wire.send(JSON.stringify({ session: this.#settings.session }));
	}

	#tell(handler: () => void): void {
		try {
			handler();
		} catch {
			this.#tellStrange("handler-threw");
		}
	}

	#tellStrange(reason: IbkrUnexpectedMessage["reason"]): void {
		this.#strange += 1;
		try {
			this.#settings.onUnexpected?.({ reason });
		} catch {
			// There is nobody else to tell.
		}
	}

	#sendTic(): Promise<IbkrTicReply> {
		try {
			this.#requireOpen();
		} catch (error) {
			return Promise.reject(error);
		}
		if (this.#tic) return this.#tic.promise;
		// A copy of that answer could be taken for the answer to this one.
		if (this.#answered && monotonicMs() - this.#answered.at < copiesMs) {
			return Promise.resolve(this.#answered.reply);
		}
		const { promise, resolve, reject } = Promise.withResolvers<IbkrTicReply>();
		const { ticTimeoutMs } = this.#settings;
		const cancel = after(ticTimeoutMs, () =>
			reject(new IbkrError(`tic had no answer for ${ticTimeoutMs} ms`, { kind: "timeout", call: "tic" })),
		);
		const settled = promise.finally(() => {
			cancel();
			this.#tic = undefined;
		});
		this.#tic = { promise: settled, resolve, reject };
		this.#wire.send("tic");
		return settled;
	}

	#requireOpen(): void {
		if (!this.#ended.signal.aborted) return;
		const cause: unknown = this.#ended.signal.reason;
		const detail = cause instanceof Error ? cause.message.replace("@x/ibkr-session: ", "") : "it was closed";
		throw new IbkrError(`the socket has ended: ${detail}`, { kind: "closed" });
	}

	#closed(code: number): void {
		this.#onClose();
		const what = this.#ready
			? `the socket closed (${code}); connect again with the session of a fresh tickle`
			: `the socket closed (${code}) before the venue recognised the session; take the session of a fresh tickle`;
		this.end(new IbkrError(what, { kind: "closed", code: String(code) }));
	}

	#close(): Promise<{ readonly acknowledged: boolean }> {
		if (this.#wire.readyState === 3) return Promise.resolve({ acknowledged: true });
		return new Promise((resolve) => {
			const cancel = after(this.#settings.closeTimeoutMs, () => resolve({ acknowledged: false }));
			this.#onClose = () => {
				cancel();
				resolve({ acknowledged: true });
			};
			this.end(new IbkrError("the socket was closed on this side", { kind: "closed" }));
		});
	}
}
