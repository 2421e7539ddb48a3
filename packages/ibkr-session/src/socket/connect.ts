import { IbkrError, isIbkrError } from "../errors.ts";
import { after } from "../time.ts";
import type { IbkrSocketStatus, IbkrTicReply } from "./frames.ts";
import { type IbkrSocketOptions, resolveSocketOptions, type SocketSettings } from "./options.ts";
import { Line } from "./socket-connection.ts";

/**
 * A socket whose session the venue recognised. It keeps itself by `tic()`, about every 30 seconds; the tickle is needed
 * beside it. It has no schedule and does not connect again: after its end, connect with the session of a fresh tickle.
 */
export interface IbkrConnection {
	/** What the frames told so far, merged. */
	readonly status: IbkrSocketStatus;
	/** When the last frame came, in epoch milliseconds. The venue's heartbeat is due every 10 000. */
	readonly lastHeardAt: number;
	/** How many frames could not be used. */
	readonly strangeFrames: number;
	/** Aborts when the socket ends; the reason is an {@link IbkrError} of kind `closed`, and the first one stays. */
	readonly ended: AbortSignal;
	/**
	 * Sends a `tic` and waits for its answer. The venue answers in four copies, which count as one.
	 *
	 * @throws IbkrError of kind `timeout` or `closed`.
	 */
	tic(): Promise<IbkrTicReply>;
	/** Sends a text, such as a subscription. @throws IbkrError of kind `closed`. */
	send(text: string): void;
	/** Ends it. Waits for the venue's answer for a moment only: a half-open line never gives one. */
	close(): Promise<{ readonly acknowledged: boolean }>;
}

/**
 * Connects, proves the session with the first frame, and resolves once the venue recognised it: what is sent before is
 * dropped there without a word.
 *
 * @throws IbkrError of kind `options`, `network`, `closed` (such as a session that is not known), `timeout` or `aborted`.
 */
export function connectIbkr(options: IbkrSocketOptions, signal?: AbortSignal): Promise<IbkrConnection> {
	return new Promise((resolve, reject) => {
		const settings = resolveSocketOptions(options);
		const call = "connecting the socket";
		if (signal?.aborted) throw new IbkrError(`${call} was given up`, { kind: "aborted", call });
		const line = lineOf(settings, () => {
			settle();
			resolve(line.socket);
		});
		const fail = (error: IbkrError): void => line.end(error);
		const cancel = after(settings.readyTimeoutMs, () => {
			const message = `${call}: the venue did not recognise the session for ${settings.readyTimeoutMs} ms`;
			fail(new IbkrError(message, { kind: "timeout", call }));
		});
		const onAbort = (): void =>
			fail(new IbkrError(`${call} was given up because its signal aborted`, { kind: "aborted", call }));
		const onEnd = (): void => {
			settle();
			reject(line.socket.ended.reason);
		};
		const settle = (): void => {
			cancel();
			signal?.removeEventListener("abort", onAbort);
			line.socket.ended.removeEventListener("abort", onEnd);
		};
		signal?.addEventListener("abort", onAbort, { once: true });
		line.socket.ended.addEventListener("abort", onEnd, { once: true });
	});
}

/** What a WebSocket class throws is not handed on: it can quote the address, which has a token in it. */
function lineOf(settings: SocketSettings, onReady: () => void): Line {
	try {
		return new Line(settings, onReady);
	} catch (error) {
		if (isIbkrError(error)) throw error;
		const cause = { name: error instanceof Error ? error.name : typeof error };
		throw new IbkrError("connecting the socket: the WebSocket class refused the address or the headers", {
			kind: "network",
			call: "connecting the socket",
			cause,
		});
	}
}
