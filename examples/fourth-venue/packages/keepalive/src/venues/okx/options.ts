import {
	checkOptions,
	integer,
	nonEmptyString,
	type OptionSchema,
	optional,
	rule,
	secret,
} from "@x/base/option-schema";
import { checkOkxTimerOptions, type OkxTimerOptions, okxDefaults } from "@x/okx-timer";

/** How to keep an OKX session. */
export interface OkxSessionOptions {
	/** Unique among the sessions of one keeper. Default `okx`. */
	readonly name?: string;
	/** Options of `@x/okx-timer`, passed on to it. */
	readonly client: OkxTimerOptions;
	/** The length of the countdown, 10 to 120 whole seconds. Default 30. */
	readonly windowSeconds?: number;
}

/** Checked options with every default filled in. */
export interface ResolvedOkxOptions extends Required<OkxSessionOptions> {
	readonly client: OkxTimerOptions & Required<Pick<OkxTimerOptions, "callTimeoutMs">>;
}

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;

const schema: OptionSchema<OkxSessionOptions> = {
	name: optional(nonEmptyString()),
	client: secret(rule("an object", isObject)),
	windowSeconds: optional(integer({ min: 10, max: 120 })),
};

/** @throws OptionError for the first option that is not allowed. */
export function resolveOkxOptions(options: OkxSessionOptions): ResolvedOkxOptions {
	checkOptions<OkxSessionOptions>("@x/keepalive/okx", schema, options);
	const { name = "okx", client, windowSeconds = 30 } = options;
	checkOkxTimerOptions(client);
	const { callTimeoutMs = okxDefaults.callTimeoutMs } = client;
	return { name, client: { ...client, callTimeoutMs }, windowSeconds };
}
