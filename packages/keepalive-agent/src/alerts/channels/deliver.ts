import { withDeadline } from "@x/base/clock";
import { readBody } from "@x/base/read-body";
import type { ChannelRequest } from "./channel-request.ts";

/** What became of one attempt. */
export type Delivery =
	| { readonly result: "accepted" }
	/** It may succeed later. `why` shows no secret. */
	| { readonly result: "failed"; readonly why: string; readonly retryAfterMs?: number }
	/** The address, the token or the message is wrong: another attempt cannot help. */
	| { readonly result: "refused"; readonly why: string };

/** The answers of these services have a few hundred bytes. */
const maxAnswerBytes = 16_384;

/** The error of a deadline. Its text is shown. */
class NoAnswer extends Error {}

/** Sends one message, once, within `ms`. Never throws. */
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
		// A redirect may lead the secret somewhere else.
		redirect: "manual",
		signal,
	});
	const { text } = await readBody(response, { signal, maxBytes: maxAnswerBytes });
	const { status } = response;
	if (response.ok) {
		if (isTaken(text)) return { result: "accepted" };
		return { result: "failed", why: `HTTP ${status}, but not the answer of this service` };
	}
	const why = `HTTP ${status}`;
	if (status >= 500 || status === 408 || status === 425) return { result: "failed", why };
	if (status !== 429) return { result: "refused", why };
	return { result: "failed", why, retryAfterMs: retryAfterMsOf(response.headers.get("retry-after"), text) };
}

const defaultRetryAfterMs = 5_000;
/** A service that asks for longer is tried again after this. */
const maxRetryAfterMs = 10 * 60_000;

/** The wait that a service asks for: in seconds or as a date in the header, or in the body (Discord, Telegram). */
export function retryAfterMsOf(header: string | null, body: string, now = Date.now()): number {
	const seconds = header === null ? Number.NaN : Number(header);
	const fromHeader = Number.isNaN(seconds) ? Date.parse(header ?? "") - now : seconds * 1_000;
	const inBody = /"retry_after"\s*:\s*(\d+(?:\.\d+)?)/.exec(body)?.[1];
	const ms = Number.isNaN(fromHeader) ? Number(inBody ?? Number.NaN) * 1_000 : fromHeader;
	return Number.isNaN(ms) ? defaultRetryAfterMs : Math.min(Math.max(ms, 0), maxRetryAfterMs);
}

/** Why there was no answer. The text of any other error is not shown: it may quote the address. */
function reasonOf(error: unknown): string {
	if (error instanceof NoAnswer) return error.message;
	const cause = error instanceof Error ? (error.cause ?? error) : undefined;
	const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
	return typeof code === "string" && /^[A-Z0-9_]{1,64}$/.test(code) ? code : "no connection";
}
