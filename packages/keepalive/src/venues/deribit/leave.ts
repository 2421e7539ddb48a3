import { type DeribitConnection, isDeribitError } from "@x/deribit-session";
import type { Closed } from "../../session.ts";
import { exposureMs } from "./exposure.ts";
import { messageOf } from "./held.ts";
import type { ResolvedDeribitOptions } from "./options.ts";
import { arm, readBack } from "./proof.ts";

const unauthorized = 13009;

/** Leaves so that the orders keep working. There is no shorter way to that than `private/logout` and its close. */
export async function leaveKeeping(
	connection: DeribitConnection,
	{ closeTimeoutMs }: ResolvedDeribitOptions,
): Promise<Closed> {
	try {
		const left = await connection.logout().catch(async (error: unknown) => {
			if (!isDeribitError(error) || error.code !== unauthorized) throw error;
			// The tokens are over, and without them there is no leaving that keeps the orders.
			await connection.renew({ timeoutMs: closeTimeoutMs, fromReserve: true });
			return connection.logout();
		});
		const kept = left.cancelOnDisconnectFired === "no";
		return { orders: kept ? "kept" : "unknown", detail: left.detail };
	} catch (error) {
		// Closing it any other way would cancel what should be kept.
		return { orders: "refused", detail: `${messageOf(error)}. The connection stays open until this process ends` };
	}
}

/**
 * Leaves so that the venue cancels the orders placed over this connection.
 *
 * @param hurry - ends the questions that come before the close, not the close.
 */
export async function leaveCancelling(
	connection: DeribitConnection,
	options: ResolvedDeribitOptions,
	hurry: AbortSignal = connection.ended,
): Promise<Closed> {
	const signal = AbortSignal.any([connection.ended, hurry]);
	const limits = { signal, timeoutMs: options.closeTimeoutMs, fromReserve: true } as const;
	// An old proof is not enough to promise a cancel: ask once more, and switch it on if somebody switched it off.
	const said = await readBack(connection, "connection", limits)
		.then((answer) => (answer.on ? answer : arm(connection, "connection", limits)))
		.catch((error: unknown) => ({ on: false, reason: messageOf(error), unsure: true }) as const);
	const left = await connection.disconnect();
	if (!said.on) {
		const detail = `${said.reason}. ${left.detail}`;
		return { orders: "unsure" in said ? "unknown" : "refused", detail };
	}
	// A close that the venue answered fires at once; one that it did not see is noticed by the missing heartbeats.
	const withinMs = left.confirmed ? 0 : exposureMs(options);
	return { orders: "cancelled", withinMs, detail: `${left.detail} (scope ${options.scope})` };
}
