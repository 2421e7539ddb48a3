import type { facts } from "./generated/facts.ts";
import type { paths } from "./generated/schema.ts";

type Path = keyof paths;
type MethodOf<P> = P extends `/${infer Method}` ? Method : never;
type AnyMethod = MethodOf<Path>;
type Facts<M extends AnyMethod> = (typeof facts)[`GET /${M}`];
type Operation<M extends AnyMethod> = paths[`/${M}`]["get"];
type Query<M extends AnyMethod> = NonNullable<Operation<M>["parameters"]["query"]>;

/** The methods that the spec describes and the venue answers; `private/logout` only closes, see `logout()`. */
export type DeribitMethod = {
	[M in AnyMethod]: Facts<M> extends { reply: "close" } ? never : M;
}[AnyMethod];

/** Those of them that work over HTTP too, as the spec says. */
export type DeribitHttpMethod = {
	[M in DeribitMethod]: "http" extends Facts<M>["transports"][number] ? M : never;
}[DeribitMethod];

type Needing<T, K extends keyof T> = Omit<T, K> & { [Name in K]-?: NonNullable<T[Name]> };
type AuthQuery = Query<"public/auth">;
type ForAnyGrant = "grant_type" | "scope" | "state";

/** The parameters of `public/auth`: each grant needs members of its own, which a query in OpenAPI cannot say. */
export type DeribitAuthParams =
	| ({ grant_type: "client_credentials" } & Needing<
			Pick<AuthQuery, "client_id" | "client_secret" | Exclude<ForAnyGrant, "grant_type">>,
			"client_id" | "client_secret"
	  >)
	| ({ grant_type: "client_signature" } & Needing<
			Omit<AuthQuery, "grant_type" | "client_secret" | "refresh_token">,
			"client_id" | "timestamp" | "signature"
	  >)
	| ({ grant_type: "refresh_token" } & Needing<
			Pick<AuthQuery, "refresh_token" | Exclude<ForAnyGrant, "grant_type">>,
			"refresh_token"
	  >);

/** The parameters of a method; `never` when it takes none. */
export type DeribitParams<M extends DeribitMethod> = M extends "public/auth" ? DeribitAuthParams : Query<M>;

/** What a method answers: the `result` member of its reply. */
export type DeribitResult<M extends DeribitMethod> = Operation<M>["responses"] extends {
	200: { content: { "application/json": { result: infer Result } } };
}
	? Result
	: never;

/** What one call may be given besides its parameters. */
export interface DeribitCallOptions {
	/** Ends the wait, not what the venue does with a request that was sent. */
	signal?: AbortSignal;
	/** Deadline of this call in milliseconds. Default: the option `callTimeoutMs`. */
	timeoutMs?: number;
	/** Lets the call spend the credits that are kept in reserve. For what must not wait, such as a mass cancel. */
	fromReserve?: boolean;
}

/** The arguments after the method's name: parameters are required only when one of them is. */
export type DeribitArguments<M extends DeribitMethod> = [DeribitParams<M>] extends [never]
	? [params?: undefined, options?: DeribitCallOptions]
	: Partial<DeribitParams<M>> extends DeribitParams<M>
		? [params?: DeribitParams<M>, options?: DeribitCallOptions]
		: [params: DeribitParams<M>, options?: DeribitCallOptions];
