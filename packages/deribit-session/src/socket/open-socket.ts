import { DeribitError } from "../errors.ts";
import type { ResolvedOptions } from "../options.ts";
import { safeCause } from "../redact.ts";
import { after } from "../time.ts";

/**
 * What `opened` makes of a WebSocket inside its `open` event, so that no frame can come before somebody listens; or a
 * {@link DeribitError}: no answer, a refused handshake and an abort end the wait.
 */
export function openSocket<T>(
	options: ResolvedOptions,
	signal: AbortSignal | undefined,
	opened: (socket: WebSocket) => T,
): Promise<T> {
	const { host } = options.url;
	// A socket class may quote the address, and the address may carry something in its query.
	const safely = (error: unknown): Error => {
		const { search, searchParams } = options.url;
		return safeCause(error, [search, ...searchParams.values()].filter(Boolean));
	};
	if (signal?.aborted) return Promise.reject(abortedConnect(host));
	let socket: WebSocket;
	try {
		socket = new options.WebSocket(options.url.href);
	} catch (error) {
		return Promise.reject(
			new DeribitError(`the WebSocket class refused to connect to ${host}`, {
				kind: "network",
				cause: safely(error),
			}),
		);
	}
	socket.binaryType = "arraybuffer";
	return new Promise((resolve, reject) => {
		const finish = (): void => {
			cancel();
			signal?.removeEventListener("abort", onAbort);
			socket.removeEventListener("open", onOpen);
			socket.removeEventListener("close", onClose);
			socket.removeEventListener("error", onClose);
			// Once it is open, `close` follows an error; without a listener some classes throw.
			socket.addEventListener("error", () => undefined);
		};
		const fail = (error: DeribitError): void => {
			finish();
			// It may open yet: without this it would stay, unheard and counted by the venue.
			socket.close();
			reject(error);
		};
		const onOpen = (): void => {
			finish();
			resolve(opened(socket));
		};
		// The HTTP status of a refused handshake is told by the cause of some WebSocket classes, and by no standard.
		const onClose = (event: Event): void =>
			fail(
				new DeribitError(
					`no connection to ${host}: unreachable, in maintenance, or more than 32 connections from this address; try again later`,
					{ kind: "network", cause: "error" in event && event.error ? safely(event.error) : undefined },
				),
			);
		const onAbort = (): void => fail(abortedConnect(host));
		const cancel = after(options.connectTimeoutMs, () =>
			fail(
				new DeribitError(`${host} did not open the connection within ${options.connectTimeoutMs} ms; try again`, {
					kind: "timeout",
				}),
			),
		);
		signal?.addEventListener("abort", onAbort, { once: true });
		socket.addEventListener("open", onOpen);
		socket.addEventListener("close", onClose);
		// In Node 22 a refused handshake is an `error` and no `close` follows; elsewhere `close` says the same again.
		socket.addEventListener("error", onClose);
	});
}

function abortedConnect(host: string): DeribitError {
	return new DeribitError(`connecting to ${host} was given up because its signal aborted`, { kind: "aborted" });
}
