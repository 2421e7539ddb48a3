/** The messages of the venue's error codes. */
const messages: Readonly<Record<number, string>> = {
	10000: "authorization_required",
	10001: "error",
	10028: "too_many_requests",
	10030: "must_be_websocket_request",
	10040: "retry",
	10041: "settlement_in_progress",
	10047: "matching_engine_queue_full",
	10048: "not_on_this_server",
	10049: "cancel_on_disconnect_failed",
	10066: "too_many_concurrent_requests",
	11042: "permission_denied",
	11044: "not_open_order",
	11050: "bad_request",
	11051: "system_maintenance",
	11052: "subscribe_error_unsubscribed",
	11056: "unauthenticated_public_requests_temporarily_disabled",
	11094: "internal_server_error",
	11098: "account_locked",
	12003: "login_over_limit",
	12005: "country_is_banned",
	12998: "security_key_authorization_over_limit",
	13004: "invalid_credentials",
	13009: "unauthorized",
	13021: "forbidden",
	13025: "method_switched_off_by_admin",
	13028: "temporarily_unavailable",
	13042: "cod_not_enabled",
	13403: "scope_exceeded",
	13503: "unavailable",
	13666: "request_cancelled_by_user",
	13668: "security_key_authorization_error",
	13778: "raw_subscriptions_not_available_for_unauthorized",
	13888: "timed_out",
	[-32000]: "Missing params",
	[-32600]: "request entity too large",
	[-32601]: "Method not found",
	[-32602]: "Invalid params",
	[-32700]: "Parse error",
};

/** An error that becomes the venue's error reply to a request. */
export class DeribitFailure extends Error {
	readonly code: number;
	readonly data: unknown;

	constructor(code: number, data?: unknown) {
		super(messages[code] ?? "error");
		this.code = code;
		this.data = data;
	}
}

/** The error reply for one invalid parameter. */
export function invalid(param: string, reason: string): DeribitFailure {
	return new DeribitFailure(-32602, { reason, param });
}
