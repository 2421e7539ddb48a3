import { createFinalURL, defaultBodySerializer, serializePrimitiveParam } from "openapi-fetch";
import type { ServerClock } from "../auth/clock.ts";
import type { BybitSigner } from "../auth/sign.ts";
import { type BybitError, failed, isBybitError } from "../errors.ts";
import type { Check } from "../generated/check.ts";
import type { paths } from "../generated/schema.ts";
import type { ResolvedHttpOptions } from "../options.ts";
import { type Redact, safeCause } from "../redact.ts";
import { withDeadline } from "../time.ts";
import { type Answer, type Envelope, readEnvelope, refusal, serverTimeIn, skewIn, statusError } from "./envelope.ts";

/** The spec's operations, by how an error names them. */
interface Operations {
	readonly "POST /v5/order/disconnected-cancel-all": paths["/v5/order/disconnected-cancel-all"]["post"];
	readonly "GET /v5/account/query-dcp-info": paths["/v5/account/query-dcp-info"]["get"];
	readonly "GET /v5/order/realtime": paths["/v5/order/realtime"]["get"];
	readonly "GET /v5/order/history": paths["/v5/order/history"]["get"];
	readonly "GET /v5/market/time": paths["/v5/market/time"]["get"];
}

export type Attempt = keyof Operations;

/** What one call sends, by the spec, and how its answer is checked. */
export type Call<Name extends Attempt> = {
	readonly check: Check;
	/** Default true. */
	readonly signed?: boolean;
} & (Operations[Name] extends { requestBody: { content: { "application/json": infer Body extends object } } }
	? { readonly body: Body }
	: { readonly body?: undefined }) &
	(Operations[Name]["parameters"] extends { query: infer Query extends object }
		? { readonly query: Query }
		: { readonly query?: undefined });

/** The same of any call. */
interface Sent {
	readonly body?: object | undefined;
	readonly query?: object | undefined;
	readonly signed?: boolean;
}

/** A successful answer, checked. */
export interface Exchanged extends Envelope {
	readonly roundTripMs: number;
}

/**
 * One call: signing, sending, the one deadline, and judging the answer.
 *
 * openapi-fetch makes the address and the body, and has no part in what comes back: its client would follow a redirect,
 * take an empty 401 for a success and throw on HTML.
 */
export async function exchange<Name extends Attempt>(
	options: ResolvedHttpOptions,
	clock: ServerClock,
	attempt: Name,
	signal: AbortSignal | undefined,
	call: Call<Name>,
): Promise<Exchanged> {
	const { ban, callTimeoutMs } = options;
	const { leftMs } = ban;
	if (leftMs > 0) {
		const why = `was not sent: the venue has banned this address, and no call may be made for another ${leftMs} ms.`;
		throw failed("banned", attempt, why, { retryAfterMs: leftMs });
	}
	const answer = await withDeadline(callTimeoutMs, signal, attempt, (cut) => send(options, clock, attempt, call, cut));
	try {
		return judge(options, clock, attempt, call.check, answer);
	} catch (error) {
		if (isBybitError(error) && error.kind === "banned") ban.begin();
		throw error;
	}
}

async function send(
	options: ResolvedHttpOptions,
	clock: ServerClock,
	attempt: Attempt,
	{ body: content, query, signed = true }: Sent,
	signal: AbortSignal,
): Promise<Answer> {
	const [method = "", path = ""] = attempt.split(" ");
	const { baseUrl, redact } = options;
	const params = query ? { query: { ...query } } : {};
	// Read by the platform once more: what it writes in another way than asked is signed in that way.
	const url = new URL(createFinalURL(path, { baseUrl, params, querySerializer, pathSerializer }));
	const body = content && defaultBodySerializer(content);
	// The signature is made here, at the last border, over the very text that is sent.
	const headers = signed ? await signatureHeaders(options, clock, attempt, body ?? url.search.slice(1)) : {};
	const sentAt = clock.localNow();
	try {
		const response = await options.fetch(url.href, {
			method,
			// No Content-Type and no body on a GET: the venue answers 403 to an empty JSON body there.
			...(body === undefined ? { headers } : { headers: { ...headers, "Content-Type": "application/json" }, body }),
			redirect: "manual",
			signal,
		});
		const receivedAt = clock.localNow();
		return { status: response.status, headers: response.headers, text: await response.text(), sentAt, receivedAt };
	} catch (error) {
		const cause = safeCause(error, redact);
		throw failed("network", attempt, "had no answer: the connection failed.", { cause });
	}
}

/** Every parameter of the spec is a text or a number. */
function querySerializer(query: Record<string, unknown>): string {
	return Object.entries(query)
		.map(([name, value]) => serializePrimitiveParam(name, String(value)))
		.join("&");
}

/** No path of the spec has a parameter. */
const pathSerializer = (path: string): string => path;

/** Fresh for each call: a repeated call with an old timestamp would be refused. */
async function signatureHeaders(
	{ apiKey, recvWindowMs, sign, redact }: ResolvedHttpOptions,
	clock: ServerClock,
	attempt: string,
	payload: string,
): Promise<Record<string, string>> {
	const timestamp = String(clock.timestamp());
	const window = String(recvWindowMs);
	return {
		"X-BAPI-API-KEY": apiKey,
		"X-BAPI-TIMESTAMP": timestamp,
		"X-BAPI-RECV-WINDOW": window,
		"X-BAPI-SIGN": await signText(sign, timestamp + apiKey + window + payload, attempt, redact),
	};
}

/** A signature, or an error that cannot hold what a handed-in signer threw. */
export async function signText(sign: BybitSigner, text: string, attempt: string, redact: Redact): Promise<string> {
	let signature: unknown;
	try {
		signature = await sign(text);
	} catch (error) {
		if (isBybitError(error)) throw error;
		const cause = safeCause(error, redact);
		throw failed("signer", attempt, "was not sent: the signer failed.", { cause });
	}
	// Sent as it is, "undefined" would be refused as a wrong signature, which looks like a wrong secret.
	if (typeof signature === "string" && signature !== "") return signature;
	throw failed("signer", attempt, "was not sent: the signer gave no text.");
}

function judge(
	{ redact, baseUrl }: ResolvedHttpOptions,
	clock: ServerClock,
	attempt: string,
	check: Check,
	answer: Answer,
): Exchanged {
	const { status, sentAt, receivedAt } = answer;
	const envelope = readEnvelope(answer.text);
	if (!envelope) throw statusError(attempt, answer, redact, baseUrl);
	const { retCode, retMsg } = envelope;
	const outsideWindow = retCode === 10002 || retCode === -1;
	if (outsideWindow) clock.refused(skewIn(retMsg), sentAt, receivedAt);
	const time = envelope.time ?? (outsideWindow ? serverTimeIn(retMsg) : undefined);
	if (time !== undefined) clock.sample(time, sentAt, receivedAt);
	if (retCode !== 0) throw refusal(attempt, answer, envelope, clock, redact, baseUrl);
	if (status !== 200) throw statusError(attempt, answer, redact);
	if (!check(envelope.value)) {
		const mismatch = check.errors?.[0];
		throw replyError(attempt, status, `at ${mismatch?.instancePath || "/"} ${mismatch?.message ?? "differs"}`);
	}
	return { ...envelope, roundTripMs: receivedAt - sentAt };
}

/** A reply whose envelope says success and whose content is not of the venue's form. It quotes nothing of the body. */
export function replyError(attempt: string, status: number, what: string): BybitError {
	const said = `was answered ${status} with a reply that is not of the venue's form: ${what}.`;
	return failed("reply", attempt, said, { httpStatus: status });
}
