import { DeribitError } from "../errors.ts";
import { safeCause } from "../redact.ts";
import { isObject, type JsonObject } from "../socket/frames.ts";
import { abortedCall } from "../socket/pending-calls.ts";
import { misfit } from "../socket/replies.ts";
import { after } from "../time.ts";

interface Exchange {
	fetch: typeof fetch;
	url: URL;
	/** Sent as a JSON-RPC body; without one it is a GET with the query of the URL. */
	body: { method: string; params: unknown } | undefined;
	token: string | undefined;
	timeoutMs: number;
	signal: AbortSignal | undefined;
	method: string;
	secrets: readonly string[];
}

/** One request and its whole answer within one deadline, the body read as what it is. */
export async function exchange(call: Exchange): Promise<{ status: number; body: JsonObject }> {
	const { method, timeoutMs, signal, secrets } = call;
	if (signal?.aborted) throw abortedCall(method);
	const cut = new AbortController();
	const onAbort = (): void => cut.abort(abortedCall(method));
	const cancel = after(timeoutMs, () =>
		cut.abort(new DeribitError(`${method} had no complete answer within ${timeoutMs} ms`, { kind: "timeout", method })),
	);
	signal?.addEventListener("abort", onAbort, { once: true });
	const cutOff = new Promise<never>((_, reject) => {
		cut.signal.addEventListener("abort", () => reject(cut.signal.reason), { once: true });
	});
	try {
		// The race: a `fetch` that was handed in may not heed its signal.
		const { status, text } = await Promise.race([send(call, cut.signal), cutOff]);
		return { status, body: read(call, status, text) };
	} catch (error) {
		if (cut.signal.aborted) throw cut.signal.reason;
		if (error instanceof DeribitError) throw error;
		throw new DeribitError(`${method} got no answer from ${call.url.host}; try again`, {
			kind: "network",
			method,
			cause: safeCause(error, secrets),
		});
	} finally {
		cancel();
		signal?.removeEventListener("abort", onAbort);
	}
}

async function send(
	{ fetch, url, body, token }: Exchange,
	signal: AbortSignal,
): Promise<{ status: number; text: string }> {
	const headers: Record<string, string> = { accept: "application/json" };
	if (token) headers["authorization"] = `Bearer ${token}`;
	if (body) headers["content-type"] = "application/json";
	const sent = body && JSON.stringify({ jsonrpc: "2.0", id: 1, ...body });
	const response = await fetch(url, {
		method: sent ? "POST" : "GET",
		headers,
		redirect: "manual",
		signal,
		...(sent && { body: sent }),
	});
	return { status: response.status, text: await response.text() };
}

function read({ method, secrets }: Exchange, status: number, text: string): JsonObject {
	const asked = { method, secrets, status };
	if (status === 429) {
		throw new DeribitError(
			`${method} was refused: more than 32 connections from this address; close some, then try again`,
			{
				kind: "venue",
				method,
				status,
			},
		);
	}
	let body: unknown;
	try {
		body = JSON.parse(text);
	} catch {
		// Said below, together with JSON that is no object.
	}
	if (!isObject(body)) throw misfit(asked, "/", `HTTP ${status} without a JSON object`);
	// An error is judged by its body alone; a result must come with 200.
	if (status !== 200 && !("error" in body)) throw misfit(asked, "/error", `HTTP ${status} without an error`);
	return body;
}
