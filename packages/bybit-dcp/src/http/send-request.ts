import { withDeadline } from "@x/base/clock";
import { readBody } from "@x/base/read-body";
import { safeCause } from "@x/base/redact";
import { createFinalURL, defaultBodySerializer, serializePrimitiveParam } from "openapi-fetch";
import type { ServerClock } from "../auth/server-clock.ts";
import { createSignature } from "../auth/sign.ts";
import { abortedError, BybitError, isBybitError, timeoutError } from "../errors.ts";
import type { Check } from "../generated/check.ts";
import type { paths } from "../generated/schema.ts";
import { type BybitCallOptions, checkCallOptions, type ResolvedOptions } from "../options.ts";
import { type Envelope, type HttpReply, readEnvelope, refusal, serverTimeIn, skewIn, statusError } from "./envelope.ts";

/** The operations of the spec, by method and path. */
interface Operations {
	readonly "POST /v5/order/disconnected-cancel-all": paths["/v5/order/disconnected-cancel-all"]["post"];
	readonly "GET /v5/account/query-dcp-info": paths["/v5/account/query-dcp-info"]["get"];
	readonly "GET /v5/account/info": paths["/v5/account/info"]["get"];
	readonly "GET /v5/order/realtime": paths["/v5/order/realtime"]["get"];
	readonly "GET /v5/order/history": paths["/v5/order/history"]["get"];
	readonly "GET /v5/market/time": paths["/v5/market/time"]["get"];
}

/** What an operation sends, by the spec, and how its reply is checked. */
export type Request<Name extends keyof Operations> = {
	readonly check: Check;
	/** Default true. */
	readonly signed?: boolean;
} & (Operations[Name] extends { requestBody: { content: { "application/json": infer Body extends object } } }
	? { readonly body: Body }
	: { readonly body?: undefined }) &
	(Operations[Name]["parameters"] extends { query: infer Query extends object }
		? { readonly query: Query }
		: { readonly query?: undefined });

/** A request of any operation. */
interface AnyRequest {
	readonly body?: object | undefined;
	readonly query?: object | undefined;
	readonly signed?: boolean;
}

/** A successful reply that matches the spec. */
export interface CheckedReply extends Envelope {
	readonly roundTripMs: number;
}

/**
 * Makes one call: signs it, sends it, and checks the reply, within one deadline.
 *
 * openapi-fetch only serializes the URL and the body. Its client would follow redirects, take an empty 401 for a success
 * and throw on HTML.
 */
export async function sendRequest<Name extends keyof Operations>(
	client: ResolvedOptions,
	clock: ServerClock,
	call: Name,
	request: Request<Name>,
	options: BybitCallOptions = {},
): Promise<CheckedReply> {
	checkCallOptions(options);
	const retryAfterMs = Math.ceil(client.ban.remainingMs());
	if (retryAfterMs > 0) {
		const problem = `not sent, because the venue has banned this IP address for another ${retryAfterMs} ms`;
		throw new BybitError("banned", problem, { call, retryAfterMs });
	}
	const { signal, timeoutMs: ms = client.callTimeoutMs } = options;
	const deadline = { ms, signal, onTimeout: () => timeoutError(call, ms), onAbort: () => abortedError(call) };
	const reply = await withDeadline(deadline, (cut) => send(client, clock, call, request, cut));
	try {
		return checkReply(client, clock, call, request.check, reply);
	} catch (error) {
		if (isBybitError(error) && error.kind === "banned") client.ban.record(error.retryAfterMs);
		throw error;
	}
}

async function send(
	client: ResolvedOptions,
	clock: ServerClock,
	call: string,
	{ body: content, query, signed = true }: AnyRequest,
	signal: AbortSignal,
): Promise<HttpReply> {
	const [method = "", path = ""] = call.split(" ");
	const params = query ? { query: { ...query } } : {};
	// Signed and sent as URL writes it, which may differ from what was passed in.
	const url = new URL(createFinalURL(path, { baseUrl: client.restUrl, params, querySerializer, pathSerializer }));
	const body = content && defaultBodySerializer(content);
	const headers = signed ? await signatureHeaders(client, clock, call, body ?? url.search.slice(1)) : {};
	const sentAt = clock.localNow();
	try {
		const response = await client.fetch(url.href, {
			method,
			// A GET has no Content-Type and no body: the venue answers 403 to an empty JSON body.
			...(body === undefined ? { headers } : { headers: { ...headers, "Content-Type": "application/json" }, body }),
			redirect: "manual",
			signal,
		});
		const receivedAt = clock.localNow();
		const read = await readBody(response, { signal });
		return { status: response.status, headers: response.headers, ...read, sentAt, receivedAt };
	} catch (error) {
		throw new BybitError("network", "the connection failed", { call, cause: safeCause(error, client.redact) });
	}
}

/** Every query parameter of the spec is a string or a number. */
function querySerializer(query: Record<string, unknown>): string {
	return Object.entries(query)
		.map(([name, value]) => serializePrimitiveParam(name, String(value)))
		.join("&");
}

/** No path of the spec has a parameter. */
const pathSerializer = (path: string): string => path;

async function signatureHeaders(
	{ apiKey, recvWindowMs, sign }: ResolvedOptions,
	clock: ServerClock,
	call: string,
	payload: string,
): Promise<Record<string, string>> {
	const timestamp = String(clock.timestamp());
	const window = String(recvWindowMs);
	return {
		"X-BAPI-API-KEY": apiKey,
		"X-BAPI-TIMESTAMP": timestamp,
		"X-BAPI-RECV-WINDOW": window,
		"X-BAPI-SIGN": await createSignature(sign, timestamp + apiKey + window + payload, call),
	};
}

function checkReply(
	{ redact, restUrl }: ResolvedOptions,
	clock: ServerClock,
	call: string,
	check: Check,
	reply: HttpReply,
): CheckedReply {
	const { status, sentAt, receivedAt } = reply;
	const envelope = reply.isCut ? undefined : readEnvelope(reply.text);
	if (!envelope) throw statusError(call, reply, redact, restUrl);
	const { retCode, retMsg } = envelope;
	const isTimestampRefused = retCode === 10002 || retCode === -1;
	if (isTimestampRefused) clock.refused(skewIn(retMsg), sentAt, receivedAt);
	const time = envelope.time ?? (isTimestampRefused ? serverTimeIn(retMsg) : undefined);
	if (time !== undefined) clock.sample(time, sentAt, receivedAt);
	if (retCode !== 0) throw refusal(call, reply, envelope, clock, redact, restUrl);
	if (status !== 200) throw statusError(call, reply, redact, restUrl);
	if (!check(envelope.value)) {
		const mismatch = check.errors?.[0];
		throw replyError(call, status, `${mismatch?.instancePath || "/"} ${mismatch?.message ?? "differs"}`);
	}
	return { ...envelope, roundTripMs: receivedAt - sentAt };
}

/** The error for a successful reply that does not match the spec. It quotes nothing of the body. */
export function replyError(call: string, status: number, mismatch: string): BybitError {
	return new BybitError("reply", `HTTP ${status} with a reply that does not match the spec: ${mismatch}`, {
		call,
		status,
	});
}
