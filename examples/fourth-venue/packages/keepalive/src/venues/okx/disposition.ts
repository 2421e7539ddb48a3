import { OkxError } from "@x/okx-timer";
import { SessionError } from "../../session-error.ts";

/** Turns a failed call into an error that says what to do next. Retrying does not help with a refused key. */
export function toSessionError(error: unknown): SessionError {
	const refused = error instanceof OkxError && error.kind === "refused";
	const key = refused && /^501\d\d$/.test(error.code ?? "");
	const message = error instanceof Error ? error.message : "a call failed";
	const todo = "look at the key, its secret and its passphrase";
	return new SessionError(message, { disposition: key ? { action: "human", todo } : { action: "retry" } });
}
