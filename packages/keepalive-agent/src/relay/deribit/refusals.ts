import { isDeribitError } from "@x/deribit-session";
import type { MethodKind } from "./method-kind.ts";
import type { RpcError } from "./rpc.ts";

/** Why a call was not passed on. The set of reasons is bounded, because metrics use the reason as a label. */
type RefusalReason = "not-armed" | "no-connection" | "rate-limit" | "not-logged-in" | "not-allowed" | "not-readable";

/** The error for a call that was not passed on, or that has no reply. */
export interface Refusal {
	readonly reason: RefusalReason | "unknown-outcome";
	readonly error: RpcError;
}

/**
 * The error that Deribit sends when the rate limit is exceeded. The relay refuses a call beyond the limit, because Deribit would end the
 * session.
 */
export const rateLimited: Refusal = {
	reason: "rate-limit",
	error: {
		code: 10028,
		message: "too_many_requests",
		data: { reason: "this bot has used its share of the account's rate limit: repeat the call later" },
	},
};

export const notLoggedIn: Refusal = {
	reason: "not-logged-in",
	error: { code: 13009, message: "unauthorized", data: { reason: "invalid_token" } },
};

export const noConnection: Refusal = {
	reason: "no-connection",
	error: {
		code: 13028,
		message: "temporarily_unavailable",
		data: { reason: "not sent: the relay has no connection to the venue right now. Repeat the call later" },
	},
};

export const webSocketRequired: Refusal = {
	reason: "not-allowed",
	error: { code: 10030, message: "must_be_websocket_request" },
};

/** The error for an order while the connection is not armed. Deribit sends it only for quotes without cancel-on-disconnect. */
export function notArmed(why: string): Refusal {
	const reason = `not sent: ${why}`;
	return { reason: "not-armed", error: { code: 13042, message: "cod_not_enabled", data: { reason } } };
}

export function forbidden(why: string): Refusal {
	return { reason: "not-allowed", error: { code: 13021, message: "forbidden", data: { reason: why } } };
}

export const otherBot: Refusal = forbidden("this connection belongs to another bot. Open a new connection");

export function invalidParams(param: string, reason: string): Refusal {
	return { reason: "not-readable", error: { code: -32602, message: "Invalid params", data: { reason, param } } };
}

export const unknownMethod: Refusal = { reason: "not-readable", error: { code: -32601, message: "Method not found" } };

/** The error for a call that could not be sent. @param cause - the error that the connection has thrown. */
export function notSent(cause: unknown): Refusal {
	const kind = isDeribitError(cause) ? cause.kind : "closed";
	if (kind === "credits") return rateLimited;
	if (kind !== "request") return noConnection;
	const isTooLarge = isDeribitError(cause) && cause.message.includes("bytes");
	if (!isTooLarge) return unknownMethod;
	return { reason: "not-readable", error: { code: -32600, message: "request entity too large" } };
}

/** The error for a call that was sent but has no reply. */
export function noReply(kind: MethodKind, cause: unknown): Refusal {
	const what =
		isDeribitError(cause) && cause.kind === "timeout"
			? "the venue did not reply in time"
			: "the connection to the venue was lost before its reply";
	const todo =
		kind === "read" ? "Repeat the call" : "Unknown outcome: the venue may have acted on it. Check the orders";
	return {
		reason: "unknown-outcome",
		error: { code: 11094, message: "internal_server_error", data: { reason: `${what}. ${todo}` } },
	};
}
