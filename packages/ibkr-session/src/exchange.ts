import { type Answer, readAnswer } from "./answer.ts";
import type { Cookies } from "./cookies.ts";
import { IbkrError, isIbkrError } from "./errors.ts";
import type { Authorize } from "./options.ts";
import { GaveUp, withDeadline } from "./time.ts";

/** What an exchange needs of the client's settings. */
export interface ExchangeSettings {
	readonly fetch: typeof fetch;
	readonly authorize: Authorize | undefined;
	readonly userAgent: string;
	readonly callTimeoutMs: number;
}

/**
 * Sends one request and reads its whole answer, within one deadline.
 *
 * @param call - for messages, such as `POST /tickle`.
 * @throws IbkrError of kind `authorize`, `network`, `timeout` or `aborted`.
 */
export async function exchange(
	call: string,
	request: Request,
	settings: ExchangeSettings,
	cookies: Cookies,
	signal: AbortSignal | undefined,
): Promise<Answer> {
	const progress = { stage: "authorize" as "authorize" | "network" };
	try {
		return await withDeadline(settings.callTimeoutMs, signal, async (cut) => {
			const proof = await settings.authorize?.({ method: request.method, url: request.url });
			const headers = new Headers(proof);
			cut.throwIfAborted();
			progress.stage = "network";
			return send(request, headers, settings, cookies, cut);
		});
	} catch (error) {
		throw failure(call, error, progress.stage, settings.callTimeoutMs);
	}
}

async function send(
	request: Request,
	headers: Headers,
	settings: ExchangeSettings,
	cookies: Cookies,
	signal: AbortSignal,
): Promise<Answer> {
	headers.set("accept", "*/*");
	headers.set("user-agent", settings.userAgent);
	const cookie = cookies.header();
	if (cookie !== undefined) headers.set("cookie", cookie);
	const type = request.headers.get("content-type");
	const body = request.body === null ? undefined : await request.text();
	if (type !== null) headers.set("content-type", type);
	// A POST without a body must have no `body` member at all: an empty string would add a Content-Type, and fetch sends
	// the Content-Length: 0 that the venue insists on by itself.
	const response = await settings.fetch(request.url, {
		method: request.method,
		headers,
		redirect: "manual",
		signal,
		...(body === undefined ? {} : { body }),
	});
	const text = await response.text();
	// An answer that comes after its call was given up must not leave cookies behind.
	signal.throwIfAborted();
	cookies.take(response.headers, Date.now());
	// A browser hides a redirect it does not follow behind status 0.
	const status = response.type === "opaqueredirect" ? 302 : response.status;
	return readAnswer(status, response.headers.get("location"), text);
}

const selfSigned = ": a gateway's certificate signs for itself, use gatewayFetch of @x/ibkr-session/gateway";
const hints = new Map([
	["ECONNREFUSED", ": nothing listens there, is the gateway running?"],
	["DEPTH_ZERO_SELF_SIGNED_CERT", selfSigned],
	["SELF_SIGNED_CERT_IN_CHAIN", selfSigned],
	["ERR_TLS_CERT_ALTNAME_INVALID", ": the certificate is for another host, check baseUrl"],
]);

function failure(call: string, error: unknown, stage: "authorize" | "network", timeoutMs: number): IbkrError {
	if (error instanceof GaveUp && error.why === "aborted") {
		return new IbkrError(`${call} was given up because its signal aborted`, { kind: "aborted", call });
	}
	// A runtime without fetch: the message names the option.
	if (isIbkrError(error)) return error;
	const cause = causeOf(error);
	if (stage === "authorize") {
		const what = error instanceof GaveUp ? `was not done after ${timeoutMs} ms` : `failed with ${cause.name}`;
		return new IbkrError(`${call} was not sent: the option authorize ${what}`, { kind: "authorize", call, cause });
	}
	if (error instanceof GaveUp) {
		const message = `${call} had no whole answer for ${timeoutMs} ms; whether it had an effect is not known`;
		return new IbkrError(message, { kind: "timeout", call });
	}
	const detail = cause.code === undefined ? "" : ` (${cause.code})${hints.get(cause.code) ?? ""}`;
	return new IbkrError(`${call} had no answer: the connection failed${detail}`, {
		kind: "network",
		call,
		cause,
		...(cause.code === undefined ? {} : { code: cause.code }),
	});
}

/** The innermost code, as fetch wraps the system's error. Never the error itself: it can hold the request. */
function causeOf(error: unknown): { name: string; code?: string } {
	const name = error instanceof Error && /^\w{1,40}$/.test(error.name) ? error.name : "an error";
	for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
		if ("code" in at && typeof at.code === "string" && /^[A-Z][A-Z0-9_]{1,60}$/.test(at.code)) {
			return { name, code: at.code };
		}
	}
	return { name };
}
