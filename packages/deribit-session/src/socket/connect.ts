import { after } from "@x/base/clock";
import { DeribitError } from "../errors.ts";
import type { DeribitCallOptions } from "../method-types.ts";
import {
	checkCallOptions,
	type DeribitResolvedOptions,
	type DeribitSocketOptions,
	resolveOptions,
} from "../options.ts";
import { safeCause } from "../redact.ts";
import { DeribitConnection } from "./connection.ts";

const call = "connect";
// The cast makes the private constructor callable. Only this file creates connections.
const Connection = DeribitConnection as unknown as new (
	socket: WebSocket,
	options: DeribitResolvedOptions,
) => DeribitConnection;

/**
 * Opens a WebSocket to Deribit and does nothing else: no authentication, heartbeat or subscription.
 *
 * @param callOptions - `signal` aborts the attempt to connect, and has no effect once connected; `timeoutMs` overrides
 * `connectTimeoutMs`.
 * @throws {OptionError} for an unknown option or a value that is not allowed.
 * @throws {DeribitError} of kind `timeout`, `network` or `aborted`.
 * @see https://docs.deribit.com/articles/json-rpc-overview
 */
export async function connectDeribit(
	options: DeribitSocketOptions = {},
	callOptions: Pick<DeribitCallOptions, "signal" | "timeoutMs"> = {},
): Promise<DeribitConnection> {
	const resolved = resolveOptions(options);
	checkCallOptions(callOptions);
	const { signal, timeoutMs = resolved.connectTimeoutMs } = callOptions;
	return openSocket(resolved, timeoutMs, signal, (socket) => new Connection(socket, resolved));
}

/**
 * Opens a WebSocket. `onOpen` is called inside the socket's `open` event, so that it can add listeners to the socket before
 * the first frame arrives.
 */
function openSocket<T>(
	options: DeribitResolvedOptions,
	timeoutMs: number,
	signal: AbortSignal | undefined,
	onOpen: (socket: WebSocket) => T,
): Promise<T> {
	const { host, search, searchParams } = options.url;
	// A WebSocket class may quote the URL in its errors, and the query may hold a secret.
	const cleanCause = (error: unknown) => safeCause(error, [search, ...searchParams.values()]);
	if (signal?.aborted) return Promise.reject(abortError(host));
	let socket: WebSocket;
	try {
		socket = new options.WebSocket(options.url.href);
	} catch (error) {
		const cause = cleanCause(error);
		return Promise.reject(new DeribitError(`cannot create a WebSocket for ${host}`, { kind: "network", call, cause }));
	}
	socket.binaryType = "arraybuffer";
	return new Promise((resolve, reject) => {
		const stopListening = (): void => {
			cancelTimer();
			signal?.removeEventListener("abort", onAbort);
			socket.removeEventListener("open", onSocketOpen);
			socket.removeEventListener("close", onSocketClose);
			socket.removeEventListener("error", onSocketClose);
			// Some WebSocket classes throw when an `error` event has no listener. The event itself can be ignored: once a socket
			// is open, a `close` event follows each error.
			socket.addEventListener("error", () => undefined);
		};
		const fail = (error: DeribitError): void => {
			stopListening();
			// The socket may open later. Without this close it would stay open and count towards the venue's connection limit.
			socket.close();
			reject(error);
		};
		const onSocketOpen = (): void => {
			stopListening();
			resolve(onOpen(socket));
		};
		// Some WebSocket classes give the HTTP status of a refused handshake in `event.error`, although the standard has no
		// such member.
		const onSocketClose = (event: Event): void =>
			fail(
				new DeribitError(
					`no connection to ${host}: it is unreachable, in maintenance, or more than 32 connections are open from this IP address. Retry later`,
					{ kind: "network", call, cause: "error" in event && event.error ? cleanCause(event.error) : undefined },
				),
			);
		const onAbort = (): void => fail(abortError(host));
		const cancelTimer = after(timeoutMs, () =>
			fail(new DeribitError(`no connection to ${host} within ${timeoutMs} ms. Retry`, { kind: "timeout", call })),
		);
		signal?.addEventListener("abort", onAbort, { once: true });
		socket.addEventListener("open", onSocketOpen);
		socket.addEventListener("close", onSocketClose);
		// A refused handshake fires only an `error` event in Node.js 22, but an `error` and a `close` event in other
		// runtimes.
		socket.addEventListener("error", onSocketClose);
	});
}

function abortError(host: string): DeribitError {
	return new DeribitError(`aborted while connecting to ${host}`, { kind: "aborted", call });
}
