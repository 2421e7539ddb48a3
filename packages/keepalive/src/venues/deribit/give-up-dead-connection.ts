import { sleep } from "@x/base/clock";
import { connectDeribit, isDeribitError } from "@x/deribit-session";
import type { Logger } from "../../logger.ts";
import { SessionError } from "../../session-error.ts";
import { messageOf } from "./error-disposition.ts";
import { countRefusedConnection, tryAcquireConnection } from "./limits.ts";
import { logged } from "./log-call.ts";
import { type OpenContext, withLostOrders } from "./open.ts";
import { packageName, type ResolvedDeribitOptions } from "./options.ts";
import type { ArmedConnection } from "./protection-proof.ts";

/**
 * Closes the session's connection as dead if the venue answers over a new connection but not over the session's connection.
 *
 * @param isInUse - whether the session still has this connection.
 */
export async function giveUpIfDead(
	armed: ArmedConnection,
	context: OpenContext,
	isInUse: () => boolean,
): Promise<void> {
	if (armed.isCompared) return;
	armed.isCompared = true;
	const answered = new AbortController();
	armed.pings.onPong = () => answered.abort();
	const isOver = AbortSignal.any([answered.signal, armed.ended]);
	try {
		if (!(await isAnsweredOverNewConnection(context.options, context.logger, isOver))) return;
		// Waits a little: after an outage, TCP may resend the session's data later than the venue answers over a new connection.
		await sleep(context.pongTimeout.ms, isOver);
		if (isOver.aborted || !isInUse()) return;
		const silentMs = Math.round(armed.pings.ageMs);
		const message = `${packageName}: connection given up: no pong for ${silentMs} ms, while the venue answers over a new connection`;
		const error = new SessionError(message, {
			disposition: { action: "retry" },
			session: "ended",
			kind: "silence",
		});
		armed.giveUp(context.withPace(withLostOrders(error, armed.connection, context, true), true));
	} finally {
		armed.isCompared = false;
		armed.pings.onPong = undefined;
	}
}

/**
 * Opens a new connection, pings over it and closes it. Returns whether the venue answered.
 *
 * If the venue answers over the new connection while older pings over the session's connection stay unanswered, the session's connection is
 * dead. If the network is down or slow, the new connection gets no answer in time. The session's connection is then kept, because nothing
 * shows that it is dead. The new connection is neither authenticated nor armed, and counts as a connection attempt. Never rejects.
 */
async function isAnsweredOverNewConnection(
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
			// Any reply counts as an answer, even an error such as that public calls need a login.
			return isDeribitError(error) && error.kind === "venue";
		} finally {
			void connection.disconnect();
		}
	} catch (error) {
		countRefusedConnection(options, error);
		logger.debug(`${packageName}: could not open a second connection for comparison: ${messageOf(error)}`);
		return false;
	}
}
