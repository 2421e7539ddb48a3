import { postApiV5TradeCancelAllAfter200 as check } from "./generated/check.ts";
import type { components } from "./generated/schema.ts";
import { deadline } from "./time.ts";

export interface OkxTimerOptions {
	readonly apiKey: string;
	readonly apiSecret: string;
	readonly passphrase: string;
	/** Default `https://www.okx.com`. */
	readonly baseUrl?: string;
	/** Default: the global `fetch`. */
	readonly fetch?: typeof fetch;
	/** Deadline of the whole call, in milliseconds. Default 3 000. */
	readonly callTimeoutMs?: number;
}

/** A failed call. It carries no secret. */
export class OkxError extends Error {
	override readonly name = "OkxError";
	/** `refused` by the venue (see `code`), a `reply` of another form, or no answer (`network`). */
	readonly kind: "refused" | "reply" | "network";
	readonly code: string | undefined;

	constructor(kind: OkxError["kind"], message: string, code?: string) {
		super(`@x/okx-timer: ${message}`);
		this.kind = kind;
		this.code = code;
	}
}

/** The countdown as the venue reports it: when it cancels, in epoch ms of the venue's clock; undefined when stopped. */
export interface Countdown {
	readonly triggerAt: number | undefined;
}

/**
 * Starts the countdown again, 10 to 120 seconds, or stops it with 0.
 *
 * @throws OkxError, TypeError for seconds out of range.
 * @see https://www.okx.com/docs-v5/en/
 */
export async function cancelAllAfter(
	options: OkxTimerOptions,
	seconds: number,
	signal?: AbortSignal,
): Promise<Countdown> {
	if (!(seconds === 0 || (Number.isInteger(seconds) && seconds >= 10 && seconds <= 120))) {
		throw new TypeError("@x/okx-timer: seconds must be 0 or a whole number from 10 to 120");
	}
	const { baseUrl = "https://www.okx.com", callTimeoutMs = 3_000 } = options;
	const path = "/api/v5/trade/cancel-all-after";
	const body = JSON.stringify({ timeOut: String(seconds) });
	const headers = await signed(options, path, body);
	const cut = deadline(callTimeoutMs, signal);
	let reply: unknown;
	try {
		const send = options.fetch ?? globalThis.fetch;
		const response = await send(baseUrl + path, {
			method: "POST",
			headers,
			body,
			redirect: "manual",
			signal: cut.signal,
		});
		reply = await response.json();
	} catch {
		throw new OkxError("network", "cancel-all-after had no answer; the countdown may or may not have been started");
	} finally {
		cut.done();
	}
	if (!check(reply))
		throw new OkxError("reply", `the answer is not as the spec says: ${check.errors?.[0]?.instancePath}`);
	// The reply was checked against this schema above.
	const { code, data } = reply as components["schemas"]["CountdownReply"];
	if (code !== "0") throw new OkxError("refused", `cancel-all-after was refused with ${code}`, code);
	const at = Number(data[0]?.triggerTime);
	return { triggerAt: at > 0 ? at : undefined };
}

async function signed(options: OkxTimerOptions, path: string, body: string): Promise<Record<string, string>> {
	const timestamp = new Date().toISOString();
	const bytes = (text: string) => new TextEncoder().encode(text);
	const hmac = { name: "HMAC", hash: "SHA-256" };
	const key = await crypto.subtle.importKey("raw", bytes(options.apiSecret), hmac, false, ["sign"]);
	const signature = await crypto.subtle.sign("HMAC", key, bytes(`${timestamp}POST${path}${body}`));
	return {
		"Content-Type": "application/json",
		"OK-ACCESS-KEY": options.apiKey,
		"OK-ACCESS-PASSPHRASE": options.passphrase,
		"OK-ACCESS-TIMESTAMP": timestamp,
		"OK-ACCESS-SIGN": btoa(String.fromCharCode(...new Uint8Array(signature))),
	};
}
