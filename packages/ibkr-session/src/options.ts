import { OptionError } from "@x/base/errors";
import {
	checkOptions,
	func,
	milliseconds,
	type OptionSchema,
	objectWith,
	optional,
	type Rule,
	rule,
} from "@x/base/option-schema";
import { packageName } from "./errors.ts";
import { createIbkrPacing, type IbkrPacing } from "./limits/pacing.ts";
import { type IbkrPenaltyBox, ibkrProcessPenaltyBox } from "./limits/penalty-box.ts";

/**
 * A function that returns the headers that authenticate a request, such as `{ authorization: "Bearer …" }`. It is
 * called before each request.
 */
export type IbkrAuthorize = (request: {
	/** `GET` or `POST`; for requests of `createIbkrFetch`, any HTTP method. */
	readonly method: string;
	/** The whole URL, which an OAuth signature covers. */
	readonly url: string;
}) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;

/** The options of {@link createIbkrHttp}. */
export interface IbkrHttpOptions {
	/**
	 * The URL in front of each path. Default `https://localhost:5000/v1/api`, a gateway on this machine. With OAuth pass
	 * `https://api.ibkr.com/v1/api`.
	 */
	readonly baseUrl?: string | URL;
	/** The `fetch` that makes the calls. Default: the global `fetch`, looked up at each call. */
	readonly fetch?: typeof fetch;
	/**
	 * A function that returns headers which are added to each request, for OAuth. Default: no headers are added, because a
	 * gateway needs none.
	 */
	readonly authorize?: IbkrAuthorize;
	/**
	 * The `User-Agent` header, printable ASCII. The venue refuses requests without this header. Default `x-ibkr-session`.
	 */
	readonly userAgent?: string;
	/**
	 * Deadline of one call, including its body, in milliseconds, 1 to 600 000. Default 12 000: the venue itself times out
	 * after 10 000.
	 */
	readonly callTimeoutMs?: number;
	/**
	 * The rate limiter. A call waits for the rate limiter for up to half of the call's deadline. Clients of the same user
	 * must share one rate limiter. Default: a rate limiter for this client alone, with 10 calls a second, or 50 with
	 * `authorize`. If false, calls are not limited.
	 */
	readonly pacing?: IbkrPacing | false;
	/**
	 * The object that remembers a 429, after which the venue blocks the IP address. Default {@link ibkrProcessPenaltyBox},
	 * which all clients of the process share; a client that calls from another IP address needs its own penalty box.
	 */
	readonly penaltyBox?: IbkrPenaltyBox;
}

/** The options of one call. */
export interface IbkrCallOptions {
	/** Ends the call before its deadline when it aborts. */
	readonly signal?: AbortSignal | undefined;
	/** Deadline of this call, instead of the client's `callTimeoutMs`, in milliseconds, 1 to 600 000. */
	readonly timeoutMs?: number | undefined;
}

/** The defaults of some options. */
export const ibkrDefaults = Object.freeze({
	/** The URL of a gateway on this machine. */
	baseUrl: "https://localhost:5000/v1/api",
	/** The URL of the venue, for OAuth. */
	oauthBaseUrl: "https://api.ibkr.com/v1/api",
	/** The venue's limit on all calls together, at a gateway. */
	callsPerSecond: 10,
	/** The venue's limit on all calls together, with OAuth. */
	oauthCallsPerSecond: 50,
	userAgent: "x-ibkr-session",
	callTimeoutMs: 12_000,
});

/**
 * @internal
 * @throws OptionError that names a wrong member of the value as `<name>.<member>`.
 */
export function checkArgument<T>(name: string, allowed: Rule<T>, value: unknown): asserts value is T {
	checkOptions<unknown>(packageName, { [name]: allowed }, { [name]: value });
}

/**
 * @internal
 * @throws OptionError.
 */
export function checkCallOptions(options: IbkrCallOptions): void {
	const schema = { signal: optional(objectWith<AbortSignal>("addEventListener")), timeoutMs: optional(timeoutRule()) };
	checkOptions<IbkrCallOptions>(packageName, schema, options);
}

/**
 * The rule for an option that is a timeout.
 *
 * @internal
 */
export const timeoutRule = (): Rule<number> => milliseconds({ min: 1, max: 600_000 });

/**
 * The rule for a URL to which paths are added. The error for a wrong URL does not show the URL if it may hold a secret.
 *
 * @internal
 */
export const baseUrlRule = (): Rule<string | URL> => ({
	...rule("an http:// or https:// URL without user name, query and fragment", (value) => {
		const url = typeof value === "string" || value instanceof URL ? URL.parse(String(value)) : null;
		return !!url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash;
	}),
	hides: (value) => /[@?#]/.test(String(value)),
});

/**
 * The rule for the value of a header.
 *
 * @internal
 */
export const headerRule = (): Rule<string> =>
	rule(
		"printable ASCII that is not blank",
		(value) => typeof value === "string" && /^[\x20-\x7e]*\S[\x20-\x7e]*$/.test(value),
	);

/**
 * The rules of the options that the clients of session calls and of OAuth calls share.
 *
 * @internal
 */
export const commonRules = () => ({
	fetch: optional(func<typeof fetch>()),
	userAgent: optional(headerRule()),
	callTimeoutMs: optional(timeoutRule()),
	penaltyBox: optional(objectWith<IbkrPenaltyBox>("onBlock")),
});

/**
 * Checks the options of {@link createIbkrHttp}.
 *
 * @throws OptionError.
 */
export function checkIbkrHttpOptions(options: IbkrHttpOptions): void {
	const schema: OptionSchema<IbkrHttpOptions> = {
		...commonRules(),
		baseUrl: optional(baseUrlRule()),
		authorize: optional(func()),
		pacing: optional(pacingRule()),
	};
	checkOptions(packageName, schema, options);
}

const pacingRule = (): Rule<IbkrPacing | false> =>
	// The cast is safe: members can be read from any value except null and undefined.
	rule(
		"false or the result of createIbkrPacing",
		(value) => value === false || typeof (value as Partial<IbkrPacing> | null)?.tryAcquire === "function",
	);

/** The options with their defaults, checked. @throws OptionError. */
export function resolveHttpOptions(options: IbkrHttpOptions) {
	checkIbkrHttpOptions(options);
	const { baseUrl, authorize, pacing } = options;
	return {
		...resolveCommonOptions(options),
		baseUrl: withoutTrailingSlash(baseUrl ?? ibkrDefaults.baseUrl),
		authorize,
		pacing:
			pacing === false
				? undefined
				: (pacing ??
					createIbkrPacing({ callsPerSecond: ibkrDefaults[authorize ? "oauthCallsPerSecond" : "callsPerSecond"] })),
	};
}

/** The options that the clients of session calls and of OAuth calls share, with their defaults. */
export function resolveCommonOptions({ fetch, userAgent, callTimeoutMs, penaltyBox }: IbkrHttpOptions) {
	return {
		fetch: (...args: Parameters<typeof globalThis.fetch>) => (fetch ?? globalFetch())(...args),
		userAgent: userAgent ?? ibkrDefaults.userAgent,
		callTimeoutMs: callTimeoutMs ?? ibkrDefaults.callTimeoutMs,
		penaltyBox: penaltyBox ?? ibkrProcessPenaltyBox,
	};
}

/** The settings of a client. */
export type HttpSettings = ReturnType<typeof resolveHttpOptions>;

/**
 * The URL as text, without a slash at its end.
 *
 * @internal
 */
export function withoutTrailingSlash(url: string | URL): string {
	return new URL(url).href.replace(/\/+$/, "");
}

function globalFetch(): typeof fetch {
	if (typeof globalThis.fetch === "function") return globalThis.fetch;
	throw new OptionError(packageName, "fetch", "must be given: this platform has no global fetch");
}
