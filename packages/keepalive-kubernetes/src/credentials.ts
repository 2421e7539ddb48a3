import { readFile } from "node:fs/promises";
import { monotonicMs } from "@x/base/clock";
import { packageName, type ResolvedOptions } from "./options.ts";

/** The credentials that a request is sent with. */
export interface Credentials {
	/** The token that is sent; undefined if no token is sent. */
	readonly token: string | undefined;
	/**
	 * The certificates that the API server's certificate is checked against, as PEM text; undefined for the certificates that
	 * Node.js trusts.
	 */
	readonly ca: string | undefined;
}

/**
 * How many milliseconds a token or certificate from a file is used before the file is read again. Kubernetes replaces a pod's
 * token at least two minutes before it expires: after 80 % of its lifetime, which is at least ten minutes.
 */
const rereadMs = 60_000;

/**
 * Returns the credentials for the next request. `isRefused` is true when the API server has refused the credentials that were
 * returned last.
 */
export type ReadCredentials = (signal: AbortSignal, isRefused?: boolean) => Promise<Credentials>;

/**
 * Makes the function that returns the credentials. Each file of the service account is read at most once a minute, but the token file is
 * read sooner when the API server refuses the token. A `token` function is called for each request.
 */
export function credentialsOf({ token, ca }: Pick<ResolvedOptions, "token" | "ca">): ReadCredentials {
	const readToken = typeof token === "object" ? fileReader(token.file) : undefined;
	const readCa = typeof ca === "object" ? fileReader(ca.file) : undefined;
	return async (signal, isRefused = false) => {
		const given = typeof token === "function" ? await token() : typeof token === "string" ? token : undefined;
		const [fileToken, fileCa] = await Promise.all([readToken?.(signal, isRefused), readCa?.(signal, false)]);
		signal.throwIfAborted();
		return { token: checkedToken(given ?? fileToken), ca: typeof ca === "string" ? ca : fileCa };
	};
}

function fileReader(file: string): (signal: AbortSignal, isStale: boolean) => Promise<string> {
	let last: { readonly text: string; readonly readAtMs: number } | undefined;
	return async (signal, isStale) => {
		if (last && !isStale && monotonicMs() - last.readAtMs < rereadMs) return last.text;
		const readAtMs = monotonicMs();
		try {
			last = { text: (await readFile(file, { encoding: "utf8", signal })).trim(), readAtMs };
		} catch (error) {
			signal.throwIfAborted();
			const said = error instanceof Error ? error.message : "unknown error";
			throw new Error(`${packageName}: a file of the service account could not be read: ${said}.`);
		}
		return last.text;
	};
}

/**
 * Returns the token if it has only allowed characters, and throws otherwise. Node.js refuses to send other characters, and its error could
 * show the token.
 */
function checkedToken(token: unknown): string | undefined {
	if (token === undefined || (typeof token === "string" && /^[\x21-\x7e]+$/.test(token))) return token;
	const found = typeof token === "string" ? "characters that are not allowed" : `a value of type ${typeof token}`;
	throw new Error(`${packageName}: the token contains ${found} (allowed: ASCII characters without spaces).`);
}
