import { redact } from "@x/base/redact";

/** Removes this client's secrets from a text. */
export type Redact = (text: string) => string;

/** Patterns of signatures: 64 hexadecimal digits, or the base64 of an RSA signature. */
const patterns = [
	[/[0-9a-f]{64}/gi, "[signature]"],
	[/[A-Za-z0-9+/]{80,}={0,2}/g, "[signature]"],
] as const;

/**
 * Returns a function that cleans texts from outside this package before they enter an error: the venue's message of 10004 quotes
 * the key and the signed text, and the error of a `fetch` that was passed in may quote them too.
 */
export function redactor(secrets: readonly (string | undefined)[]): Redact {
	return (text) => redact(text, secrets, { mark: "[secret]", maxLength: 300, leastTail: 4, patterns });
}
