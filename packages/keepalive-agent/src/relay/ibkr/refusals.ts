import { isIbkrError } from "@x/ibkr-session";

/** The HTTP answer that a bot gets to a call. */
export interface Answer {
	readonly status: number;
	readonly contentType?: string | undefined;
	readonly body: string;
	/** The value of the header `retry-after`, a whole number of seconds. */
	readonly retryAfter?: number | undefined;
	/**
	 * Why the relay itself gave this answer; missing if the answer is that of the venue. The set of reasons is bounded, because metrics use
	 * the reason as a label.
	 */
	readonly refused?: RefusalReason;
}

/** Why a call was not passed on, or has no reply. */
type RefusalReason =
	| "not-alive"
	| "no-connection"
	| "rate-limit"
	| "not-logged-in"
	| "not-allowed"
	| "not-readable"
	| "unknown-outcome";

export const json = "application/json";

export function refusal(
	status: number,
	refused: RefusalReason,
	error: string,
	retryAfterMs?: number,
): Answer & { readonly refused: RefusalReason } {
	const retryAfter = retryAfterMs === undefined ? undefined : Math.max(1, Math.ceil(retryAfterMs / 1_000));
	return { status, refused, contentType: json, body: JSON.stringify({ error, statusCode: status }), retryAfter };
}

export const notLoggedIn = refusal(
	401,
	"not-logged-in",
	"the relay does not know this bot: send its name and token of section relay.bots as HTTP Basic, or the token as Bearer",
);

export const notPlain = refusal(
	400,
	"not-readable",
	"the path is not spelled as IBKR documents it: it has an empty, dot or percent-encoded segment, or a character that IBKR does not use",
);

export const wrongSessionMethod = refusal(
	405,
	"not-readable",
	"the method of a call about the session must be GET or POST",
);

export const tooManyWaiting = refusal(
	429,
	"rate-limit",
	"not sent: too many calls of this bot wait for IBKR's rate limit already. Repeat the call later",
	1_000,
);

export const waitedTooLong = refusal(
	429,
	"rate-limit",
	"not sent: IBKR's rate limit left no room for this call in time. Repeat the call later",
	1_000,
);

export function pathIsFreeIn(ms: number): Answer {
	const seconds = Math.ceil(ms / 1_000);
	return refusal(429, "rate-limit", `not sent: IBKR's limit on this path allows the next call in ${seconds} s`, ms);
}

export function blockedUntil(at: number): Answer {
	const problem = `not sent: IBKR blocks this address after a 429, until ${new Date(at).toISOString()}`;
	return refusal(429, "rate-limit", problem, at - Date.now());
}

/** The answer to an order while the session is not proved to be alive. */
export const notAlive = (why: string): Answer =>
	refusal(503, "not-alive", `order not sent: the session is not alive: ${why}`);

export const noClient = (why: string): Answer =>
	refusal(503, "no-connection", `not sent: the session is not open: ${why}`);

export const tooLongReply = refusal(502, "unknown-outcome", "the reply of IBKR is larger than the relay passes on");

export const loginNeeded = refusal(
	401,
	"no-connection",
	"not authenticated: the gateway redirects to its login page, where a person has to log in",
);

/**
 * The answer to a call that failed.
 *
 * @param mayRepeat - whether the bot may repeat the call, because the call has no effect at the venue.
 */
export function failed(error: unknown, mayRepeat: boolean, isTimeout: boolean): Answer {
	if (isIbkrError(error)) {
		if (error.kind === "banned") return blockedUntil(error.resetAt);
		if (error.kind === "pacing") return waitedTooLong;
		return refusal(
			502,
			"no-connection",
			`not sent: ${error.kind === "authorize" ? "the call could not be signed" : `the session's client refused the call (${error.kind})`}`,
		);
	}
	const what = isTimeout ? "IBKR did not reply in time" : "the connection to IBKR or its gateway failed";
	const todo = mayRepeat ? "Repeat the call" : "Unknown outcome: IBKR may have acted on it. Check the orders";
	return refusal(isTimeout ? 504 : 502, "unknown-outcome", `${what}. ${todo}`);
}
