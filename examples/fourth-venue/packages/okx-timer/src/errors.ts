/**
 * What went wrong.
 *
 * - `venue`: the venue refused the call for the reason in `venueCode`.
 * - `reply`: the reply does not match the OpenAPI spec.
 * - `network`: no reply, because the venue was not reached or the connection broke.
 * - `timeout`: no complete reply in time.
 * - `aborted`: the caller's signal aborted.
 *
 * For every kind except `venue`, the venue may have executed the call.
 */
export type OkxErrorKind = "venue" | "reply" | "network" | "timeout" | "aborted";

/** Details of a failed call. */
export interface OkxErrorDetails {
	/** The call that failed, such as `POST /api/v5/trade/cancel-all-after`. */
	readonly call: string;
	/** The HTTP status of the reply. */
	readonly status?: number;
	/** The error code of the venue, from the member `code` of its reply. */
	readonly venueCode?: string;
}

export const packageName = "@x/okx-timer";

/** A failed call. It holds no secret. */
export class OkxError extends Error {
	override readonly name = "OkxError";
	/** What kind of failure it was. */
	readonly kind: OkxErrorKind;
	/** See {@link OkxErrorDetails.call}. */
	readonly call: string;
	/** See {@link OkxErrorDetails.status}. */
	readonly status: number | undefined;
	/** See {@link OkxErrorDetails.venueCode}. */
	readonly venueCode: string | undefined;

	/** @param problem - what was found, as a text without a full stop. */
	constructor(kind: OkxErrorKind, problem: string, { call, status, venueCode }: OkxErrorDetails) {
		super(`${packageName}: ${call}: ${problem}`);
		this.kind = kind;
		this.call = call;
		this.status = status;
		this.venueCode = venueCode;
	}
}
