/**
 * What to do about a failed `open` or `beat`. Each venue decides it in one function.
 *
 * - `retry`: try again with back-off; sooner where `unreached` says that no connection came about, so that nothing was asked
 *   of the venue, and where orders can still be saved within `withinMs` milliseconds (the first two waits);
 * - `wait`: do nothing before an instant (penalty box, maintenance, rate limit), then try again;
 * - `human`: somebody has to act (a login); ask slowly, go on by itself once it is done;
 * - `fatal`: stop this session for good, leave the others alone.
 */
export type Disposition =
	| { readonly action: "retry"; readonly unreached?: boolean; readonly withinMs?: number }
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
	/** What to do next. */
	readonly disposition: Disposition;
	/** Whether the venue still keeps the session. Default `unclear`. */
	readonly session: SessionFate;

	/** @throws TypeError for a wait of no number of milliseconds from 0. */
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

/** Nothing before this, when a venue asked for silence without saying for how long. */
const unstatedWaitMs = 60_000;

/** What to do about any error: an error that does not say, or says what nobody knows, is worth another try, slowly. */
export function dispositionOf(error: unknown): Disposition {
	try {
		const said = isSessionError(error) ? error.disposition : undefined;
		switch (said?.action) {
			case "wait": {
				const { forMs } = said;
				return { action: "wait", forMs: forMs >= 0 && Number.isFinite(forMs) ? forMs : unstatedWaitMs };
			}
			case "human":
				return { action: "human", todo: String(said.todo) };
			case "fatal":
				return said;
			case "retry": {
				const { unreached, withinMs } = said;
				return {
					action: "retry",
					...(unreached === true && { unreached }),
					...(withinMs !== undefined && withinMs >= 0 && { withinMs }),
				};
			}
		}
	} catch {
		// An error whose members throw says nothing.
	}
	return { action: "retry" };
}

/** True when the venue no longer keeps the session, or nothing more is to be tried. */
export function isOver(error: unknown): boolean {
	try {
		return dispositionOf(error).action === "fatal" || (isSessionError(error) && error.session === "ended");
	} catch {
		return false;
	}
}
