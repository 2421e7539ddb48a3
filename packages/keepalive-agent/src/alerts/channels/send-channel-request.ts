import { withDeadline } from "@x/base/clock";
import { readBody } from "@x/base/read-body";
import type { ChannelRequest } from "./channel-request.ts";

/** The result of one attempt to send a message. */
export type Delivery =
	| { readonly result: "accepted" }
	/** The attempt has failed, but another attempt may succeed. `why` shows no secret. */
	| { readonly result: "failed"; readonly why: string; readonly retryAfterMs?: number }
	/**
	 * The service has refused the message, because the URL, the token or the message is wrong. Another attempt cannot help. `why` shows no
	 * secret.
	 */
	| { readonly result: "refused"; readonly why: string };

/** At most this many bytes of a response are read. The responses of these services have a few hundred bytes. */
const maxAnswerBytes = 16_384;

/** Thrown when a deadline has passed. Its message holds no secret and is shown. */
class NoAnswer extends Error {}

/** Sends one message once, within `ms`. It never throws. */
export async function deliver(request: ChannelRequest, ms: number, signal: AbortSignal): Promise<Delivery> {
	const onTimeout = (): Error => new NoAnswer(`no answer within ${Math.round(ms / 1_000)} s`);
	try {
		return await withDeadline({ ms, signal, onTimeout }, (inner) => attempt(request, inner));
	} catch (error) {
		return { result: "failed", why: reasonOf(error) };
	}
}

async function attempt({ url, headers, body, isTaken }: ChannelRequest, signal: AbortSignal): Promise<Delivery> {
	const response = await fetch(url, {
		...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
		headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
		// A redirect is not followed, because it could send the secret to another host.
		redirect: "manual",
		signal,
	});
	const { text } = await readBody(response, { signal, maxBytes: maxAnswerBytes });
	const { status } = response;
	if (response.ok) {
		if (isTaken(text)) return { result: "accepted" };
		const why = `HTTP ${status}, but the reply is not from the channel's service. Check the URL: a proxy may have answered`;
		return { result: "failed", why };
	}
	const why = `HTTP ${status}`;
	if (status >= 500 || status === 408 || status === 425) return { result: "failed", why };
	if (status !== 429) return { result: "refused", why };
	return { result: "failed", why, retryAfterMs: retryAfterMsOf(response.headers.get("retry-after"), text) };
}

const defaultRetryAfterMs = 5_000;
/** The longest delay before the next attempt, in milliseconds, even if the service asks for a longer one. */
const maxRetryAfterMs = 10 * 60_000;

/**
 * The delay, in milliseconds, that a service asks for: in the header `retry-after` as seconds or as a date, or in the body as `retry_after`
 * (Discord, Telegram).
 */
export function retryAfterMsOf(header: string | null, body: string, now = Date.now()): number {
	const seconds = header === null ? Number.NaN : Number(header);
	const fromHeader = Number.isNaN(seconds) ? Date.parse(header ?? "") - now : seconds * 1_000;
	const inBody = /"retry_after"\s*:\s*(\d+(?:\.\d+)?)/.exec(body)?.[1];
	const ms = Number.isNaN(fromHeader) ? Number(inBody ?? Number.NaN) * 1_000 : fromHeader;
	return Number.isNaN(ms) ? defaultRetryAfterMs : Math.min(Math.max(ms, 0), maxRetryAfterMs);
}

/** Says why there was no response. Only known texts and codes are shown: the message of any other error may contain the URL. */
function reasonOf(error: unknown): string {
	if (error instanceof NoAnswer) return error.message;
	const cause = error instanceof Error ? (error.cause ?? error) : undefined;
	const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
	return typeof code === "string" && /^[A-Z0-9_]{1,64}$/.test(code) ? code : "no connection";
}
