import type { BybitClockSkew, ServerClock } from "../auth/clock.ts";
import { type BybitError, failed } from "../errors.ts";
import type { Redact } from "../redact.ts";
import { banMs } from "./ban.ts";
import { adviceFor, kindOfRetCode, kindOfStatus } from "./ret-code.ts";

/** An answer as it arrived, before anything is believed of it. */
export interface Answer {
	readonly status: number;
	readonly headers: Headers;
	readonly text: string;
	/** This clock. */
	readonly sentAt: number;
	readonly receivedAt: number;
}

/** What an envelope says for itself, whatever else it holds. */
export interface Envelope {
	readonly retCode: number;
	readonly retMsg: string;
	/** The venue's clock. */
	readonly time: number | undefined;
	readonly value: unknown;
}

/** The envelope of an answer, or undefined when the body is none: an HTML page, a plain text, nothing. */
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

/** An answer without a usable envelope, by its status. */
export function statusError(attempt: string, answer: Answer, redact: Redact, baseUrl?: string): BybitError {
	const { status, text } = answer;
	// Redacted before it is cut: the cut could fall inside a secret and leave a part of it that is not recognised.
	const start = redact(text.trim()).slice(0, 80);
	const said = text.trim() === "" ? "with an empty body" : `with a body that is no envelope (${JSON.stringify(start)})`;
	const kind = status === 200 ? "reply" : kindOfStatus(status);
	const retryAfterMs = kind === "banned" ? banMs : undefined;
	const advice =
		kind === "reply" ? "Check that the host is Bybit's and nothing in between answers." : adviceFor(kind, baseUrl);
	return failed(kind, attempt, `was answered ${status} ${said}. ${advice}`, { httpStatus: status, retryAfterMs });
}

/** A refusal by `retCode`, which arrives with status 200. `clock` has heard of the answer already. */
export function refusal(
	attempt: string,
	answer: Answer,
	envelope: Envelope,
	clock: Pick<ServerClock, "serverNow" | "skew">,
	redact: Redact,
	baseUrl?: string,
): BybitError {
	const { retCode, retMsg } = envelope;
	const kind = kindOfRetCode(retCode);
	const venueMessage = redact(retMsg);
	let advice = adviceFor(kind, baseUrl);
	let skewMs: number | undefined;
	let resetAt: number | undefined;
	let retryAfterMs: number | undefined;
	if (kind === "clock") {
		skewMs = skewIn(retMsg);
		advice = clockAdvice(skewMs, clock.skew(), answer.receivedAt - answer.sentAt);
	} else if (kind === "rate") {
		resetAt = resetIn(answer.headers);
		// Without the header, one second: the limit counts over a rolling second.
		retryAfterMs = resetAt === undefined ? 1_000 : Math.max(0, Math.ceil(resetAt - clock.serverNow()));
		advice = `Calls pass again in ${retryAfterMs} ms.`;
	} else if (kind === "banned") retryAfterMs = banMs;
	const said = `was refused with ${retCode}${venueMessage && ` (${venueMessage})`}. ${advice}`;
	const details = { retCode, venueMessage, httpStatus: answer.status, skewMs, resetAt, retryAfterMs };
	return failed(kind, attempt, said, details);
}

/** The venue's clock as the text of 10002 tells it: not every refusal has a `time` of its own. */
export function serverTimeIn(retMsg: string): number | undefined {
	const time = Number(/server_timestamp\[(\d{1,15})\]/.exec(retMsg)?.[1]);
	return isEpochMs(time) ? time : undefined;
}

/** From 2001 to 5138: a 0, seconds or nanoseconds in its place would throw the clock off by decades. */
function isEpochMs(value: unknown): value is number {
	return Number.isSafeInteger(value) && (value as number) >= 1e12 && (value as number) < 1e14;
}

/** The signed skew that the text of 10002 tells, in milliseconds: positive when the timestamp sent was ahead. */
export function skewIn(retMsg: string): number | undefined {
	const sent = /req_timestamp\[(\d{1,15})\]/.exec(retMsg)?.[1];
	const server = /server_timestamp\[(\d{1,15})\]/.exec(retMsg)?.[1];
	return sent && server ? Number(sent) - Number(server) : undefined;
}

function clockAdvice(skewMs: number | undefined, skew: BybitClockSkew | undefined, roundTripMs: number): string {
	if (skewMs === undefined) return "The timestamp was outside the venue's window: check this machine's clock.";
	const side = (ms: number): string => `${ms < 0 ? "behind" : "ahead"} by ${Math.abs(ms)} ms`;
	const sent = `The timestamp sent was ${side(skewMs)} of the venue's clock`;
	const here = skew ? `, this machine's clock is ${side(skew.aheadMs)}` : "";
	if (skewMs >= 0) {
		return (
			`${sent}${here}. A larger receive window does not help: it widens the past only. Set this machine's clock by NTP; ` +
			"the next call uses the venue's clock as just seen."
		);
	}
	return (
		`${sent}${here}; the round trip took ${roundTripMs} ms. ` +
		"The clock is late when the round trip is short, the network slow when it is long."
	);
}

function resetIn(headers: Headers): number | undefined {
	const text = headers.get("x-bapi-limit-reset-timestamp") ?? "";
	return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
