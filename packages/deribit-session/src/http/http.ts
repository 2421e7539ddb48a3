import { createFinalURL, createQuerySerializer } from "openapi-fetch";
import type { DeribitArguments, DeribitHttpMethod, DeribitResult } from "../methods.ts";
import { type DeribitHttpOptions, milliseconds, resolveHttpOptions } from "../options.ts";
import { secretsIn } from "../redact.ts";
import { resultOf } from "../socket/replies.ts";
import { exchange } from "./exchange.ts";

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
	const baseUrl = resolved.url.href.replace(/\/$/, "");
	const querySerializer = createQuerySerializer();

	async function request<M extends DeribitHttpMethod>(
		method: M,
		...[params, callOptions]: DeribitArguments<M>
	): Promise<DeribitResult<M>> {
		const { signal, timeoutMs = resolved.callTimeoutMs } = callOptions ?? {};
		milliseconds("timeoutMs", timeoutMs);
		const token = resolved.accessToken();
		const secrets = [...secretsIn(params), ...(token ? [token] : [])];
		const isPosted = posted.has(method);
		// openapi-fetch as a whole makes a Request of its own, follows redirects, has no deadline and throws on HTML.
		const url = createFinalURL(`/${method}`, {
			baseUrl,
			params: { query: isPosted ? {} : { ...params } },
			querySerializer,
			pathSerializer: (path) => path,
		});
		const { status, body } = await exchange({
			fetch: resolved.fetch(),
			url: new URL(url),
			body: isPosted ? { method, params } : undefined,
			token,
			timeoutMs,
			signal,
			method,
			secrets,
		});
		return resultOf(method, body, { method, secrets, status });
	}
	return { request };
}
