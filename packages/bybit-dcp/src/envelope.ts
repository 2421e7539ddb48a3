import { BybitError, type BybitErrorDetails } from "./errors.ts";
import type { Redact } from "./redact.ts";
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

/** How long the venue asks an address to be silent once it was banned; no header says it. */
export const banMs = 600_000;

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
	const time = "time" in value && Number.isSafeInteger(value.time) ? (value.time as number) : undefined;
	return { retCode: value.retCode, retMsg, time, value };
}

/** An answer without a usable envelope, by its status. */
export function statusError(attempt: string, answer: Answer, redact: Redact, baseUrl?: string): BybitError {
	const { status, text } = answer;
	// Redacted before it is cut: the cut could fall inside a secret and leave a part of it that is not recognised.
	const start = redact(text.trim()).slice(0, 80);
	const said = text.trim() === "" ? "with an empty body" : `with a body that is no envelope (${JSON.stringify(start)})`;
	const kind = status === 200 ? "reply" : kindOfStatus(status);
	const details = { attempt, httpStatus: status, ...(kind === "banned" ? { retryAfterMs: banMs } : {}) };
	const advice =
		kind === "reply" ? "Check that the host is Bybit's and nothing in between answers." : adviceFor(kind, baseUrl);
	return new BybitError(kind, `${attempt} was answered ${status} ${said}. ${advice}`.trim(), details);
}

/** A refusal by `retCode`, which arrives with status 200. `serverNow` is the venue's clock, for the wait. */
export function refusal(
	attempt: string,
	answer: Answer,
	envelope: Envelope,
	serverNow: number,
	redact: Redact,
	baseUrl?: string,
): BybitError {
	const { retCode, retMsg } = envelope;
	const kind = kindOfRetCode(retCode);
	const venueMessage = redact(retMsg);
	const said = `${attempt} was refused with ${retCode}${venueMessage === "" ? "" : ` (${venueMessage})`}.`;
	const details: BybitErrorDetails = { attempt, retCode, venueMessage, httpStatus: answer.status };
	switch (kind) {
		case "clock": {
			const skewMs = skewIn(retMsg);
			const advice = clockAdvice(skewMs, answer.receivedAt - answer.sentAt);
			return new BybitError(kind, `${said} ${advice}`, skewMs === undefined ? details : { ...details, skewMs });
		}
		case "rate": {
			const resetAt = resetIn(answer.headers);
			// Without the header, one second: the limit counts over a rolling second.
			const retryAfterMs = resetAt === undefined ? 1_000 : Math.max(0, Math.ceil(resetAt - serverNow));
			const wait = { ...details, retryAfterMs, ...(resetAt === undefined ? {} : { resetAt }) };
			return new BybitError(kind, `${said} Calls pass again in ${retryAfterMs} ms.`, wait);
		}
		case "banned":
			return new BybitError(kind, `${said} ${adviceFor(kind)}`, { ...details, retryAfterMs: banMs });
		default:
			return new BybitError(kind, `${said} ${adviceFor(kind, baseUrl)}`.trim(), details);
	}
}

/** The signed skew that the text of 10002 tells, in milliseconds: positive when the timestamp sent was ahead. */
export function skewIn(retMsg: string): number | undefined {
	const sent = /req_timestamp\[(\d{1,15})\]/.exec(retMsg)?.[1];
	const server = /server_timestamp\[(\d{1,15})\]/.exec(retMsg)?.[1];
	return sent && server ? Number(sent) - Number(server) : undefined;
}

function clockAdvice(skewMs: number | undefined, roundTripMs: number): string {
	if (skewMs === undefined) return "The timestamp was outside the venue's window: check this machine's clock.";
	if (skewMs >= 0) {
		return (
			`The timestamp sent was ahead by ${skewMs} ms of the venue's clock. A larger receive window does not help: it widens ` +
			"the past only. Set this machine's clock by NTP; the next call uses the venue's clock as just seen."
		);
	}
	return (
		`The timestamp sent was behind by ${-skewMs} ms of the venue's clock; the round trip took ${roundTripMs} ms. ` +
		"The clock is late when the round trip is short, the network slow when it is long."
	);
}

function resetIn(headers: Headers): number | undefined {
	const text = headers.get("x-bapi-limit-reset-timestamp") ?? "";
	return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
