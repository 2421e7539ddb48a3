import { IbkrError } from "../errors.ts";
import { type IbkrClientOptions, resolveOptions } from "../options.ts";

/** Settings of {@link createIbkrOAuth}. */
export interface IbkrOAuthOptions
	extends Pick<IbkrClientOptions, "fetch" | "userAgent" | "callTimeoutMs" | "penaltyBox"> {
	/** The venue's host, `https://api.ibkr.com` by default: the paths below it differ between the calls. */
	readonly origin?: string;
}

export function resolveOAuthOptions(options: IbkrOAuthOptions = {}) {
	const { origin = "https://api.ibkr.com", ...rest } = options;
	const settings = resolveOptions({ ...rest, baseUrl: origin });
	// A handful of calls a day need no turns.
	return { ...settings, pacing: undefined, authorize: undefined, origin: settings.baseUrl };
}

/** A header or token text that the caller made. Its value is a secret and is not quoted. */
export function secretText(name: string, value: unknown): string {
	if (typeof value === "string" && /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value)) return value;
	throw new IbkrError(`${name} must be a text of printable ASCII, and a value of type ${typeof value} was given`, {
		kind: "options",
	});
}
