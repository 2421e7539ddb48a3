/**
 * What to do about a failed `open` or `beat`. Each venue decides it in one function.
 *
 * - `retry`: try again with back-off;
 * - `wait`: do nothing before an instant (penalty box, maintenance, rate limit), then try again;
 * - `human`: somebody has to act (a login); ask slowly, go on by itself once it is done;
 * - `fatal`: stop this session for good, leave the others alone.
 */
export type Disposition =
	| { readonly action: "retry" }
	| { readonly action: "wait"; readonly forMs: number }
	| { readonly action: "human"; readonly todo: string }
	| { readonly action: "fatal" };

/** Whether the venue still keeps the session after the failure: `ended` when it said that it does not. */
export type SessionFate = "unclear" | "ended";

const brand = "@x/keepalive/SessionError";

/** A failure of a session that says what to do next. Its message never carries a secret. */
export class SessionError extends Error {
	override readonly name = "SessionError";
	/** Errors cross package borders by brand: two copies of this package may be installed. */
	readonly brand = brand;
	readonly disposition: Disposition;
	readonly session: SessionFate;

	constructor(message: string, options: { disposition: Disposition; session?: SessionFate; cause?: unknown }) {
		super(message, options.cause === undefined ? undefined : { cause: options.cause });
		const { disposition } = options;
		if (disposition.action === "wait" && !(disposition.forMs >= 0)) {
			throw new TypeError("@x/keepalive: the forMs of a wait must be a number of milliseconds from 0");
		}
		this.disposition = disposition;
		this.session = options.session ?? "unclear";
	}
}

/** True for a {@link SessionError} of any copy of this package. */
export function isSessionError(error: unknown): error is SessionError {
	return error instanceof Error && "brand" in error && error.brand === brand;
}

/** What to do about any error: an error that does not say is worth another try, slowly. */
export function dispositionOf(error: unknown): Disposition {
	return isSessionError(error) ? error.disposition : { action: "retry" };
}
