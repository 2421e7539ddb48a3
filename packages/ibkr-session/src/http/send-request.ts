import { sleepOrReject, withDeadline } from "@x/base/clock";
import { errorName, isOptionError } from "@x/base/errors";
import { readBody } from "@x/base/read-body";
import { abortedError, IbkrError, isIbkrError } from "../errors.ts";
import type { HttpSettings, IbkrCallOptions } from "../options.ts";
import { type Answer, readAnswer } from "./classified-reply.ts";
import type { Cookies } from "./cookies.ts";
import type { VenueMessages } from "./redact-venue-message.ts";

/** The settings of a client that are needed to send a request. */
export type RequestSettings = Omit<HttpSettings, "baseUrl">;

/** A request to be sent. */
export interface Outgoing {
	readonly method: string;
	readonly url: string;
	/** The body and its Content-Type, if there is a body. */
	readonly content?: { readonly type: string; readonly text: string } | undefined;
}

/** What a client remembers from one request to the next. */
export interface RequestMemory {
	readonly cookies: Cookies;
	readonly messages: VenueMessages;
}

/** What a call is waiting for: the rate limiter, the option `authorize` or the network. */
type Stage = "pacing" | "authorize" | "network";

/**
 * Sends one request and reads its whole reply, within one deadline.
 *
 * @param call - the name of the call in errors, such as `POST /tickle`.
 * @throws IbkrError of kind `authorize`, `network`, `timeout`, `aborted`, `banned` or `pacing`; OptionError when the
 * platform has no fetch.
 */
export function sendRequest(
	call: string,
	request: Outgoing,
	settings: RequestSettings,
	memory: RequestMemory,
	{ signal, timeoutMs: ms = settings.callTimeoutMs }: IbkrCallOptions,
): Promise<Answer> {
	let stage: Stage = "pacing";
	const onStage = (next: Stage): void => {
		stage = next;
	};
	const run = async (cut: AbortSignal): Promise<Answer> => {
		const headers = await permission(call, request, settings, ms, cut, onStage);
		const answer = await send(request, headers, settings, memory, cut);
		if (answer.status !== 429) return answer;
		const resetAt = settings.penaltyBox.block();
		const problem = "status 429, too many requests: IBKR now blocks this IP address";
		const { venueMessage } = answer;
		throw new IbkrError("banned", problem, { call, status: 429, venueMessage, resetAt, todo: noCallUntil(resetAt) });
	};
	const onTimeout = (): IbkrError => timeoutError(call, stage, ms);
	return withDeadline({ ms, signal, onTimeout, onAbort: () => abortedError(call) }, (cut) =>
		run(cut).catch((error: unknown) => {
			throw isIbkrError(error) || isOptionError(error) ? error : failureError(call, error, stage);
		}),
	);
}

/**
 * Waits until a request may be sent within the rate limits.
 *
 * @returns the headers that authorize the request.
 * @throws IbkrError of kind `pacing` or `banned`, or what `authorize` threw.
 */
async function permission(
	call: string,
	{ method, url }: Outgoing,
	settings: RequestSettings,
	timeoutMs: number,
	signal: AbortSignal,
	onStage: (stage: Stage) => void,
): Promise<Headers> {
	const reservation = await reserve(call, settings, timeoutMs, signal);
	for (;;) {
		onStage("authorize");
		const headers = new Headers(await settings.authorize?.({ method, url }));
		signal.throwIfAborted();
		// Several calls may have waited for one slow `authorize`, for example while a token was created. `start()` delays some of
		// these calls, so that they are not all sent at once.
		const waitMs = reservation?.start() ?? 0;
		if (waitMs <= 0) {
			// Another client may have received a 429 while this call was waiting.
			requireNotBanned(call, settings);
			onStage("network");
			return headers;
		}
		onStage("pacing");
		await sleepOrReject(waitMs, signal);
	}
}

/**
 * Waits until a request may be sent, like {@link sendRequest}, and returns its authorization headers. The caller sends
 * the request and reads the reply.
 *
 * @throws IbkrError of kind `pacing`, `banned`, `authorize` or `aborted`.
 */
export function waitForPermission(
	call: string,
	request: Outgoing,
	settings: RequestSettings,
	signal: AbortSignal | undefined,
): Promise<Headers> {
	let stage: Stage = "pacing";
	const onStage = (next: Stage): void => {
		stage = next;
	};
	const ms = settings.callTimeoutMs;
	const deadline = { ms, signal, onTimeout: () => timeoutError(call, stage, ms), onAbort: () => abortedError(call) };
	return withDeadline(deadline, (cut) =>
		permission(call, request, settings, ms, cut, onStage).catch((error: unknown) => {
			throw isIbkrError(error) || isOptionError(error) ? error : failureError(call, error, stage);
		}),
	);
}

async function reserve(call: string, settings: RequestSettings, timeoutMs: number, signal: AbortSignal) {
	requireNotBanned(call, settings);
	// The rate limiter may delay a call by up to half of the deadline. The other half is left for the request and its reply.
	const reservation = settings.pacing?.tryAcquire(call, timeoutMs / 2);
	if (!reservation) return undefined;
	const { acquired, waitMs } = reservation;
	if (!acquired) throw pacingError(call, Math.ceil(Date.now() + waitMs));
	if (waitMs > 0) await sleepOrReject(waitMs, signal);
	return reservation;
}

function requireNotBanned(call: string, { penaltyBox: { blockedUntil } }: RequestSettings): void {
	if (blockedUntil === undefined) return;
	const problem = "not sent, because IBKR blocks this IP address after a 429";
	throw new IbkrError("banned", problem, { call, resetAt: blockedUntil, todo: noCallUntil(blockedUntil) });
}

const noCallUntil = (at: number): string => `Make no call until ${new Date(at).toISOString()}.`;

function pacingError(call: string, resetAt: number): IbkrError {
	const problem = `not sent, because of the rate limit: the next call is allowed at ${new Date(resetAt).toISOString()}`;
	return new IbkrError("pacing", problem, { call, resetAt });
}

async function send(
	request: Outgoing,
	headers: Headers,
	settings: RequestSettings,
	{ cookies, messages }: RequestMemory,
	signal: AbortSignal,
): Promise<Answer> {
	headers.set("accept", "*/*");
	headers.set("user-agent", settings.userAgent);
	const cookie = cookies.header();
	if (cookie !== undefined) headers.set("cookie", cookie);
	messages.addHeaders(headers);
	const { method, url, content } = request;
	if (content) headers.set("content-type", content.type);
	// If there is no content, there must be no member `body`, because an empty string would add a Content-Type. For a POST
	// without a body, `fetch` itself sends the Content-Length: 0 that the venue requires.
	const response = await settings.fetch(url, {
		method,
		headers,
		redirect: "manual",
		signal,
		...(content && { body: content.text }),
	});
	const { text, isCut } = await readBody(response, { signal });
	// A reply that comes after the deadline must not set cookies.
	signal.throwIfAborted();
	cookies.take(response.headers, Date.now());
	// When a browser does not follow a redirect, it reports the redirect with status 0, which is replaced by 302 here.
	const status = response.type === "opaqueredirect" ? 302 : response.status;
	return readAnswer(status, response.headers.get("location"), isCut ? undefined : text, messages);
}

function timeoutError(call: string, stage: Stage, ms: number): IbkrError {
	if (stage === "pacing") return pacingError(call, Date.now());
	if (stage === "network") {
		return new IbkrError("timeout", `no complete reply within ${ms} ms, so the effect of the call is unknown`, {
			call,
		});
	}
	return new IbkrError("authorize", `not sent, because option authorize took longer than ${ms} ms`, { call });
}

function failureError(call: string, error: unknown, stage: Stage): IbkrError {
	if (stage === "authorize") return authorizeError(call, error);
	const cause = causeOf(error);
	const { code } = cause;
	const problem = `the connection failed${code === undefined ? "" : ` (${code})`}`;
	return new IbkrError("network", problem, { call, cause, code, todo: code && advice.get(code) });
}

/** The error for a failed `authorize`. Nothing of the original error is shown, because it can hold a token, even in a name or a code. */
function authorizeError(call: string, error: unknown): IbkrError {
	const problem = `not sent, because option authorize failed with ${callbackErrorName(error)}`;
	return new IbkrError("authorize", problem, { call });
}

/**
 * The name of an error, if the error is of a built-in class. For any other error this is `Error`, because the name was
 * chosen by the code that threw the error and may hold a secret.
 */
function callbackErrorName(error: unknown): string {
	const name = errorName(error);
	return /^([A-Z][a-z]{3,9})?Error$|^(undefined|object|string|number|null)$/.test(name) ? name : "Error";
}

const selfSigned =
	"The gateway's certificate is self-signed: pass this certificate to gatewayFetch of @x/ibkr-session/gateway.";
const advice: ReadonlyMap<string, string> = new Map([
	["ECONNREFUSED", "Check that the gateway is running and that baseUrl is right."],
	["DEPTH_ZERO_SELF_SIGNED_CERT", selfSigned],
	["SELF_SIGNED_CERT_IN_CHAIN", selfSigned],
	[
		"ERR_TLS_CERT_FINGERPRINT",
		"Nothing was sent. If the gateway's certificate was renewed, change fingerprint256; if not, find out what answers at baseUrl.",
	],
	["ERR_TLS_CERT_ALTNAME_INVALID", "The certificate is for another host: check baseUrl."],
]);

/**
 * The name and the code of an error. `fetch` wraps the system's error, so the code is searched in all causes. The error
 * itself is not kept, because it can hold the request.
 */
function causeOf(error: unknown): { name: string; code?: string } {
	const name = errorName(error);
	for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
		if ("code" in at && typeof at.code === "string" && /^[A-Z][A-Z0-9_]{1,60}$/.test(at.code)) {
			return { name, code: at.code };
		}
	}
	return { name };
}
