import { withDeadline } from "@x/base/clock";
import { isRecord } from "@x/base/objects";
import { longestBodyBytes, readBody } from "@x/base/read-body";
import { DeribitError, isDeribitError } from "../errors.ts";
import { safeCause } from "../redact.ts";
import { abortError } from "../socket/pending-calls.ts";
import type { JsonObject } from "../socket/read-frame.ts";
import { replyError } from "../socket/reply-result.ts";

interface HttpCall {
	/** The JSON-RPC method. */
	readonly call: string;
	readonly fetch: typeof fetch;
	readonly url: URL;
	/** The JSON-RPC request to send by POST. If undefined, the call is sent by GET. */
	readonly body: { readonly method: string; readonly params: unknown } | undefined;
	readonly token: string | undefined;
	readonly timeoutMs: number;
	readonly signal: AbortSignal | undefined;
	readonly secrets: readonly string[];
}

/** Sends one request and reads the response body up to a size limit, both within the same deadline. */
export async function sendRequest(httpCall: HttpCall): Promise<{ readonly status: number; readonly body: JsonObject }> {
	const { call, timeoutMs, signal, url, secrets } = httpCall;
	const deadline = {
		ms: timeoutMs,
		signal,
		onTimeout: () => new DeribitError(`no complete response within ${timeoutMs} ms`, { kind: "timeout", call }),
		onAbort: () => abortError(call),
	};
	try {
		const { status, text } = await withDeadline(deadline, (cut) => send(httpCall, cut));
		return { status, body: bodyOf(call, status, text) };
	} catch (error) {
		if (isDeribitError(error)) throw error;
		throw new DeribitError(`no response from ${url.host}. Retry`, {
			kind: "network",
			call,
			cause: safeCause(error, secrets),
		});
	}
}

async function send(
	{ fetch, url, body, token }: HttpCall,
	signal: AbortSignal,
): Promise<{ readonly status: number; readonly text: string | undefined }> {
	const headers: Record<string, string> = { accept: "application/json" };
	if (token) headers["authorization"] = `Bearer ${token}`;
	if (body) headers["content-type"] = "application/json";
	const json = body && JSON.stringify({ jsonrpc: "2.0", id: 1, ...body });
	const response = await fetch(url, {
		method: json ? "POST" : "GET",
		headers,
		redirect: "manual",
		signal,
		...(json && { body: json }),
	});
	const { text, isCut } = await readBody(response, { signal });
	return { status: response.status, text: isCut ? undefined : text };
}

/** @param text - undefined when the body is too long to be read. */
function bodyOf(call: string, status: number, text: string | undefined): JsonObject {
	let body: unknown;
	try {
		if (text !== undefined) body = JSON.parse(text);
	} catch {
		// Text that is not JSON is reported below, together with JSON that is not an object.
	}
	// A venue error is recognised by the body, whatever the HTTP status is. A result is accepted with status 200 only.
	const isError = isRecord(body) && "error" in body;
	if (status === 429 || (status !== 200 && !isError)) {
		const problem =
			status === 429
				? " (more than 32 connections from this IP address). Close some, then retry"
				: " without a Deribit error. Retry, or correct option url";
		throw new DeribitError(`HTTP status ${status}${problem}`, { kind: "http", call, status });
	}
	if (!isRecord(body)) {
		const problem = text === undefined ? `it has more than ${longestBodyBytes} bytes` : "it is not a JSON object";
		throw replyError({ call, secrets: [], status }, "/", problem);
	}
	return body;
}
