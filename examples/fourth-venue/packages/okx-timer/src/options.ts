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

/** The API key, and how to call. */
export interface OkxTimerOptions {
	readonly apiKey: string;
	readonly apiSecret: string;
	/** The passphrase that was chosen when the API key was created. */
	readonly passphrase: string;
	/** Default `https://www.okx.com`. Without TLS only to this machine. */
	readonly baseUrl?: string | URL;
	/** Default the global one, read at each call. */
	readonly fetch?: typeof fetch;
	/** Deadline of each call, body included, in milliseconds, 1 to 600 000. Default 3 000. */
	readonly callTimeoutMs?: number;
}

/** The defaults of the options. */
export const okxDefaults = Object.freeze({ baseUrl: "https://www.okx.com", callTimeoutMs: 3_000 });

// A function: a bundler keeps calls at module level even when nothing uses them.
const schema = (): OptionSchema<OkxTimerOptions> => ({
	apiKey: secret(nonEmptyString()),
	apiSecret: secret(nonEmptyString()),
	passphrase: secret(nonEmptyString()),
	baseUrl: optional(url("https")),
	fetch: optional(func()),
	callTimeoutMs: optional(milliseconds({ min: 1, max: 600_000 })),
});

/**
 * Checks the options without calling.
 *
 * @throws OptionError for an unknown option or a value that is not allowed.
 */
export function checkOkxTimerOptions(options: OkxTimerOptions): void {
	checkOptions<OkxTimerOptions>(packageName, schema(), options);
}
