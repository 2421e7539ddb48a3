import createClient from "openapi-fetch";
import { DeribitError } from "./errors.ts";
import type { paths } from "./generated/schema.ts";
import { exchange } from "./http-exchange.ts";
import type { DeribitArguments, DeribitHttpMethod, DeribitParams, DeribitResult } from "./methods.ts";
import { type DeribitHttpOptions, milliseconds, resolveHttpOptions } from "./options.ts";
import { secretsIn } from "./redact.ts";
import { resultOf } from "./replies.ts";

/** The methods that need no connection, over HTTP. Nothing here can be guarded by cancel-on-disconnect. */
export interface DeribitHttp {
	/**
	 * Calls a method of the spec that works over HTTP; those that need a WebSocket do not compile.
	 *
	 * @throws {DeribitError} of kind `venue`, `timeout`, `network`, `reply` or `aborted`.
	 */
	request<M extends DeribitHttpMethod>(method: M, ...args: DeribitArguments<M>): Promise<DeribitResult<M>>;
}

/** Their parameters are secrets, and a URL is written down by proxies and servers: these are POSTed. */
const posted: ReadonlySet<string> = new Set<DeribitHttpMethod>([
	"public/auth",
	"public/exchange_token",
	"public/fork_token",
]);

/**
 * Calls over HTTP, each on its own.
 *
 * @throws {DeribitError} of kind `options`.
 * @see https://docs.deribit.com/articles/json-rpc-overview
 */
export function createDeribitHttp(options: DeribitHttpOptions = {}): DeribitHttp {
	const resolved = resolveHttpOptions(options);
	const client = createClient<paths>({ baseUrl: resolved.url.href });

	async function request<M extends DeribitHttpMethod>(
		method: M,
		...[params, callOptions]: DeribitArguments<M>
	): Promise<DeribitResult<M>> {
		const { signal, timeoutMs = resolved.callTimeoutMs } = callOptions ?? {};
		milliseconds("timeoutMs", timeoutMs);
		const token = resolved.accessToken();
		const secrets = [...secretsIn(params), ...(token ? [token] : [])];
		let answer: Awaited<ReturnType<typeof exchange>> | undefined;
		// openapi-fetch makes the URL and checks the types. The exchange itself happens in the `fetch` of this call: the
		// answer is kept here, and openapi-fetch gets an empty one, since it reads bodies by rules of its own.
		const through = async (built: Request): Promise<Response> => {
			answer = await exchange({
				fetch: resolved.fetch(),
				url: new URL(built.url),
				body: posted.has(method) ? { method, params: params as DeribitParams<M> } : undefined,
				token,
				timeoutMs,
				signal,
				method,
				secrets,
			});
			return new Response(null, { status: 204 });
		};
		// One of the paths stands for all: TypeScript cannot resolve the call for a union of them, and the arguments of
		// `request` have been checked against this very path.
		const path = `/${method}` as "/public/test";
		const query = posted.has(method) ? {} : ((params ?? {}) as NonNullable<DeribitParams<"public/test">>);
		await client.GET(path, { params: { query }, fetch: through });
		if (!answer) throw new DeribitError(`${method} was not sent`, { kind: "network", method });
		const result = resultOf(method, answer.body, { method, secrets, status: answer.status });
		return result;
	}
	return { request };
}
