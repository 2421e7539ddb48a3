import type { DeribitCallOptions } from "../methods.ts";
import { checkCallOptions, type DeribitSocketOptions, resolveOptions } from "../options.ts";
import { DeribitConnection } from "./connection.ts";
import { openSocket } from "./open-socket.ts";

/**
 * Opens a WebSocket to Deribit and does nothing else: no authentication, heartbeat or subscription.
 *
 * @param call - `signal` aborts the attempt, not the connection it made; `timeoutMs` overrides `connectTimeoutMs`.
 * @throws {OptionError} for an unknown option or a value that is not allowed.
 * @throws {DeribitError} of kind `timeout`, `network` or `aborted`.
 * @see https://docs.deribit.com/articles/json-rpc-overview
 */
export async function connectDeribit(
	options: DeribitSocketOptions = {},
	call: Pick<DeribitCallOptions, "signal" | "timeoutMs"> = {},
): Promise<DeribitConnection> {
	const resolved = resolveOptions(options);
	checkCallOptions(call);
	const { signal, timeoutMs = resolved.connectTimeoutMs } = call;
	return openSocket(resolved, timeoutMs, signal, (socket) => new DeribitConnection(socket, resolved));
}
