import { redact } from "@x/base/redact";

/** A function that removes the secrets of one client from a text. */
export type Redact = (text: string) => string;

/** Patterns of signatures: 64 hexadecimal digits, or the base64 of an RSA signature. */
const patterns = [
	[/[0-9a-f]{64}/gi, "[signature]"],
	[/[A-Za-z0-9+/]{80,}={0,2}/g, "[signature]"],
] as const;

/**
 * Returns a function that removes secrets from a text. This package passes each text from outside through the function
 * before it puts the text into an error, because such texts may hold secrets. For example, the venue's message for code
 * 10004 quotes the key and the signed text.
 */
export function redactor(secrets: readonly (string | undefined)[]): Redact {
	return (text) => redact(text, secrets, { mark: "[secret]", maxLength: 300, leastTail: 4, patterns });
}
