import { connectDeribit, isDeribitError } from "@x/deribit-session";
import type { Logger } from "../../logger.ts";
import { messageOf } from "./disposition.ts";
import { countRefusedConnection, tryAcquireConnection } from "./limits.ts";
import { logged } from "./log.ts";
import { packageName, type ResolvedDeribitOptions } from "./options.ts";

/**
 * Whether the venue answers a ping over a new connection, which is closed again.
 *
 * If it does while older pings over the connection in use stay unanswered, that connection is dead. If the network is down, or
 * slow, the new connection gets no answer either, or a later one: then nothing is known, and the connection in use is kept.
 * The new connection is neither authenticated nor armed, and counts as an attempt. Never rejects.
 */
export async function isAnsweredOverNewConnection(
	options: ResolvedDeribitOptions,
	logger: Logger,
	signal: AbortSignal,
): Promise<boolean> {
	const { url, WebSocket, connectTimeoutMs } = options.socket;
	const socket = { ...(url !== undefined && { url }), ...(WebSocket && { WebSocket }), connectTimeoutMs };
	try {
		tryAcquireConnection(options);
		const connection = await logged(logger, "connect to compare", () => connectDeribit(socket, { signal }));
		try {
			await connection.request("public/test", undefined, { signal, timeoutMs: connectTimeoutMs });
			return true;
		} catch (error) {
			// Any reply will do, such as that public calls need a login.
			return isDeribitError(error) && error.kind === "venue";
		} finally {
			void connection.disconnect();
		}
	} catch (error) {
		countRefusedConnection(options, error);
		logger.debug(`${packageName}: no new connection to compare with: ${messageOf(error)}`);
		return false;
	}
}
