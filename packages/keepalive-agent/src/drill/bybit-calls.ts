import { isRecord } from "@x/base/objects";
import { createBybitSigner } from "@x/bybit-dcp";
import { members } from "../object-or-empty.ts";
import { DrillError } from "./drill-error.ts";

/** Calls of Bybit's HTTP API for a drill. The client of `@x/bybit-dcp` cannot place or cancel orders, because a session needs no orders. */
export interface BybitCalls {
	get(path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<BybitReply>;
	post(path: string, body: Readonly<Record<string, string>>, signal: AbortSignal): Promise<BybitReply>;
}

/** A reply of the venue, which may be a refusal. */
export interface BybitReply {
	/** The venue's result code: 0 is success. */
	readonly retCode: number;
	/** The venue's own message. */
	readonly retMsg: string;
	readonly result: Readonly<Record<string, unknown>>;
}

const recvWindowMs = "5000";

/** @param serverNow - returns the current time by the venue's clock. Bybit refuses a call whose time is a second ahead of that clock. */
export function bybitCalls(
	{ apiKey, apiSecret }: { readonly apiKey: string; readonly apiSecret: string },
	restUrl: URL,
	serverNow: () => number,
): BybitCalls {
	const sign = createBybitSigner(apiSecret);

	/** @param payload - the query or the body, exactly as sent. */
	async function send(url: URL, payload: string, init: RequestInit): Promise<BybitReply> {
		const timestamp = String(Math.floor(serverNow()));
		const headers = {
			"X-BAPI-API-KEY": apiKey,
			"X-BAPI-TIMESTAMP": timestamp,
			"X-BAPI-RECV-WINDOW": recvWindowMs,
			"X-BAPI-SIGN": await sign(timestamp + apiKey + recvWindowMs + payload),
			...(init.method === "POST" && { "Content-Type": "application/json" }),
		};
		// An error of fetch is not passed on, because it may quote the request, which has secrets.
		const response = await fetch(url, { ...init, headers, redirect: "error" }).catch(() => undefined);
		const reply: unknown = await response?.json().catch(() => undefined);
		if (!isRecord(reply) || typeof reply["retCode"] !== "number") {
			throw new DrillError(
				`${url.pathname}: ${response ? `Bybit's reply has no retCode (HTTP status ${response.status})` : "no HTTP answer from Bybit"}`,
			);
		}
		const { retCode, retMsg, result } = reply;
		// The cast is safe: the code above has checked that retCode is a number.
		return { retCode: retCode as number, retMsg: typeof retMsg === "string" ? retMsg : "", result: members(result) };
	}

	return {
		get: (path, query, signal) => {
			const url = new URL(path, restUrl);
			const text = new URLSearchParams(query).toString();
			url.search = text;
			return send(url, text, { signal });
		},
		post: (path, body, signal) => {
			const text = JSON.stringify(body);
			return send(new URL(path, restUrl), text, { method: "POST", body: text, signal });
		},
	};
}

/** Returns the result of a reply. @throws DrillError for a refusal, with the venue's code but not its text, which may quote the key. */
export function accepted(call: string, { retCode, result }: BybitReply): Readonly<Record<string, unknown>> {
	if (retCode === 0) return result;
	throw new DrillError(`${call} was refused with retCode ${retCode}`);
}

/** The first entry of the member `list` of a result. */
export function firstOf({ list }: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | undefined {
	const [first]: readonly unknown[] = Array.isArray(list) ? list : [];
	return isRecord(first) ? first : undefined;
}
