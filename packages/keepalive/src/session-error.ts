import { sentence } from "@x/base/errors";

/**
 * What to do after a failed `open` or `beat`. Each venue has one function that decides this.
 *
 * - `retry`: try again after a back-off.
 *   - `unreachable` is true when no connection was made. The venue was not asked for anything, so an early retry does no harm.
 *   - `withinMs`: the back-off is no longer than this many milliseconds, and the option `restarts` does not apply. Set when such a retry
 *     can still save the orders from the venue's cancel, or when the venue allows it and the session itself limits its attempts. A
 *     value below 1 000 has the effect of 1 000, so that a refused attempt is not repeated in a tight loop. From the seventh
 *     failed open in a row on, faster attempts than the option `backoff.baseMs` (default 3 000) do not help, so a value below it
 *     has the effect of `baseMs`.
 * - `wait`: try again after `forMs` milliseconds, as the venue asked (rate limit, maintenance, penalty box).
 *   - `heldElsewhere` is true when another login of the user has the session. No process of this user could open the session now,
 *     so a leader keeps the lead.
 * - `human`: a person has to act, such as log in. Try again at long intervals, so that the session resumes once the person has
 *   acted.
 * - `fatal`: stop this session for good. The other sessions go on.
 */
export type Disposition =
	| { readonly action: "retry"; readonly unreachable?: boolean; readonly withinMs?: number }
	| { readonly action: "wait"; readonly forMs: number; readonly heldElsewhere?: boolean }
	| { readonly action: "human"; readonly todo: string }
	| { readonly action: "fatal" };

/**
 * What ended a session.
 *
 * - `stall`: this process or machine stalled.
 * - `silence`: no beat was acknowledged in time.
 * - `closed`: the connection closed or broke.
 * - `venue`: the venue said that the session is gone.
 * - `worker`: the worker thread that kept the session alive died.
 * - `leader`: another process runs the session now, or may be running it.
 */
export type LossKind = "stall" | "silence" | "closed" | "venue" | "worker" | "leader";

const brand = "@x/keepalive/SessionError";

/** An error that says what failed in a session, and what to do next. The message never contains a secret. */
export class SessionError extends Error {
	override readonly name = "SessionError";
	/**
	 * Identifies the class if two copies of this package are installed. Then `instanceof` fails for an error of the other copy.
	 */
	readonly brand = brand;
	/** What to do after this error. */
	readonly disposition: Disposition;
	/**
	 * `ended` when the error says that the venue no longer has the session. Default `unclear`: the error does not say whether
	 * it has.
	 */
	readonly session: "unclear" | "ended";
	/** What ended the session, if the error says so. */
	readonly kind: LossKind | undefined;
	/** True when the venue had planned the event that caused the error, such as a nightly reset or announced maintenance. */
	readonly isExpected: boolean;

	/** @throws TypeError for a `wait` whose `forMs` is not a number of 0 or more. */
	constructor(
		message: string,
		options: {
			disposition: Disposition;
			session?: SessionError["session"];
			kind?: LossKind | undefined;
			isExpected?: boolean;
			cause?: unknown;
		},
	) {
		super(sentence(message), options.cause === undefined ? undefined : { cause: options.cause });
		const { disposition } = options;
		if (disposition.action === "wait" && !(disposition.forMs >= 0)) {
			throw new TypeError(
				`@x/keepalive: SessionError: disposition.forMs must be a number of milliseconds from 0, got ${disposition.forMs}.`,
			);
		}
		this.disposition = disposition;
		this.session = options.session ?? "unclear";
		this.kind = options.kind;
		this.isExpected = options.isExpected ?? false;
	}
}

/** Whether an error is a {@link SessionError}, even if another installed copy of this package made it. */
export function isSessionError(error: unknown): error is SessionError {
	return error instanceof Error && "brand" in error && error.brand === brand;
}

/** A copy of an error with another message and, if given, with another disposition or another `isExpected`. */
export function reworded(
	error: SessionError,
	message: string,
	changes: { readonly disposition?: Disposition; readonly isExpected?: boolean } = {},
): SessionError {
	const { disposition, session, kind, isExpected, cause } = error;
	return new SessionError(message, { disposition, session, kind, isExpected, cause, ...changes });
}

const kindsOfClientErrors: ReadonlyMap<unknown, LossKind> = new Map([
	["closed", "closed"],
	["network", "closed"],
	["timeout", "silence"],
	["venue", "venue"],
]);

/** What ended a session, if its error says so; undefined otherwise. Never throws. */
export function lossKindOf(error: unknown): LossKind | undefined {
	try {
		if (!isSessionError(error)) return undefined;
		const { kind, cause } = error;
		if (kind) return kind;
		return cause instanceof Error && "kind" in cause ? kindsOfClientErrors.get(cause.kind) : undefined;
	} catch {
		return undefined;
	}
}

/** The wait in milliseconds that is used if an error asks for a wait of unusable length, such as NaN. */
const defaultWaitMs = 60_000;

/** What to do next after any error. Never throws. After an error that does not say what to do, the answer is `retry`. */
export function dispositionOf(error: unknown): Disposition {
	try {
		const given = isSessionError(error) ? error.disposition : undefined;
		switch (given?.action) {
			case "wait": {
				const { forMs, heldElsewhere } = given;
				return {
					action: "wait",
					forMs: forMs >= 0 && Number.isFinite(forMs) ? forMs : defaultWaitMs,
					...(heldElsewhere === true && { heldElsewhere }),
				};
			}
			case "human":
				return { action: "human", todo: String(given.todo) };
			case "fatal":
				return given;
			case "retry": {
				const { unreachable, withinMs } = given;
				return {
					action: "retry",
					...(unreachable === true && { unreachable }),
					...(withinMs !== undefined && withinMs >= 0 && { withinMs }),
				};
			}
		}
	} catch {
		// Reading a member of the error has thrown, so the error is treated like an error that does not say what to do.
	}
	return { action: "retry" };
}

/** Whether an error says that the venue no longer has the session, or that no further attempt must be made. */
export function hasEnded(error: unknown): boolean {
	try {
		return dispositionOf(error).action === "fatal" || (isSessionError(error) && error.session === "ended");
	} catch {
		return false;
	}
}
