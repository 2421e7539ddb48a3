import { isSessionError } from "./session-error.ts";

/** One thing that keeps a session from being opened now. */
export interface InspectionProblem {
	readonly message: string;
	/** What it asks for: `retry` and `wait` may pass by themselves; after `human` and `fatal` a person has to act. */
	readonly action: "retry" | "wait" | "human" | "fatal";
	/** What a person has to do, where that is known. */
	readonly todo?: string;
}

/** What a look at a venue found. Plain data, without secrets. */
export interface Inspection {
	/** Why a session could not be opened now. Empty when nothing is known that keeps it from being opened and armed. */
	readonly problems: readonly InspectionProblem[];
	/** What is allowed but unwise, or could not be found out. */
	readonly warnings: readonly string[];
	/** What is armed at the venue now, and what else it said, one line each. */
	readonly findings: readonly InspectionFinding[];
	/** What the API key may do, where the venue says so at the login. */
	readonly permissions?: readonly string[];
	/** By how many milliseconds this machine's clock is ahead of the venue's, below 0 when it is behind. */
	readonly clockAheadMs?: number;
	/** From a question to its answer, in milliseconds. */
	readonly roundTripMs?: number;
	/** How long working orders stay in the book after a death, with these options. Missing where the venue cancels none. */
	readonly exposure?: { readonly processDeathMs: number; readonly networkDeathMs: number };
}

/** One thing that a venue said. */
export interface InspectionFinding {
	/** What was asked about, such as `cancel-on-disconnect of the account`. */
	readonly what: string;
	readonly value: string;
}

/** Options of a look at a venue. */
export interface InspectionOptions {
	/** Ends the look; what was found until then is returned. */
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

/** Adds what an error keeps from working. Anything but a SessionError is told by its name only. */
export function addProblem({ problems }: InspectionDraft, error: unknown): void {
	if (!isSessionError(error)) {
		problems.push({ message: "the look at the venue failed in an unexpected way", action: "retry" });
		return;
	}
	const { message, disposition } = error;
	const todo = disposition.action === "human" ? disposition.todo : undefined;
	problems.push({ message, action: disposition.action, ...(todo !== undefined && { todo }) });
}
