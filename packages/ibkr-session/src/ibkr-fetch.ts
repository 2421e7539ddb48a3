import { waitForPermission } from "./http/send-request.ts";
import { type IbkrHttpOptions, resolveHttpOptions } from "./options.ts";

/**
 * Creates a `fetch` for calls of your own, such as orders, in the session of a client. Create a rate limiter with
 * `createIbkrPacing`, and pass it as `pacing` both here and to the client. Pass the other options as for the client. The
 * `fetch` and the client then share the rate limiter and the penalty box.
 *
 * Each request waits for the rate limiter, is signed by `authorize` and follows no redirect. A 429 blocks every client that
 * shares the penalty box. The reply is returned as it is.
 *
 * @returns a `fetch` that also rejects with an `IbkrError` of kind `pacing`, `banned`, `authorize` or `aborted` when the
 * request was not sent.
 * @throws OptionError.
 */
export function createIbkrFetch(options: IbkrHttpOptions): typeof fetch {
	const settings = resolveHttpOptions(options);
	return async (input, init) => {
		const isRequest = input instanceof Request;
		const url = isRequest ? input.url : String(input);
		const method = (init?.method ?? (isRequest ? input.method : "GET")).toUpperCase();
		// The rate limits are defined for the path below the base URL.
		const path = url.startsWith(settings.baseUrl) ? url.slice(settings.baseUrl.length) : new URL(url).pathname;
		const call = `${method} ${path.replace(/[?#].*$/s, "")}`;
		const signal = init?.signal ?? (isRequest ? input.signal : undefined);
		const signed = await waitForPermission(call, { method, url }, settings, signal);
		const headers = new Headers(init?.headers ?? (isRequest ? input.headers : undefined));
		for (const [name, value] of signed) headers.set(name, value);
		if (!headers.has("user-agent")) headers.set("user-agent", settings.userAgent);
		const response = await settings.fetch(input, { redirect: "manual", ...init, headers });
		if (response.status === 429) settings.penaltyBox.block();
		return response;
	};
}
