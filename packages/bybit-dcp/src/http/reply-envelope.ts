import { type BodyText, longestBodyBytes } from "@x/base/read-body";
import type { BybitClockSkew, ServerClock } from "../auth/server-clock.ts";
import { BybitError } from "../errors.ts";
import type { Redact } from "../redact.ts";
import { kindOfRetCode, kindOfStatus, todoFor } from "./error-kinds.ts";
import { banMs } from "./ip-address-ban.ts";

/** An HTTP reply whose body was read but not parsed. */
export interface HttpReply extends BodyText {
	readonly status: number;
	readonly headers: Headers;
	/** `sentAt` and `receivedAt` are epoch milliseconds of this machine's clock. */
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

/**
 * How many characters of a body an error quotes at most. 200 are enough for the web page of a country block, which
 * gives the reason after two headings.
 */
const longestQuote = 200;

/**
 * The longest wait after the rate limit was exceeded. The venue counts calls over a rolling second; the other 4 s are a
 * margin for an error in the estimate of the venue's clock. A header that names a later reset is wrong, and could stop
 * the calls for years without this limit.
 */
const longestRateWaitMs = 5_000;

/**
 * What to do after code 10009. The venue documents two meanings of this code, and the reply does not say which meaning
 * applies.
 */
const regionTodo =
	"Either the venue does not serve this region, or it has banned this IP address: check from where the calls are made, and ask Bybit.";

/** The visible text of a web page, without tags and their attributes, such as addresses of images. */
function textOfPage(html: string): string {
	return html
		.slice(Math.max(0, html.search(/<(title|body|h1)\b/i)))
		.replace(/<[^<>]*>/g, " ")
		.replace(/\s+/g, " ")
		.trim();
}

/** Parses a body. Returns undefined when the body is not a JSON reply of the venue but, for example, an HTML page. */
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

/**
 * The error for a reply without an envelope (the members that every JSON reply has), or for an envelope that reports success
 * although the HTTP status is not 200.
 */
export function statusError(call: string, reply: HttpReply, redact: Redact, restUrl: string): BybitError {
	const { status, text, isCut } = reply;
	const isPage = text.trimStart().startsWith("<");
	const venueMessage = redact(isPage ? textOfPage(text) : text.trim()).slice(0, longestQuote);
	// A page without text may come from a ban or from a country block. Such a page is treated as a ban, because further
	// calls would prolong a ban.
	const saysWhy = isPage && venueMessage.trim() !== "" && !/access too frequent/i.test(text);
	const kind = status === 200 ? "reply" : kindOfStatus(status, saysWhy);
	const retryAfterMs = kind === "banned" ? banMs : undefined;
	const length = isCut ? ` of more than ${longestBodyBytes} bytes, which begins with` : "";
	const problem = `HTTP ${status} with ${isPage ? "a web page" : "the body"}${length} ${JSON.stringify(venueMessage)}`;
	const known = { call, status, venueMessage: venueMessage || undefined, retryAfterMs };
	return new BybitError(kind, problem, { ...known, todo: todoFor(kind, restUrl) });
}

/** The error for a `retCode` other than 0. The caller must first pass the time of the reply to `clock`. */
export function refusal(
	call: string,
	reply: HttpReply,
	envelope: Envelope,
	clock: Pick<ServerClock, "serverNow" | "skew">,
	redact: Redact,
	restUrl: string,
): BybitError {
	const { retCode: venueCode, retMsg } = envelope;
	const { status, headers } = reply;
	const byCode = kindOfRetCode(venueCode);
	// The venue may report a ban or an overload as JSON too, with a code that is not documented.
	const kind = byCode === "venue" && status !== 200 ? kindOfStatus(status, false) : byCode;
	const venueMessage = redact(retMsg);
	let todo = todoFor(kind, restUrl);
	let skewMs: number | undefined;
	let resetAt: number | undefined;
	let retryAfterMs: number | undefined;
	if (kind === "clock") {
		skewMs = skewIn(retMsg);
		todo = clockTodo(skewMs, clock.skew);
	} else if (kind === "rate") {
		const reset = resetIn(headers);
		// Without the header that names the reset, the wait is one second, because the venue counts calls over a rolling
		// second.
		const waitMs = reset === undefined ? 1_000 : Math.max(0, Math.ceil(reset - clock.serverNow()));
		if (waitMs <= longestRateWaitMs) resetAt = reset;
		retryAfterMs = Math.min(waitMs, longestRateWaitMs);
		todo = `Try again in ${retryAfterMs} ms.`;
	} else if (kind === "banned") retryAfterMs = banMs;
	else if (venueCode === 10009) todo = regionTodo;
	const problem = `refused with ${venueCode}${venueMessage && ` (${venueMessage})`}`;
	return new BybitError(kind, problem, { call, status, venueCode, venueMessage, skewMs, resetAt, retryAfterMs, todo });
}

/**
 * The time of the venue's clock, read from the text of a refusal with code 10002, for refusals that have no member
 * `time`.
 */
export function serverTimeIn(retMsg: string): number | undefined {
	const time = timestampIn(retMsg, "server");
	return isEpochMs(time) ? time : undefined;
}

/**
 * Whether a value is a time in epoch milliseconds, from the year 2001 to 5138. The number 0, or a time in seconds or
 * nanoseconds, would set the clock wrong by decades.
 */
function isEpochMs(value: unknown): value is number {
	// The casts are safe: a safe integer is a number.
	return Number.isSafeInteger(value) && (value as number) >= 1e12 && (value as number) < 1e14;
}

/** How far the sent timestamp was ahead of the venue's clock, in milliseconds, according to the text of a refusal with 10002. */
export function skewIn(retMsg: string): number | undefined {
	const skewMs = timestampIn(retMsg, "req") - timestampIn(retMsg, "server");
	return Number.isNaN(skewMs) ? undefined : skewMs;
}

function timestampIn(retMsg: string, name: "req" | "server"): number {
	return Number(new RegExp(`${name}_timestamp\\[(\\d{1,15})\\]`).exec(retMsg)?.[1]);
}

function clockTodo(skewMs: number | undefined, skew: BybitClockSkew | undefined): string {
	if (skewMs === undefined) return "Check this machine's clock.";
	const offset = (ms: number): string => `${Math.abs(ms)} ms ${ms < 0 ? "behind" : "ahead of"} the venue's clock`;
	const clock = skew ? `; this machine's clock is ${offset(skew.aheadMs)}` : "";
	const hint = skewMs < 0 ? "or check the network" : "a larger recvWindowMs does not help";
	return `The timestamp was ${offset(skewMs)}${clock}. Synchronise the clock (NTP); ${hint}.`;
}

function resetIn(headers: Headers): number | undefined {
	const text = headers.get("x-bapi-limit-reset-timestamp") ?? "";
	return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
