import { isSessionError } from "./session-error.ts";

/** One reason why a session could not be opened now. */
export interface InspectionProblem {
	readonly message: string;
	/**
	 * What has to be done about the problem. With `retry` or `wait` the problem may pass by itself; with `human` or `fatal` a
	 * person has to act.
	 */
	readonly action: "retry" | "wait" | "human" | "fatal";
	/** What a person has to do, if that is known. */
	readonly todo?: string;
}

/** The result of an inspection of a venue. Plain data, without secrets. */
export interface Inspection {
	/**
	 * The reasons why a session could not be opened now. Empty when nothing was found that would keep a session from being
	 * opened and armed.
	 */
	readonly problems: readonly InspectionProblem[];
	/** Settings that are allowed but unwise, and questions that could not be answered. */
	readonly warnings: readonly string[];
	/** What is armed at the venue now, and what else the venue said. One entry for each answer of the venue. */
	readonly findings: readonly InspectionFinding[];
	/** What the API key is permitted to do. Missing if the venue does not say this at the login. */
	readonly permissions?: readonly string[];
	/** By how many milliseconds this machine's clock is ahead of the venue's clock; below 0 when it is behind. */
	readonly clockAheadMs?: number;
	/** Milliseconds from sending a request to receiving its answer. */
	readonly roundTripMs?: number;
	/**
	 * How long working orders stay in the book after the process or its network dies, if a session is opened with these options.
	 * Missing if the venue does not cancel orders after such a death.
	 */
	readonly exposure?: { readonly processDeathMs: number; readonly networkDeathMs: number };
}

/** One answer of a venue. */
export interface InspectionFinding {
	/** The question that the venue answered, such as `cancel-on-disconnect of the account`. */
	readonly what: string;
	readonly value: string;
}

/** Options of an inspection of a venue. */
export interface InspectionOptions {
	/** Ends the inspection early: what was found until then is returned. */
	readonly signal: AbortSignal;
	/** Called before each step of the inspection, with the name of the step. */
	readonly onStep?: (step: string) => void;
}

/** The result of an inspection that is still under way, with members that can be set. */
export type InspectionDraft = { -readonly [Name in keyof Inspection]: Inspection[Name] } & {
	readonly problems: InspectionProblem[];
	readonly warnings: string[];
	readonly findings: InspectionFinding[];
};

/**
 * Adds an error to the list of problems. An error other than a SessionError may contain a secret, so a general message is added
 * instead.
 */
export function addProblem({ problems }: InspectionDraft, error: unknown): void {
	if (!isSessionError(error)) {
		problems.push({ message: "reading the account at the venue failed for an unknown reason", action: "retry" });
		return;
	}
	const { message, disposition } = error;
	const todo = disposition.action === "human" ? disposition.todo : undefined;
	problems.push({ message, action: disposition.action, ...(todo !== undefined && { todo }) });
}
