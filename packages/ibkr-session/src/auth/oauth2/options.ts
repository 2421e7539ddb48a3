import { IbkrError } from "../../errors.ts";
import type { Names } from "../../known.ts";
import { type IbkrHttpOptions, resolveOptions } from "../../options.ts";

/** Settings of {@link createIbkrOAuth}. */
export interface IbkrOAuthOptions
	extends Pick<IbkrHttpOptions, "fetch" | "userAgent" | "callTimeoutMs" | "penaltyBox"> {
	/** The venue's host, `https://api.ibkr.com` by default: the paths below it differ between the calls. */
	readonly origin?: string;
}

export const oauthNames: Names<IbkrOAuthOptions> = {
	origin: 1,
	fetch: 1,
	userAgent: 1,
	callTimeoutMs: 1,
	penaltyBox: 1,
};

/** The settings of the calls; members of other options are left alone. */
export function resolveOAuthOptions(options: IbkrOAuthOptions) {
	const { origin = "https://api.ibkr.com", fetch, userAgent, callTimeoutMs, penaltyBox } = options;
	const settings = resolveOptions({
		baseUrl: origin,
		...(fetch === undefined ? {} : { fetch }),
		...(userAgent === undefined ? {} : { userAgent }),
		...(callTimeoutMs === undefined ? {} : { callTimeoutMs }),
		...(penaltyBox === undefined ? {} : { penaltyBox }),
	});
	// A handful of calls a day need no turns.
	return { ...settings, pacing: undefined, authorize: undefined };
}

/** A header or token text that the caller made. Its value is a secret and is not quoted. */
export function secretText(name: string, value: unknown): string {
	if (typeof value === "string" && /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value)) return value;
	throw new IbkrError(`${name} must be a text of printable ASCII, and a value of type ${typeof value} was given`, {
		kind: "options",
	});
}
