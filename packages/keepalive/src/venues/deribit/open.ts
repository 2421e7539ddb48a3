import { type DeribitConnection, isDeribitError } from "@x/deribit-session";
import { SessionError } from "../../session-error.ts";

/** The venue takes a signature for 60 s around its timestamp; half of it is left for the way and for a clock that drifts. */
const mostSkewMs = 30_000;
/** unauthenticated_public_requests_temporarily_disabled. */
const publicCallsOff = 11056;

/**
 * To be asked before a signature is used. A stale one may be refused like a wrong secret (13004), which would stop the
 * session for good although setting the machine's clock is all that is needed.
 *
 * @throws SessionError that asks for a human when this machine's clock is more than 30 s off.
 */
export async function requireSigningClock(
	connection: DeribitConnection,
	limits: { readonly signal: AbortSignal; readonly fromReserve: true },
): Promise<void> {
	const askedAt = Date.now();
	let venueMs: number;
	try {
		venueMs = await connection.request("public/get_time", undefined, limits);
	} catch (error) {
		// Then only the signature itself can tell.
		if (isDeribitError(error) && error.code === publicCallsOff) return;
		throw error;
	}
	const skewMs = (askedAt + Date.now()) / 2 - venueMs;
	if (Math.abs(skewMs) <= mostSkewMs) return;
	const off = `${Math.round(Math.abs(skewMs) / 1_000)} s ${skewMs > 0 ? "ahead of" : "behind"} the venue's`;
	throw new SessionError(
		`@x/keepalive/deribit: this machine's clock is ${off}, and a signature is good for 60 s only; none was sent`,
		{ disposition: { action: "human", todo: `set this machine's clock: it is ${off}` } },
	);
}
