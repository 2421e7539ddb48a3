import {
	checkOptions,
	func,
	milliseconds,
	nonEmptyString,
	type OptionSchema,
	optional,
	secret,
	url,
} from "@x/base/option-schema";
import { packageName } from "./errors.ts";

/** The API key, and options for calls. */
export interface OkxTimerOptions {
	readonly apiKey: string;
	readonly apiSecret: string;
	/** The passphrase that was chosen when the API key was created. */
	readonly passphrase: string;
	/** The address of the venue. It must be an https URL, except for an address on this machine. Default `https://www.okx.com`. */
	readonly baseUrl?: string | URL;
	/** The `fetch` function for all calls. Default: the global `fetch`, which is looked up at each call. */
	readonly fetch?: typeof fetch;
	/** The deadline of each call, including the body of the reply, in milliseconds: 1 to 600 000. Default 3 000. */
	readonly callTimeoutMs?: number;
}

/** The defaults of the options `baseUrl` and `callTimeoutMs`. */
export const okxDefaults = Object.freeze({ baseUrl: "https://www.okx.com", callTimeoutMs: 3_000 });

// This is a function and not a constant, because a bundler keeps calls at module level even if nothing uses their results.
const schema = (): OptionSchema<OkxTimerOptions> => ({
	apiKey: secret(nonEmptyString()),
	apiSecret: secret(nonEmptyString()),
	passphrase: secret(nonEmptyString()),
	baseUrl: optional(url("https")),
	fetch: optional(func()),
	callTimeoutMs: optional(milliseconds({ min: 1, max: 600_000 })),
});

/**
 * Checks the options without making a call.
 *
 * @throws OptionError for an unknown option or a value that is not allowed.
 */
export function checkOkxTimerOptions(options: OkxTimerOptions): void {
	checkOptions<OkxTimerOptions>(packageName, schema(), options);
}
