import { isObject } from "@x/base/objects";
import type { VenueMessages } from "./redact-venue-message.ts";

/**
 * A reply of the venue, classified by its status and the first character of its body. The Content-Type is ignored: some
 * replies have no Content-Type, and HTML comes with a wrong Content-Type.
 */
export type Answer = {
	/** The venue's own message about a failure, without secrets. */
	readonly venueMessage?: string;
} & (
	| { readonly kind: "json"; readonly status: number; readonly value: unknown }
	| { readonly kind: "html"; readonly status: number }
	| { readonly kind: "text"; readonly status: number; readonly text: string }
	| { readonly kind: "empty"; readonly status: number }
	/**
	 * A redirect. It is not followed, because the login page behind it would be a reply with status 200 and HTML. `login`:
	 * whether the redirect leads to the login page.
	 */
	| { readonly kind: "redirect"; readonly status: number; readonly login: boolean }
	/** The body is longer than any reply of the venue; only its beginning was read. */
	| { readonly kind: "too-long"; readonly status: number }
	/** The body starts like JSON, but cannot be parsed. */
	| { readonly kind: "broken"; readonly status: number }
);

/**
 * Classifies a reply.
 *
 * @param location - the header `Location` of the reply.
 * @param body - undefined when the body is too long to be read.
 */
export function readAnswer(
	status: number,
	location: string | null,
	body: string | undefined,
	messages: VenueMessages,
): Answer {
	const answer = classify(status, location, body);
	if (answer.kind === "json" && status === 200) messages.addReply(answer.value);
	const venueMessage = messages.clean(saidIn(answer));
	return venueMessage === undefined ? answer : { ...answer, venueMessage };
}

function classify(status: number, location: string | null, body: string | undefined): Answer {
	if (status >= 300 && status < 400) return { kind: "redirect", status, login: leadsToLogin(location) };
	if (body === undefined) return { kind: "too-long", status };
	const text = body.trim();
	if (text === "") return { kind: "empty", status };
	if (text.startsWith("<")) return { kind: "html", status };
	if (!text.startsWith("{") && !text.startsWith("[")) return { kind: "text", status, text };
	try {
		return { kind: "json", status, value: JSON.parse(text) };
	} catch {
		return { kind: "broken", status };
	}
}

function leadsToLogin(location: string | null): boolean {
	return location !== null && /\/sso\/(login|dispatcher)\b/i.test(location);
}

/**
 * The text of an error reply, to be compared with known phrases. The text must not be shown, because it can hold a
 * token.
 */
export function saidIn(answer: Answer): string {
	if (answer.kind === "text") return answer.text;
	if (answer.kind !== "json") return "";
	const { error, title, detail, iserver } = membersOf(answer.value);
	const brokerage = iserver === undefined ? answer.value : membersOf(iserver)["authStatus"];
	const { fail, message, serverInfo } = membersOf(brokerage);
	const texts = [error, title, detail, fail, membersOf(serverInfo)["fail"], message];
	return texts.filter((text) => typeof text === "string" && text !== "").join(" ");
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
	return isObject(value) ? value : {};
}
