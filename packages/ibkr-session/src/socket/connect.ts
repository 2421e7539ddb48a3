import { after } from "@x/base/clock";
import { errorName } from "@x/base/errors";
import { abortedError, IbkrError } from "../errors.ts";
import { checkCallOptions, type IbkrCallOptions } from "../options.ts";
import { type IbkrConnection, SocketConnection } from "./connection.ts";
import { type IbkrSocketOptions, resolveSocketOptions, type SocketSettings } from "./options.ts";

const call = "connect";

/**
 * Opens a WebSocket and resolves when the venue has recognized the session; until then the venue silently drops all messages. If the
 * venue sends only heartbeats until the deadline, the promise resolves with a connection whose `isRecognized` is false.
 *
 * @throws IbkrError of kind `network`, `closed` (for example because the venue does not know the session), `timeout` or
 * `aborted`; OptionError.
 */
export function connectIbkr(options: IbkrSocketOptions, callOptions: IbkrCallOptions = {}): Promise<IbkrConnection> {
	return new Promise((resolve, reject) => {
		const settings = resolveSocketOptions(options);
		checkCallOptions(callOptions);
		const { signal, timeoutMs: ms = settings.readyTimeoutMs } = callOptions;
		if (signal?.aborted) throw abortedError(call);
		const made = connectionOf(settings, () => {
			settle();
			resolve(made.connection);
		});
		const cancel = after(ms, () => {
			if (made.hasHeartbeat) {
				settle();
				resolve(made.connection);
			} else made.end(new IbkrError("timeout", `the venue did not recognize the session within ${ms} ms`, { call }));
		});
		const onAbort = (): void => made.end(abortedError(call));
		const { ended } = made.connection;
		const onEnd = (): void => {
			settle();
			reject(ended.reason);
		};
		const settle = (): void => {
			cancel();
			signal?.removeEventListener("abort", onAbort);
			ended.removeEventListener("abort", onEnd);
		};
		signal?.addEventListener("abort", onAbort, { once: true });
		ended.addEventListener("abort", onEnd, { once: true });
	});
}

/**
 * Creates the connection. An error that the WebSocket class throws is not passed on, because it can quote the URL,
 * which holds a token.
 */
function connectionOf(settings: SocketSettings, onReady: () => void): SocketConnection {
	try {
		return new SocketConnection(settings, onReady);
	} catch (error) {
		const problem = "the WebSocket class refused the URL or the headers";
		throw new IbkrError("network", problem, { call, cause: { name: errorName(error) } });
	}
}
