import { IbkrError, isIbkrError } from "../errors.ts";
import type { IbkrPacing } from "../limits/pacing.ts";
import type { IbkrPenaltyBox } from "../limits/penalty-box.ts";
import type { IbkrAuthorize } from "../options.ts";
import { GaveUp, sleep, withDeadline } from "../time.ts";
import { type Answer, readAnswer } from "./answer.ts";
import type { Cookies } from "./cookies.ts";

/** What an exchange needs of the client's settings. */
export interface ExchangeSettings {
	readonly fetch: typeof fetch;
	readonly authorize: IbkrAuthorize | undefined;
	readonly userAgent: string;
	readonly callTimeoutMs: number;
	readonly pacing: IbkrPacing | undefined;
	readonly penaltyBox: IbkrPenaltyBox;
}

/** A request by what is sent of it. */
export interface Outgoing {
	readonly method: string;
	readonly url: string;
	/** The text of the body and its Content-Type, where there is a body. */
	readonly content?: { readonly type: string; readonly text: string } | undefined;
}

/**
 * Sends one request and reads its whole answer, within one deadline.
 *
 * @param call - for messages, such as `POST /tickle`.
 * @throws IbkrError of kind `authorize`, `network`, `timeout`, `aborted`, `paced` or `held`.
 */
export async function exchange(
	call: string,
	request: Outgoing,
	settings: ExchangeSettings,
	cookies: Cookies,
	signal: AbortSignal | undefined,
): Promise<Answer> {
	const progress = { stage: "turn" as Stage };
	try {
		return await withDeadline(settings.callTimeoutMs, signal, async (cut) => {
			const turn = await awaitTurn(call, settings, cut);
			let headers: Headers;
			for (;;) {
				progress.stage = "authorize";
				headers = new Headers(await settings.authorize?.({ method: request.method, url: request.url }));
				cut.throwIfAborted();
				// A slow proof, such as one that first makes a token, brings calls together that had turns of their own.
				const waitMs = turn?.used() ?? 0;
				if (waitMs <= 0) break;
				progress.stage = "turn";
				await sleep(waitMs, cut);
			}
			// Another client's call may have been answered 429 meanwhile.
			requireOpen(call, settings.penaltyBox);
			progress.stage = "network";
			const answer = await send(request, headers, settings, cookies, cut);
			if (answer.status === 429) throw boxed(call, settings.penaltyBox);
			return answer;
		});
	} catch (error) {
		throw failure(call, error, progress.stage, settings.callTimeoutMs);
	}
}

type Stage = "turn" | "authorize" | "network";

async function awaitTurn(call: string, settings: ExchangeSettings, signal: AbortSignal) {
	requireOpen(call, settings.penaltyBox);
	// The deadline is for the whole call: at least half of it is left for the exchange.
	const turn = settings.pacing?.take(call, settings.callTimeoutMs / 2);
	if (turn === undefined) return undefined;
	if (turn.taken) {
		if (turn.waitMs > 0) await sleep(turn.waitMs, signal);
		return turn;
	}
	const until = Math.ceil(Date.now() + turn.waitMs);
	throw later("held", call, "was not sent: by the venue's pace its turn comes at", until);
}

function requireOpen(call: string, { until }: IbkrPenaltyBox): void {
	if (until === undefined) return;
	throw later(
		"paced",
		call,
		"was not sent: after a 429 the venue locks this source address, make no call until",
		until,
	);
}

function boxed(call: string, box: IbkrPenaltyBox): IbkrError {
	const what = "was answered 429: too many requests; the venue now locks this source address, make no call until";
	return later("paced", call, what, box.close(), { status: 429 });
}

function later(
	kind: "held" | "paced",
	call: string,
	what: string,
	until: number,
	more?: { status: number },
): IbkrError {
	return new IbkrError(`${call} ${what} ${new Date(until).toISOString()}`, { kind, call, until, ...more });
}

async function send(
	request: Outgoing,
	headers: Headers,
	settings: ExchangeSettings,
	cookies: Cookies,
	signal: AbortSignal,
): Promise<Answer> {
	headers.set("accept", "*/*");
	headers.set("user-agent", settings.userAgent);
	const cookie = cookies.header();
	if (cookie !== undefined) headers.set("cookie", cookie);
	const { method, url, content } = request;
	if (content) headers.set("content-type", content.type);
	// A POST without a body must have no `body` member at all: an empty string would add a Content-Type, and fetch sends
	// the Content-Length: 0 that the venue insists on by itself.
	const response = await settings.fetch(url, {
		method,
		headers,
		redirect: "manual",
		signal,
		...(content && { body: content.text }),
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

function failure(call: string, error: unknown, stage: Stage, timeoutMs: number): IbkrError {
	if (error instanceof GaveUp && error.why === "aborted") {
		return new IbkrError(`${call} was given up because its signal aborted`, { kind: "aborted", call });
	}
	// A runtime without fetch: the message names the option.
	if (isIbkrError(error)) return error;
	const cause = causeOf(error);
	if (stage === "turn") {
		const message = `${call} was not sent: its turn by the venue's pace did not come within ${timeoutMs} ms`;
		return new IbkrError(message, { kind: "held", call, until: Date.now() });
	}
	if (stage === "authorize") {
		const what = error instanceof GaveUp ? `was not done after ${timeoutMs} ms` : `failed with ${cause.name}`;
		return new IbkrError(`${call} was not sent: the option authorize ${what}`, { kind: "authorize", call, cause });
	}
	if (error instanceof GaveUp) {
		const message = `${call} had no whole answer for ${timeoutMs} ms; whether it had an effect is not known`;
		return new IbkrError(message, { kind: "timeout", call });
	}
	const { code } = cause;
	const detail = code === undefined ? "" : ` (${code})${hints.get(code) ?? ""}`;
	const message = `${call} had no answer: the connection failed${detail}`;
	return new IbkrError(message, { kind: "network", call, cause, ...(code === undefined ? {} : { code }) });
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
