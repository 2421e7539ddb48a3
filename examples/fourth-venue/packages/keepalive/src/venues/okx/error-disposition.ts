import { isOptionError, OkxError } from "@x/okx-timer";
import { type Disposition, SessionError } from "../../session-error.ts";
import { packageName } from "./options.ts";

const retry: Disposition = { action: "retry" };

/** Turns the failure of a call into a SessionError. */
export function toSessionError(error: unknown): SessionError {
	// Retrying cannot correct a wrong option, so the session stops for good.
	if (isOptionError(error)) return new SessionError(error.message, { disposition: { action: "fatal" }, cause: error });
	if (!(error instanceof OkxError)) return new SessionError(`${packageName}: a call failed`, { disposition: retry });
	return new SessionError(error.message, { disposition: decide(error), cause: error });
}

function decide({ kind, venueCode = "" }: OkxError): Disposition {
	// Error codes 501xx: the venue rejected the API key. A retry cannot correct a wrong key.
	const isKeyRejected = kind === "venue" && /^501\d\d$/.test(venueCode);
	if (isKeyRejected) return { action: "human", todo: "check the API key, its secret and its passphrase" };
	// In most cases no connection was made, so that an early retry is unlikely to break a rate limit.
	return kind === "network" ? { action: "retry", unreachable: true } : retry;
}

/** The venue accepted the call, but its reply says that no countdown runs. */
export function notArmedAfterReply(): SessionError {
	const message = `${packageName}: the call was accepted, but its reply shows no running countdown`;
	return new SessionError(message, { disposition: retry, session: "ended" });
}
