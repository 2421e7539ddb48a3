const messages: Readonly<Record<number, string>> = {
	10000: "authorization_required",
	10001: "error",
	10028: "too_many_requests",
	10030: "must_be_websocket_request",
	10049: "cancel_on_disconnect_failed",
	11044: "not_open_order",
	11050: "bad_request",
	11051: "system_maintenance",
	13004: "invalid_credentials",
	13009: "unauthorized",
	13021: "forbidden",
	13042: "cod_not_enabled",
	13778: "raw_subscriptions_not_available_for_unauthorized",
	13888: "timed_out",
	[-32600]: "request entity too large",
	[-32601]: "Method not found",
	[-32602]: "Invalid params",
	[-32700]: "Parse error",
};

/** An error reply of the venue. */
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
