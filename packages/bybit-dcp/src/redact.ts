/** Takes this client's secrets out of a text that comes from outside. */
export type Redact = (text: string) => string;

const longest = 300;

/**
 * The venue quotes what it was sent: the text of 10004 holds the key and the signed text. So does whatever a handed-in
 * `fetch` throws. Nothing from outside enters an error without passing through here.
 */
export function redactor(secrets: readonly (string | undefined)[]): Redact {
	// The longest first, in case one secret is part of another.
	const sorted = secrets.flatMap((secret) => (secret ? [secret] : [])).sort((a, b) => b.length - a.length);
	// Without the room that a list grows by: it is kept for each connection.
	const known = sorted.slice();
	return (text) => {
		let clean = text;
		for (const secret of known) clean = withoutTail(clean.replaceAll(secret, "[secret]"), secret);
		// Signatures: 64 hexadecimal digits, or the base64 of an RSA signature.
		clean = clean.replace(/[0-9a-f]{64}/gi, "[signature]").replace(/[A-Za-z0-9+/]{80,}={0,2}/g, "[signature]");
		return clean.length > longest ? `${clean.slice(0, longest)}…` : clean;
	};
}

/** Fewer characters than this of a secret tell nothing. */
const leastTail = 4;

/** A text that was cut off on its way may end in the middle of a secret. */
function withoutTail(text: string, secret: string): string {
	for (let length = Math.min(secret.length - 1, text.length); length >= leastTail; length -= 1) {
		if (text.endsWith(secret.slice(0, length))) return `${text.slice(0, -length)}[secret]`;
	}
	return text;
}

/** A copy of an error of foreign code that keeps what a person needs and cannot hold a secret. */
export function safeCause(error: unknown, redact: Redact, depth = 3): Error | undefined {
	if (!(error instanceof Error)) return undefined;
	const inner = depth > 1 ? safeCause(error.cause, redact, depth - 1) : undefined;
	const copy = new Error(redact(error.message), inner && { cause: inner });
	copy.name = error.name;
	// The stack of a foreign error begins with its message, unredacted.
	delete copy.stack;
	if ("code" in error && typeof error.code === "string") Object.assign(copy, { code: redact(error.code) });
	return copy;
}
