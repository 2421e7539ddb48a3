import { sentence } from "@x/base/errors";

/**
 * What to do after a failed `open` or `beat`. Each venue decides it in one function.
 *
 * - `retry`: try again after a back-off. `unreachable` says that no connection was made, so the venue was not asked for
 *   anything and an early retry does no harm. `withinMs` says how soon a retry should come: because it can still save orders, or
 *   because the venue allows it and the session itself counts its attempts. No wait is longer, but the limit of a wait is never
 *   below 1 s, or 3 s from the seventh attempt on; the option `restarts` does not apply.
 * - `wait`: try again after `forMs` milliseconds, as the venue asked (rate limit, maintenance, penalty box). `heldElsewhere` says
 *   that another login of the user has the session: no process of the user would get it now, so a leader keeps the lead.
 * - `human`: a person has to act, such as log in. Try again slowly; the session resumes once that is done.
 * - `fatal`: stop this session for good. The others go on.
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
 * - `worker`: the thread that kept it alive died.
 * - `leader`: another process runs it now, or may.
 */
export type LossKind = "stall" | "silence" | "closed" | "venue" | "worker" | "leader";

const brand = "@x/keepalive/SessionError";

/** A failure of a session, with what to do next. The message never contains a secret. */
export class SessionError extends Error {
	override readonly name = "SessionError";
	/** Identifies the class also when two copies of this package are installed, where `instanceof` fails. */
	readonly brand = brand;
	/** What to do next. */
	readonly disposition: Disposition;
	/** What the error says about the session at the venue: that it has `ended`, or nothing (`unclear`, the default). */
	readonly session: "unclear" | "ended";
	/** What ended the session, where the error says so. */
	readonly kind: LossKind | undefined;
	/** Whether the venue had planned it, such as a nightly reset or announced maintenance. */
	readonly isExpected: boolean;

	/** @throws TypeError for a `wait` whose `forMs` is not a number from 0. */
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

/** Whether it is a {@link SessionError}, also one of another copy of this package. */
export function isSessionError(error: unknown): error is SessionError {
	return error instanceof Error && "brand" in error && error.brand === brand;
}

/** The same error in other words, or with another disposition. */
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

/** What ended a session, as far as its error says. Never throws. */
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

/** The wait when a venue asks for one without a usable length. */
const defaultWaitMs = 60_000;

/** What to do about any error. Never throws; an error without a known disposition is retried. */
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
		// A getter of the error threw.
	}
	return { action: "retry" };
}

/** Whether the venue no longer has the session, or nothing more is to be tried. */
export function hasEnded(error: unknown): boolean {
	try {
		return dispositionOf(error).action === "fatal" || (isSessionError(error) && error.session === "ended");
	} catch {
		return false;
	}
}
