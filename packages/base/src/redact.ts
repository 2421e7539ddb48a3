/** How {@link redact} works. */
export interface RedactOptions {
	/** What stands in place of a secret. Default `[redacted]`. */
	readonly mark?: string;
	/** Longer text is cut off. Default 200. */
	readonly maxLength?: number;
	/** Also removes the first part of a secret at the end of the text, if it has at least this many characters. Default: off. */
	readonly leastTail?: number;
	/** More to remove, such as signatures: a global pattern and what replaces it. */
	readonly patterns?: readonly (readonly [pattern: RegExp, mark: string])[];
}

/** Only the first characters of a text are searched: the work must not grow with what a host sends. */
const longestText = 4_096;

/** The user and password of a URL, such as that of a proxy, which an error of a custom `fetch` may quote. */
const urlCredentials = /(?<=:\/\/)[^\s/@]+(?=@)/g;

/** Removes secrets and credentials of URLs from a text and cuts it to a length that fits a log. Empty secrets are ignored. */
export function redact(text: string, secrets: Iterable<string | undefined>, options: RedactOptions = {}): string {
	const { mark = "[redacted]", maxLength = 200, patterns = [] } = options;
	const isCut = text.length > longestText;
	// The cut may divide a secret, and redaction may shorten the text so much that this place is shown.
	const leastTail = isCut ? 1 : options.leastTail;
	let safe = isCut ? text.slice(0, longestText) : text;
	// The longest first: a secret that contains another must not leave its rest behind.
	for (const secret of [...secrets].sort((a, b) => (b?.length ?? 0) - (a?.length ?? 0))) {
		if (!secret) continue;
		safe = safe.replaceAll(secret, () => mark);
		if (leastTail !== undefined) safe = withoutTail(safe, secret, leastTail, mark);
	}
	safe = safe.replace(urlCredentials, () => mark);
	for (const [pattern, replacement] of patterns) safe = safe.replace(pattern, () => replacement);
	if (safe.length > maxLength) return `${safe.slice(0, maxLength)}…`;
	// The last word may be the first part of what a pattern removes.
	return isCut ? `${safe.replace(/(?<![\w+/=-])[\w+/=-]+$/, "")}…` : safe;
}

/** Text that was cut off on its way may end in the middle of a secret. */
function withoutTail(text: string, secret: string, least: number, mark: string): string {
	for (let length = Math.min(secret.length - 1, text.length); length >= least; length -= 1) {
		if (text.endsWith(secret.slice(0, length))) return `${text.slice(0, -length)}${mark}`;
	}
	return text;
}

/**
 * A copy of an error of third-party code with its name, redacted message and code, and the same of its causes. It has no stack,
 * because a stack begins with the message. Undefined for anything that is no error.
 *
 * @param clean - removes the secrets from a text.
 * @param depth - how many errors of the chain of causes are kept.
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
