/** Names of those members of replies whose values identify a user or give access to the session. */
const secretMembers: ReadonlySet<string> = new Set([
	"session",
	"sessionId",
	"USER_NAME",
	"PAPER_USER_NAME",
	"CREDENTIAL",
	"TOKEN",
	"UNIQUE_LOGIN_ID",
	"username",
	"accounts",
	"selectedAccount",
]);
/** Maximum number of remembered secrets. A larger number means a bug or an attack. */
const maxSecrets = 200;
/**
 * A text with fewer characters than this is not treated as a secret, because replacing it would make messages
 * unreadable.
 */
const minSecretLength = 3;
/** Only the first 2 000 characters of a text are processed, so that a large text takes no more time. */
const maxInputLength = 2_000;
const maxLength = 200;
const hidden = "[hidden]";

/**
 * Removes secrets from the venue's own messages, so that errors can quote these messages.
 *
 * Plain words and numbers of up to four digits are kept. Everything else, such as tokens, account numbers and addresses, is
 * replaced by `[hidden]`. Every secret that this client has sent or received, such as a user name, is replaced too.
 */
export class VenueMessages {
	readonly #secrets = new Set<string>();

	/** Remembers the secrets in the headers of a request. */
	addHeaders(headers: Headers): void {
		for (const name of ["authorization", "cookie"]) {
			for (const part of (headers.get(name) ?? "").split(/[\s,;="]+/)) this.#add(part);
		}
	}

	/** Remembers the secrets in the body of a reply. */
	addReply(body: unknown, depth = 0): void {
		if (typeof body !== "object" || body === null || depth > 3) return;
		for (const [name, value] of Object.entries(body)) {
			if (!secretMembers.has(name)) this.addReply(value, depth + 1);
			else for (const each of [value].flat()) if (typeof each === "string") this.#add(each);
		}
	}

	/** The text without secrets, cut to 200 characters; undefined when no text is left. */
	clean(text: string): string | undefined {
		// Most replies have no message. For an empty text, the search for all secrets is skipped.
		if (text === "") return undefined;
		// The last word may be the beginning of a secret that was cut, so it is removed.
		let safe = text.length > maxInputLength ? text.slice(0, maxInputLength).replace(/\S*$/, "") : text;
		for (const secret of this.#secrets) safe = safe.replaceAll(secret, () => hidden);
		const words = safe
			.split(/(\[hidden\]|[\s"'`.,:;!?()/<>=]+)/)
			.map((part) => (isPrintable(part) ? part : hidden))
			.join("")
			.replaceAll(/\s+/g, " ")
			.trim();
		if (words === "") return undefined;
		return words.length > maxLength ? `${words.slice(0, maxLength)}…` : words;
	}

	#add(value: string): void {
		if (value.length >= minSecretLength && this.#secrets.size < maxSecrets) this.#secrets.add(value);
	}
}

/** Whether a part of a text is punctuation, a plain word or a short number. */
function isPrintable(part: string): boolean {
	return part === hidden || /^([\s"'`.,:;!?()/<>=]*|[A-Za-z]{1,20}|\d{1,4})$/.test(part);
}
