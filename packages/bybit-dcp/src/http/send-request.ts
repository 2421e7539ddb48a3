import { withDeadline } from "@x/base/clock";
import { readBody } from "@x/base/read-body";
import { safeCause } from "@x/base/redact";
import type { Check } from "@x/base/reply-check";
import type { ServerClock } from "../auth/server-clock.ts";
import { createSignature } from "../auth/signer.ts";
import { abortedError, BybitError, isBybitError, timeoutError } from "../errors.ts";
import { type BybitCallOptions, checkCallOptions, type ResolvedOptions } from "../options.ts";
import { type HttpReply, readEnvelope, refusal, serverTimeIn, skewIn, statusError } from "./reply-envelope.ts";

/** What {@link sendRequest} needs to know about a call. */
export interface Call {
	/** The check of the reply. */
	readonly check: Check;
	/** Whether the request is signed. Default true. */
	readonly signed?: boolean;
	readonly options: BybitCallOptions | undefined;
}

/**
 * Makes one call: signs the request, sends it, and checks the reply, within one deadline.
 *
 * @returns a reply that matches the spec. For any other reply this function throws, because openapi-fetch would take an
 * empty reply with status 401 for success.
 */
export async function sendRequest(
	client: ResolvedOptions,
	clock: ServerClock,
	request: Request,
	{ check, signed = true, options = {} }: Call,
): Promise<Response> {
	checkCallOptions(options);
	const call = `${request.method} ${request.url.slice(client.restUrl.length).replace(/\?.*/, "")}`;
	const retryAfterMs = Math.ceil(client.ban.remainingMs());
	if (retryAfterMs > 0) {
		const problem = `not sent, because the venue has banned this IP address for another ${retryAfterMs} ms`;
		throw new BybitError("banned", problem, { call, retryAfterMs });
	}
	const { signal, timeoutMs: ms = client.callTimeoutMs } = options;
	const deadline = { ms, signal, onTimeout: () => timeoutError(call, ms), onAbort: () => abortedError(call) };
	const reply = await withDeadline(deadline, (cut) => send(client, clock, call, request, signed, cut));
	try {
		checkReply(client, clock, call, check, reply);
		return new Response(reply.text);
	} catch (error) {
		if (isBybitError(error) && error.kind === "banned") client.ban.record(error.retryAfterMs);
		throw error;
	}
}

async function send(
	client: ResolvedOptions,
	clock: ServerClock,
	call: string,
	request: Request,
	signed: boolean,
	signal: AbortSignal,
): Promise<HttpReply> {
	const { method, url } = request;
	const body = await request.text();
	const headers = signed ? await signatureHeaders(client, clock, call, body || new URL(url).search.slice(1)) : {};
	const sentAt = clock.sentNow();
	try {
		const response = await client.fetch(url, {
			method,
			// A GET is sent without Content-Type and body, because the venue answers 403 to an empty JSON body.
			...(body === "" ? { headers } : { headers: { ...headers, "Content-Type": "application/json" }, body }),
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
): void {
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
}

/** The error for a successful reply that does not match the spec. The error quotes nothing of the body. */
export function replyError(call: string, status: number, mismatch: string): BybitError {
	return new BybitError("reply", `HTTP ${status} with a reply that does not match the spec: ${mismatch}`, {
		call,
		status,
	});
}
