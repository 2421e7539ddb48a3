import type { facts } from "./generated/facts.ts";
import type { paths } from "./generated/schema.ts";

/** The methods of the spec, except `private/logout`, which has no reply: use `logout()`. */
export type DeribitMethod = {
	[Path in keyof paths]: Path extends `/${infer Method}`
		? (typeof facts)[`GET ${Path}`] extends { reply: "close" }
			? never
			: Method
		: never;
}[keyof paths];

/** The methods that work over HTTP as well as over a WebSocket. */
export type DeribitHttpMethod = {
	[M in DeribitMethod]: "http" extends (typeof facts)[`GET /${M}`]["transports"][number] ? M : never;
}[DeribitMethod];

/** The query parameters that the spec lists for a method; `never` when there are none. */
export type DeribitQuery<M extends DeribitMethod> = NonNullable<paths[`/${M}`]["get"]["parameters"]["query"]>;

/**
 * The parameters of `public/auth`. Each `grant_type` requires different parameters, which an OpenAPI query cannot
 * express.
 */
export type DeribitAuthParams =
	| ({ grant_type: "client_credentials" } & Required<Pick<DeribitQuery<"public/auth">, "client_id" | "client_secret">> &
			Pick<DeribitQuery<"public/auth">, "scope" | "state">)
	| ({ grant_type: "client_signature" } & Required<
			Pick<DeribitQuery<"public/auth">, "client_id" | "timestamp" | "signature">
	  > &
			Pick<DeribitQuery<"public/auth">, "nonce" | "data" | "scope" | "state">)
	| ({ grant_type: "refresh_token" } & Required<Pick<DeribitQuery<"public/auth">, "refresh_token">> &
			Pick<DeribitQuery<"public/auth">, "scope" | "state">);

/** The parameters of a method; `never` when it takes none. */
export type DeribitParams<M extends DeribitMethod> = M extends "public/auth" ? DeribitAuthParams : DeribitQuery<M>;

/** What a method returns: the `result` member of its reply. */
export type DeribitResult<M extends DeribitMethod> = paths[`/${M}`]["get"]["responses"] extends {
	200: { content: { "application/json": { result: infer Result } } };
}
	? Result
	: never;

/** Options of one call. */
export interface DeribitCallOptions {
	/**
	 * Ends the wait for the reply when it aborts. A request that was sent before the abort may take effect nevertheless.
	 */
	readonly signal?: AbortSignal;
	/** Deadline in milliseconds, 1 to 600 000. Default: the option `callTimeoutMs`. */
	readonly timeoutMs?: number;
	/**
	 * Whether the call may spend the credits that are reserved for urgent calls. Default false. The option has no effect
	 * on calls over HTTP.
	 */
	readonly fromReserve?: boolean;
}

/**
 * The parameters of a method over HTTP. The cancel-on-disconnect methods work over HTTP with scope `account` only,
 * because an HTTP request has no connection to protect.
 */
export type DeribitHttpParams<M extends DeribitHttpMethod> = (typeof facts)[`GET /${M}`] extends {
	httpParameters: infer Values;
}
	? Omit<DeribitParams<M>, keyof Values> & {
			-readonly [Name in keyof Values]: Values[Name] extends readonly (infer Value)[] ? Value : never;
		}
	: DeribitParams<M>;

/** The arguments after the method name. `params` may be omitted unless the method has a required parameter. */
export type DeribitArguments<M extends DeribitMethod, Params = DeribitParams<M>> = [Params] extends [never]
	? [params?: undefined, options?: DeribitCallOptions]
	: Partial<Params> extends Params
		? [params?: Params, options?: DeribitCallOptions]
		: [params: Params, options?: DeribitCallOptions];
