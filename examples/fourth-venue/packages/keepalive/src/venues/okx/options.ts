import {
	checkOptions,
	func,
	integer,
	nonEmptyString,
	type OptionSchema,
	optional,
	rule,
	secret,
} from "@x/base/option-schema";
import { checkOkxTimerOptions, type OkxTimerOptions, okxDefaults } from "@x/okx-timer";
import type { Opened } from "../../session.ts";
import type { OkxLoss } from "./session-losses.ts";

/** The options of a session at OKX. */
export interface OkxSessionOptions<Name extends string = string> {
	/** The name of the session, which must be unique among the sessions of one keeper. Default `okx`. */
	readonly name?: Name;
	/** The options of the client `@x/okx-timer`. */
	readonly client: OkxTimerOptions;
	/** The length of the countdown: 10 to 120 whole seconds. Default 30. */
	readonly windowSeconds?: number;
	/**
	 * Called at every open, the first included, while the countdown runs and before the session counts as alive. If `losses` is not empty,
	 * find out here which orders are gone. If this function throws or rejects, the open fails and is retried.
	 */
	readonly onOpen?: (opened: Opened<undefined, OkxLoss>) => unknown;
}

export const packageName = "@x/keepalive/okx";

/** The options after the check, with all defaults filled in. */
export interface ResolvedOkxOptions extends Required<Omit<OkxSessionOptions, "onOpen">> {
	readonly onOpen: OkxSessionOptions["onOpen"];
	readonly client: OkxTimerOptions & Required<Pick<OkxTimerOptions, "callTimeoutMs">>;
}

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;

const schema: OptionSchema<OkxSessionOptions> = {
	name: optional(nonEmptyString()),
	client: secret(rule("an object", isObject)),
	windowSeconds: optional(integer({ min: 10, max: 120 })),
	onOpen: optional(func()),
};

/** @throws OptionError for the first option that is not allowed. */
export function resolveOkxOptions(options: OkxSessionOptions): ResolvedOkxOptions {
	checkOptions<OkxSessionOptions>(packageName, schema, options);
	const { name = "okx", client, windowSeconds = 30, onOpen } = options;
	checkOkxTimerOptions(client);
	const { callTimeoutMs = okxDefaults.callTimeoutMs } = client;
	return { name, client: { ...client, callTimeoutMs }, windowSeconds, onOpen };
}
