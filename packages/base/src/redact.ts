/** Options of {@link redact}. */
export interface RedactOptions {
	/** The text that replaces a secret. Default `[redacted]`. */
	readonly mark?: string;
	/** The longest text that is returned, in characters. A longer text is cut off. Default 200. */
	readonly maxLength?: number;
	/**
	 * For a text that may have been cut off in the middle of a secret before it was passed to {@link redact}. If the text ends
	 * with at least this many first characters of a secret, these characters are removed. Default: they are not removed.
	 */
	readonly leastTail?: number;
	/**
	 * Other texts to remove, such as signatures. Each entry has a pattern with the flag `g`, and the text that replaces its
	 * matches.
	 */
	readonly patterns?: readonly (readonly [pattern: RegExp, mark: string])[];
}

/**
 * How many characters of a text are searched for secrets. The rest of the text is dropped, so that the work does not grow with
 * the length of a text that a server sent.
 */
const longestText = 4_096;

/** Matches the user and password in a URL. The error of a custom `fetch` may quote the URL of its proxy. */
const urlCredentials = /(?<=:\/\/)[^\s/@]+(?=@)/g;

/**
 * Removes secrets, and the user and password in URLs, from a text, and cuts the text to a length that fits into a log. Empty
 * secrets are ignored.
 */
export function redact(text: string, secrets: Iterable<string | undefined>, options: RedactOptions = {}): string {
	const { mark = "[redacted]", maxLength = 200, patterns = [] } = options;
	const isCut = text.length > longestText;
	// If the text is cut here, it may end with the beginning of a secret. That end is usually not returned, because only
	// `maxLength` characters are. But replacing other secrets can shorten the text so much that its end is returned. Therefore
	// the beginning of a secret is removed from the end, even if it is a single character.
	const leastTail = isCut ? 1 : options.leastTail;
	let safe = isCut ? text.slice(0, longestText) : text;
	// The longest secret is removed first. If one secret contains another, removing the shorter one first would leave the rest of
	// the longer one in the text.
	for (const secret of [...secrets].sort((a, b) => (b?.length ?? 0) - (a?.length ?? 0))) {
		if (!secret) continue;
		safe = safe.replaceAll(secret, () => mark);
		if (leastTail !== undefined) safe = withoutTail(safe, secret, leastTail, mark);
	}
	safe = safe.replace(urlCredentials, () => mark);
	for (const [pattern, replacement] of patterns) safe = safe.replace(pattern, () => replacement);
	if (safe.length > maxLength) return `${safe.slice(0, maxLength)}…`;
	// The cut may have split the last word of the text. What remains of that word is removed: it may belong to a secret that a
	// pattern recognises only when the word is whole.
	return isCut ? `${safe.replace(/(?<![\w+/=-])[\w+/=-]+$/, "")}…` : safe;
}

/**
 * Removes the beginning of a secret from the end of a text, because a text that was cut off may end in the middle of a secret.
 */
function withoutTail(text: string, secret: string, least: number, mark: string): string {
	for (let length = Math.min(secret.length - 1, text.length); length >= least; length -= 1) {
		if (text.endsWith(secret.slice(0, length))) return `${text.slice(0, -length)}${mark}`;
	}
	return text;
}

/**
 * A copy of an error that third-party code threw: its name, its redacted message and code, and copies of its causes. The copy has
 * no stack, because a stack begins with the message. Undefined for a value that is not an error.
 *
 * @param clean - removes the secrets from a text.
 * @param depth - how many errors of the chain of causes are copied at most.
 */
export function safeCause(error: unknown, clean: (text: string) => string, depth = 3): Error | undefined {
	if (!(error instanceof Error)) return undefined;
	const inner = depth > 1 ? safeCause(error.cause, clean, depth - 1) : undefined;
	const copy = new Error(clean(error.message), inner && { cause: inner });
	copy.name = error.name;
	delete copy.stack;
	if ("code" in error && typeof error.code === "string") Object.assign(copy, { code: clean(error.code) });
	return copy;
}
