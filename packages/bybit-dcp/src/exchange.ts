import type { ServerClock } from "./clock.ts";
import { type Answer, type Envelope, readEnvelope, refusal, serverTimeIn, skewIn, statusError } from "./envelope.ts";
import { BybitError, isBybitError } from "./errors.ts";
import type { Check } from "./generated/check.ts";
import type { ResolvedHttpOptions } from "./options.ts";
import { safeCause } from "./redact.ts";
import { cutAs, withDeadline } from "./time.ts";

/** One call as the exchange needs to know it. */
export interface Call {
	/** Such as `GET /v5/market/time`. */
	readonly attempt: string;
	readonly signed: boolean;
	readonly check: Check;
	readonly signal: AbortSignal | undefined;
}

/** A successful answer, checked. */
export interface Exchanged extends Envelope {
	readonly roundTripMs: number;
}

/**
 * The real exchange of one call: signing, sending, the one deadline, and judging the answer.
 *
 * `run` makes the call with openapi-fetch and the `fetch` it is given. openapi-fetch does the address and the body and
 * sees an empty answer; what really came back never passes through it, since it would follow a redirect, take an
 * empty 401 for a success and throw on HTML.
 */
export async function exchange(
	options: ResolvedHttpOptions,
	clock: ServerClock,
	call: Call,
	run: (fetch: (request: Request) => Promise<Response>) => Promise<unknown>,
): Promise<Exchanged> {
	const { attempt, signed, check, signal } = call;
	if (options.ban.leftMs > 0) throw stillBanned(attempt, options.ban.leftMs);
	const answer = await withDeadline(
		options.callTimeoutMs,
		signal,
		cutAs(attempt, options.callTimeoutMs),
		async (cut) => {
			let outcome: Answer | undefined;
			await run(async (request) => {
				outcome = await send(options, clock, request, { attempt, signed }, cut);
				return new Response(null, { status: 204 });
			});
			if (!outcome) throw new BybitError("network", `${attempt} was not sent.`, { attempt });
			return outcome;
		},
	);
	try {
		return judge(options, clock, attempt, check, answer);
	} catch (error) {
		if (isBybitError(error) && error.kind === "banned") options.ban.begin();
		throw error;
	}
}

function stillBanned(attempt: string, retryAfterMs: number): BybitError {
	const message = `${attempt} was not sent: the venue has banned this address, and no call may be made for another ${retryAfterMs} ms.`;
	return new BybitError("banned", message, { attempt, retryAfterMs });
}

async function send(
	options: ResolvedHttpOptions,
	clock: ServerClock,
	request: Request,
	{ attempt, signed }: { attempt: string; signed: boolean },
	signal: AbortSignal,
): Promise<Answer> {
	const post = request.method !== "GET";
	const body = await request.text();
	// The signature is made here, at the last border, over the very text that is sent.
	const payload = post ? body : new URL(request.url).search.slice(1);
	const headers = signed ? await signatureHeaders(options, clock, attempt, payload) : {};
	const sentAt = clock.localNow();
	try {
		const response = await options.fetch(request.url, {
			method: request.method,
			// No Content-Type and no body on a GET: the venue answers 403 to an empty JSON body there.
			headers: post ? { ...headers, "Content-Type": "application/json" } : headers,
			...(post ? { body } : {}),
			redirect: "manual",
			signal,
		});
		const receivedAt = clock.localNow();
		return { status: response.status, headers: response.headers, text: await response.text(), sentAt, receivedAt };
	} catch (error) {
		const cause = safeCause(error, options.redact);
		throw new BybitError("network", `${attempt} had no answer: the connection failed.`, { attempt, cause });
	}
}

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
export async function signText(
	sign: ResolvedHttpOptions["sign"],
	text: string,
	attempt: string,
	redact: ResolvedHttpOptions["redact"],
): Promise<string> {
	let signature: unknown;
	try {
		signature = await sign(text);
	} catch (error) {
		if (error instanceof BybitError) throw error;
		const cause = safeCause(error, redact);
		throw new BybitError("signer", `${attempt} was not sent: the signer failed.`, { attempt, cause });
	}
	// Sent as it is, "undefined" would be refused as a wrong signature, which looks like a wrong secret.
	if (typeof signature === "string" && signature !== "") return signature;
	throw new BybitError("signer", `${attempt} was not sent: the signer gave no text.`, { attempt });
}

function judge(
	{ redact, baseUrl }: ResolvedHttpOptions,
	clock: ServerClock,
	attempt: string,
	check: Check,
	answer: Answer,
): Exchanged {
	const envelope = readEnvelope(answer.text);
	if (!envelope) throw statusError(attempt, answer, redact, baseUrl);
	const outsideWindow = envelope.retCode === 10002 || envelope.retCode === -1;
	if (outsideWindow) clock.refused(skewIn(envelope.retMsg), answer.sentAt, answer.receivedAt);
	const time = envelope.time ?? (outsideWindow ? serverTimeIn(envelope.retMsg) : undefined);
	if (time !== undefined) clock.sample(time, answer.sentAt, answer.receivedAt);
	if (envelope.retCode !== 0) throw refusal(attempt, answer, envelope, clock, redact, baseUrl);
	if (answer.status !== 200) throw statusError(attempt, answer, redact);
	if (!check(envelope.value)) {
		const mismatch = check.errors?.[0];
		throw replyError(attempt, answer.status, `at ${mismatch?.instancePath || "/"} ${mismatch?.message ?? "differs"}`);
	}
	return { ...envelope, roundTripMs: answer.receivedAt - answer.sentAt };
}

/** A reply whose envelope says success and whose content is not of the venue's form. It quotes nothing of the body. */
export function replyError(attempt: string, status: number, what: string): BybitError {
	return new BybitError(
		"reply",
		`${attempt} was answered ${status} with a reply that is not of the venue's form: ${what}.`,
		{
			attempt,
			httpStatus: status,
		},
	);
}
