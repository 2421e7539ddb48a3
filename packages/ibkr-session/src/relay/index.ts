/**
 * Helpers for a program that forwards calls of other programs in its own session, such as the relay of the keepalive agent.
 *
 * @module
 */

import { isObject } from "@x/base/objects";
import { readAnswer } from "../http/classified-reply.ts";
import { outcomeOf } from "../http/no-session-replies.ts";
import { VenueMessages } from "../http/redact-venue-message.ts";
import { checkIbkrSocketOptions, handshakeOf, type IbkrSocketOptions } from "../socket/options.ts";

/** A reply of the venue to any call. */
export interface RelayedReply {
	/** The path of the call below the base URL, such as `/iserver/accounts`. */
	readonly path: string;
	readonly status: number;
	/** The header `Location` of the reply. */
	readonly location: string | null;
	readonly body: string;
}

/**
 * Whether a reply says that there is no session or no brokerage session. True for: status 401, status 410, a redirect to the login page, a
 * 400 whose text says so, a 200 with the error `no session`, and `{}` instead of the accounts. The reply may be wrong: check with
 * `status()` or `tickle()` before you act on it.
 */
export function deniesSession({ path, status, location, body }: RelayedReply): boolean {
	const answer = readAnswer(status, location, body, new VenueMessages());
	if (outcomeOf(answer)) return true;
	if (status !== 200 || answer.kind !== "json" || !isObject(answer.value)) return false;
	const { error } = answer.value;
	if (typeof error === "string" && /no session/i.test(error)) return true;
	return /^\/iserver\/accounts$/i.test(path) && Object.keys(answer.value).length === 0;
}

/**
 * The URL and the headers with which a program that forwards frames opens a WebSocket in the session. The URL and the headers hold
 * secrets.
 *
 * @throws OptionError.
 */
export function socketHandshake(options: Pick<IbkrSocketOptions, "baseUrl" | "session" | "token" | "userAgent">): {
	readonly url: string;
	readonly headers: Readonly<Record<string, string>>;
} {
	checkIbkrSocketOptions(options);
	return handshakeOf(options);
}

/** Members of replies and socket messages that identify the session or give access to it. */
const sessionMembers = /"(session|sessionId|TOKEN|UNIQUE_LOGIN_ID)"(\s*:\s*)"(?:[^"\\]|\\.)*"/g;

/** Returns the text in which every JSON member that holds an id or token of the session has the value `hidden`. */
export function withoutSessionIds(body: string): string {
	return body.replace(sessionMembers, '"$1"$2"hidden"');
}
