import { isSessionError } from "./session-error.ts";

/** One thing that keeps a session from being opened now. */
export interface InspectionProblem {
	readonly message: string;
	/**
	 * What the problem asks for: a problem with `retry` or `wait` may pass by itself; with `human` or `fatal` a person has to act.
	 */
	readonly action: "retry" | "wait" | "human" | "fatal";
	/** What a person has to do, where that is known. */
	readonly todo?: string;
}

/** What an inspection of a venue found. Plain data, without secrets. */
export interface Inspection {
	/**
	 * Why a session could not be opened now. Empty when nothing was found that would keep a session from being opened and armed.
	 */
	readonly problems: readonly InspectionProblem[];
	/** What is allowed but unwise, or could not be found out. */
	readonly warnings: readonly string[];
	/** What is armed at the venue now, and what else the venue said, one entry each. */
	readonly findings: readonly InspectionFinding[];
	/** What the API key may do, where the venue says so at the login. */
	readonly permissions?: readonly string[];
	/** By how many milliseconds this machine's clock is ahead of the venue's, below 0 when it is behind. */
	readonly clockAheadMs?: number;
	/** Milliseconds from sending a request to receiving its answer. */
	readonly roundTripMs?: number;
	/**
	 * How long working orders stay in the book after the process or its network dies, with these options. Missing if the venue
	 * does not cancel them.
	 */
	readonly exposure?: { readonly processDeathMs: number; readonly networkDeathMs: number };
}

/** One thing that a venue said. */
export interface InspectionFinding {
	/** What was asked about, such as `cancel-on-disconnect of the account`. */
	readonly what: string;
	readonly value: string;
}

/** Options of an inspection of a venue. */
export interface InspectionOptions {
	/** Ends the inspection; what was found until then is returned. */
	readonly signal: AbortSignal;
	/** Called before each step, with its name. */
	readonly onStep?: (step: string) => void;
}

/** An inspection that is being made. */
export type InspectionDraft = { -readonly [Name in keyof Inspection]: Inspection[Name] } & {
	readonly problems: InspectionProblem[];
	readonly warnings: string[];
	readonly findings: InspectionFinding[];
};

/** Adds the problem that an error shows. For an error other than a SessionError, only a general message is added. */
export function addProblem({ problems }: InspectionDraft, error: unknown): void {
	if (!isSessionError(error)) {
		problems.push({ message: "the look at the venue failed in an unexpected way", action: "retry" });
		return;
	}
	const { message, disposition } = error;
	const todo = disposition.action === "human" ? disposition.todo : undefined;
	problems.push({ message, action: disposition.action, ...(todo !== undefined && { todo }) });
}
