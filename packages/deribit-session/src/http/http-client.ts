import createClient from "openapi-fetch";
import type { paths } from "../generated/schema.ts";
import type { DeribitArguments, DeribitHttpMethod, DeribitHttpParams, DeribitResult } from "../method-types.ts";
import { checkCallOptions, checkHttpOptions, type DeribitHttpOptions, deribitDefaults } from "../options.ts";
import { secretsIn } from "../redact.ts";
import { resultOf } from "../socket/reply-result.ts";
import { sendRequest } from "./send-request.ts";

/**
 * Calls over HTTP. Cancel-on-disconnect does not cover orders placed over HTTP. With scope `account`, an HTTP call can
 * switch cancel-on-disconnect on or off for WebSocket connections that are opened later.
 */
export interface DeribitHttp {
	/**
	 * Calls a method of the spec that works over HTTP. The name of any other method is a compile error.
	 *
	 * @throws {DeribitError} of kind `venue`, `timeout`, `network`, `http`, `reply` or `aborted`.
	 */
	request<M extends DeribitHttpMethod>(
		method: M,
		...args: DeribitArguments<M, DeribitHttpParams<M>>
	): Promise<DeribitResult<M>>;
}

/** Methods with secret parameters. Their requests are sent by POST, because proxies and servers log URLs. */
const postMethods: ReadonlySet<string> = new Set<DeribitHttpMethod>([
	"public/auth",
	"public/exchange_token",
	"public/fork_token",
]);

/**
 * Creates a client for calls over HTTP.
 *
 * @throws {OptionError} for an unknown option or a value that is not allowed.
 * @see https://docs.deribit.com/articles/json-rpc-overview
 */
export function createDeribitHttp(options: DeribitHttpOptions = {}): DeribitHttp {
	checkHttpOptions(options);
	const { url = deribitDefaults.httpUrl, callTimeoutMs = deribitDefaults.callTimeoutMs, accessToken } = options;
	const api = createClient<paths>({ baseUrl: new URL(url).href });

	async function request<M extends DeribitHttpMethod>(
		method: M,
		...[params, callOptions = {}]: DeribitArguments<M, DeribitHttpParams<M>>
	): Promise<DeribitResult<M>> {
		checkCallOptions(callOptions);
		const { signal, timeoutMs = callTimeoutMs } = callOptions;
		const token = typeof accessToken === "function" ? accessToken() : accessToken;
		const secrets = [...secretsIn(params), ...(token ? [token] : [])];
		const isPost = postMethods.has(method);
		const send = async ({ url: callUrl }: Request): Promise<Response> => {
			const { status, body } = await sendRequest({
				call: method,
				fetch: options.fetch ?? globalThis.fetch,
				url: new URL(callUrl),
				body: isPost ? { method, params } : undefined,
				token,
				timeoutMs,
				signal,
				secrets,
			});
			return new Response(JSON.stringify(resultOf(method, body, { call: method, secrets, status })));
		};
		// The casts are safe: `DeribitArguments` checks the parameters against the spec at compile time, and `send` checks
		// the result. openapi-fetch cannot infer either type when the method is a type parameter.
		const init = { params: { query: isPost ? {} : { ...params } }, fetch: send } as never;
		const { data } = await api.GET(`/${method}`, init);
		return data as DeribitResult<M>;
	}
	return { request };
}
