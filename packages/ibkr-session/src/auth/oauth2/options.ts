import { checkOptions, type OptionSchema, optional, rule, secret } from "@x/base/option-schema";
import { packageName } from "../../errors.ts";
import type { RequestSettings } from "../../http/send-request.ts";
import {
	baseUrlRule,
	checkArgument,
	commonRules,
	type IbkrHttpOptions,
	resolveCommonOptions,
	withoutTrailingSlash,
} from "../../options.ts";

/** The options of {@link createIbkrOAuth}. */
export interface IbkrOAuthOptions
	extends Pick<IbkrHttpOptions, "fetch" | "userAgent" | "callTimeoutMs" | "penaltyBox"> {
	/** The origin of the venue's URLs. Default `https://api.ibkr.com`; the calls add different paths to the origin. */
	readonly origin?: string | URL;
}

/**
 * The rules of {@link IbkrOAuthOptions}.
 *
 * @internal
 */
export const oauthRules = (): OptionSchema<IbkrOAuthOptions> => ({ ...commonRules(), origin: optional(baseUrlRule()) });

/** @throws OptionError. */
export function checkOAuthOptions(options: IbkrOAuthOptions): void {
	checkOptions(packageName, oauthRules(), options);
}

/** The settings of the OAuth calls, from checked options. */
export function resolveOAuthOptions(options: IbkrOAuthOptions): RequestSettings & { readonly baseUrl: string } {
	return {
		...resolveCommonOptions(options),
		baseUrl: withoutTrailingSlash(options.origin ?? "https://api.ibkr.com"),
		// The OAuth calls need no rate limiter, because a program makes only a few of them a day.
		pacing: undefined,
		authorize: undefined,
	};
}

/** Checks and returns a secret that is sent in a header or as a body. @throws OptionError. */
export function checkSecret(name: string, value: string): string {
	const pattern = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;
	const allowed = rule<string>("printable ASCII", (each) => typeof each === "string" && pattern.test(each));
	checkArgument(name, secret(allowed), value);
	return value;
}
