import type { facts } from "./generated/facts.ts";
import type { paths } from "./generated/schema.ts";

type Path = keyof paths;
type MethodOf<P> = P extends `/${infer Method}` ? Method : never;
type AnyMethod = MethodOf<Path>;
type Facts<M extends AnyMethod> = (typeof facts)[`GET /${M}`];
type Operation<M extends AnyMethod> = paths[`/${M}`]["get"];
type Query<M extends AnyMethod> = NonNullable<Operation<M>["parameters"]["query"]>;

/** The methods of the spec, except `private/logout`, which has no reply: use `logout()`. */
export type DeribitMethod = {
	[M in AnyMethod]: Facts<M> extends { reply: "close" } ? never : M;
}[AnyMethod];

/** The methods that also work over HTTP. */
export type DeribitHttpMethod = {
	[M in DeribitMethod]: "http" extends Facts<M>["transports"][number] ? M : never;
}[DeribitMethod];

type WithRequired<T, K extends keyof T> = Omit<T, K> & { [Name in K]-?: NonNullable<T[Name]> };
type AuthQuery = Query<"public/auth">;
type ForAnyGrant = "grant_type" | "scope" | "state";

/** The parameters of `public/auth`. Each grant requires members of its own, which an OpenAPI query cannot express. */
export type DeribitAuthParams =
	| ({ grant_type: "client_credentials" } & WithRequired<
			Pick<AuthQuery, "client_id" | "client_secret" | Exclude<ForAnyGrant, "grant_type">>,
			"client_id" | "client_secret"
	  >)
	| ({ grant_type: "client_signature" } & WithRequired<
			Omit<AuthQuery, "grant_type" | "client_secret" | "refresh_token">,
			"client_id" | "timestamp" | "signature"
	  >)
	| ({ grant_type: "refresh_token" } & WithRequired<
			Pick<AuthQuery, "refresh_token" | Exclude<ForAnyGrant, "grant_type">>,
			"refresh_token"
	  >);

/** The parameters of a method; `never` when it takes none. */
export type DeribitParams<M extends DeribitMethod> = M extends "public/auth" ? DeribitAuthParams : Query<M>;

/** What a method returns: the `result` member of its reply. */
export type DeribitResult<M extends DeribitMethod> = Operation<M>["responses"] extends {
	200: { content: { "application/json": { result: infer Result } } };
}
	? Result
	: never;

/** Options of one call. */
export interface DeribitCallOptions {
	/** Stops waiting. A request that was sent may still take effect. */
	readonly signal?: AbortSignal;
	/** Deadline in milliseconds, 1 to 600 000. Default: the option `callTimeoutMs`. */
	readonly timeoutMs?: number;
	/** Allows the call to spend the reserved credits, for what must not wait. Over a WebSocket only. */
	readonly fromReserve?: boolean;
}

/** The arguments after the method: parameters are required only when one of them is. */
export type DeribitArguments<M extends DeribitMethod> = [DeribitParams<M>] extends [never]
	? [params?: undefined, options?: DeribitCallOptions]
	: Partial<DeribitParams<M>> extends DeribitParams<M>
		? [params?: DeribitParams<M>, options?: DeribitCallOptions]
		: [params: DeribitParams<M>, options?: DeribitCallOptions];
