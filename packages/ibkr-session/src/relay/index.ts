/**
 * For a program that passes calls of other programs on in its own session, such as the relay of the keepalive agent.
 *
 * @module
 */

import { isObject } from "@x/base/record";
import { readAnswer } from "../http/answer.ts";
import { outcomeOf } from "../http/refusal.ts";
import { VenueMessages } from "../http/venue-message.ts";
import { checkIbkrSocketOptions, handshakeOf, type IbkrSocketOptions } from "../socket/options.ts";

/** A reply to a call of any kind. */
export interface RelayedReply {
	/** Of the call, below the base URL, such as `/iserver/accounts`. */
	readonly path: string;
	readonly status: number;
	/** Its header of that name. */
	readonly location: string | null;
	readonly body: string;
}

/**
 * Whether a reply says that there is no session or no brokerage session: 401, 410, a redirect to the login page, a 400 with the words
 * for it, a 200 with the error `no session`, or `{}` in place of the accounts. It may be wrong about it: ask the session itself before
 * you act on it.
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
 * The URL and the headers with which a WebSocket in the session is opened, for a program that passes its frames on. Both hold secrets.
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

/** Members of replies and socket messages that name the session, or give access to it. */
const sessionMembers = /"(session|sessionId|TOKEN|UNIQUE_LOGIN_ID)"(\s*:\s*)"(?:[^"\\]|\\.)*"/g;

/** The same text with the session's ids and tokens replaced by `hidden`, wherever it is JSON. */
export function withoutSessionIds(body: string): string {
	return body.replace(sessionMembers, '"$1"$2"hidden"');
}
