import { type DeribitSocketOptions, resolveOptions } from "../options.ts";
import { DeribitConnection } from "./connection.ts";
import { openSocket } from "./open-socket.ts";

/**
 * Opens one WebSocket to Deribit, and nothing else: no authentication, no heartbeat, no subscription.
 *
 * @param signal - ends the attempt; it means nothing once the connection is there.
 * @throws {DeribitError} of kind `options`, `timeout`, `network` or `aborted`.
 * @see https://docs.deribit.com/articles/json-rpc-overview
 */
export async function connectDeribit(
	options: DeribitSocketOptions = {},
	signal?: AbortSignal,
): Promise<DeribitConnection> {
	const resolved = resolveOptions(options);
	return openSocket(resolved, signal, (socket) => new DeribitConnection(socket, resolved));
}
