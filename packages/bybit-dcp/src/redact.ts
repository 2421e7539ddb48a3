import { redact } from "@x/base/redact";

/** A function that removes the secrets of one client from a text. */
export type Redact = (text: string) => string;

/** Patterns of signatures: 64 hexadecimal digits, or the base64 of an RSA signature. */
const patterns = [
	[/[0-9a-f]{64}/gi, "[signature]"],
	[/[A-Za-z0-9+/]{80,}={0,2}/g, "[signature]"],
] as const;

/**
 * Returns a function that removes secrets from a text. Each text from outside this package passes through the function
 * before the text is put into an error. The venue's message for code 10004 quotes the key and the signed text, and so
 * may an error of the option `fetch`.
 */
export function redactor(secrets: readonly (string | undefined)[]): Redact {
	return (text) => redact(text, secrets, { mark: "[secret]", maxLength: 300, leastTail: 4, patterns });
}
