import type { BybitClockSkew, ServerClock } from "../auth/server-clock.ts";
import { BybitError } from "../errors.ts";
import type { Redact } from "../redact.ts";
import { banMs } from "./ban.ts";
import { kindOfRetCode, kindOfStatus, todoFor } from "./ret-code.ts";

/** An HTTP reply as it arrived. */
export interface HttpReply {
	readonly status: number;
	readonly headers: Headers;
	readonly text: string;
	/** Both by this machine's clock. */
	readonly sentAt: number;
	readonly receivedAt: number;
}

/** The members that every JSON reply of the venue has. */
export interface Envelope {
	readonly retCode: number;
	readonly retMsg: string;
	/** The venue's clock, in epoch milliseconds. */
	readonly time: number | undefined;
	/** The whole body. */
	readonly value: unknown;
}

/** Parses a body, or returns undefined when it is not an envelope, such as an HTML page. */
export function readEnvelope(text: string): Envelope | undefined {
	if (!text.trimStart().startsWith("{")) return undefined;
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		return undefined;
	}
	if (typeof value !== "object" || value === null || !("retCode" in value)) return undefined;
	if (typeof value.retCode !== "number") return undefined;
	const retMsg = "retMsg" in value && typeof value.retMsg === "string" ? value.retMsg : "";
	const time = "time" in value && isEpochMs(value.time) ? value.time : undefined;
	return { retCode: value.retCode, retMsg, time, value };
}

/** The error for a reply without an envelope, or with a status that contradicts it. */
export function statusError(call: string, reply: HttpReply, redact: Redact, restUrl: string): BybitError {
	const { status } = reply;
	const text = reply.text.trim();
	// Redacted before it is cut: a part of a secret would not be recognised.
	const body =
		text === "" ? "an empty body" : `a body that is no envelope: ${JSON.stringify(redact(text).slice(0, 80))}`;
	const kind = status === 200 ? "reply" : kindOfStatus(status);
	const retryAfterMs = kind === "banned" ? banMs : undefined;
	return new BybitError(kind, `HTTP ${status} with ${body}`, {
		call,
		status,
		retryAfterMs,
		todo: todoFor(kind, restUrl),
	});
}

/** The error for a `retCode` other than 0. The clock has been corrected by the reply already. */
export function refusal(
	call: string,
	reply: HttpReply,
	envelope: Envelope,
	clock: Pick<ServerClock, "serverNow" | "skew">,
	redact: Redact,
	restUrl: string,
): BybitError {
	const { retCode: venueCode, retMsg } = envelope;
	const { status, headers, sentAt, receivedAt } = reply;
	const kind = kindOfRetCode(venueCode);
	const venueMessage = redact(retMsg);
	let todo = todoFor(kind, restUrl);
	let skewMs: number | undefined;
	let resetAt: number | undefined;
	let retryAfterMs: number | undefined;
	if (kind === "clock") {
		skewMs = skewIn(retMsg);
		todo = clockTodo(skewMs, clock.skew, receivedAt - sentAt);
	} else if (kind === "rate") {
		resetAt = resetIn(headers);
		// Without the header, one second: the limit counts over a rolling second.
		retryAfterMs = resetAt === undefined ? 1_000 : Math.max(0, Math.ceil(resetAt - clock.serverNow()));
		todo = `Try again in ${retryAfterMs} ms.`;
	} else if (kind === "banned") retryAfterMs = banMs;
	const problem = `refused with ${venueCode}${venueMessage && ` (${venueMessage})`}`;
	return new BybitError(kind, problem, { call, status, venueCode, venueMessage, skewMs, resetAt, retryAfterMs, todo });
}

/** The venue's clock as the text of 10002 says it: some refusals have no `time`. */
export function serverTimeIn(retMsg: string): number | undefined {
	const time = Number(/server_timestamp\[(\d{1,15})\]/.exec(retMsg)?.[1]);
	return isEpochMs(time) ? time : undefined;
}

/** From 2001 to 5138. A 0, seconds or nanoseconds would set the clock wrong by decades. */
function isEpochMs(value: unknown): value is number {
	return Number.isSafeInteger(value) && (value as number) >= 1e12 && (value as number) < 1e14;
}

/** How far the timestamp sent was ahead of the venue's clock, in milliseconds, as the text of 10002 says it. */
export function skewIn(retMsg: string): number | undefined {
	const sent = /req_timestamp\[(\d{1,15})\]/.exec(retMsg)?.[1];
	const server = /server_timestamp\[(\d{1,15})\]/.exec(retMsg)?.[1];
	return sent && server ? Number(sent) - Number(server) : undefined;
}

function clockTodo(skewMs: number | undefined, skew: BybitClockSkew | undefined, roundTripMs: number): string {
	if (skewMs === undefined) return "The timestamp was outside the venue's window: check this machine's clock.";
	const offset = (ms: number): string => `${ms < 0 ? "behind" : "ahead of"} the venue's by ${Math.abs(ms)} ms`;
	const here = skew ? `; this machine's clock is ${offset(skew.aheadMs)}` : "";
	const found = `The timestamp sent was ${offset(skewMs)}${here}`;
	return skewMs >= 0
		? `${found}. Synchronise this machine's clock (NTP) and try again; a larger recvWindowMs does not help.`
		: `${found}; the round trip took ${roundTripMs} ms. If that is short, this clock is late; if it is long, the network is slow.`;
}

function resetIn(headers: Headers): number | undefined {
	const text = headers.get("x-bapi-limit-reset-timestamp") ?? "";
	return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
