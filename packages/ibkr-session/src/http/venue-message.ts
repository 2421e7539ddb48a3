/** Members of replies whose values name a user or give access. */
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
/** Many more mean a bug or an attack. */
const maxSecrets = 200;
/** Shorter text is no secret, and replacing it would make a message unreadable. */
const minSecretLength = 3;
/** Only this much of a text is looked at, so that a large one costs nothing. */
const maxInputLength = 2_000;
const maxLength = 200;
const hidden = "[hidden]";

/**
 * Makes the venue's own words safe to print: for the person who has to act they are the best advice.
 *
 * Kept are plain words and numbers of up to four digits. Everything else, such as tokens, account numbers and addresses, is
 * replaced, and so is whatever this client has sent or received as a secret, such as a user name.
 */
export class VenueMessages {
	readonly #secrets = new Set<string>();

	/** Remembers what the headers of a request hold. */
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

	/** The text without secrets, cut to 200 characters; undefined when there is none. */
	clean(text: string): string | undefined {
		// Most replies say nothing, and each secret would be searched in it.
		if (text === "") return undefined;
		// The last word may be the first part of a secret.
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

/** Whether it is punctuation, a plain word or a short number. */
function isPrintable(part: string): boolean {
	return part === hidden || /^([\s"'`.,:;!?()/<>=]*|[A-Za-z]{1,20}|\d{1,4})$/.test(part);
}
