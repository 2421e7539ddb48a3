import { type Budget, rollingBudget, sharedBudgets } from "../../budget.ts";
import { SessionError } from "../../session-error.ts";

/** What a budget allows. */
export interface BybitConnectionBudgetOptions {
	/** Attempts to connect to one host in `perMs`, at least 1. Default 500, the venue's limit of an address. */
	readonly connections?: number;
	/**
	 * Milliseconds, at least 1. Default 310 000: the venue's five minutes, and 10 s more because an attempt may arrive later
	 * than it was made, and it is the arrival that the venue counts.
	 */
	readonly perMs?: number;
}

/**
 * Attempts to connect, counted by host over a rolling time. Share one among every session that leaves by the same address.
 *
 * An attempt counts whether it succeeds or not, as it does at the venue.
 */
export type BybitConnectionBudget = Budget;

/**
 * A budget of its own for connections, to be handed to the sessions that are to share it.
 *
 * @throws SessionError, fatal, for a limit that cannot be right.
 * @see https://bybit-exchange.github.io/docs/v5/rate-limit
 */
export function bybitConnectionBudget(options: BybitConnectionBudgetOptions = {}): BybitConnectionBudget {
	const { connections = 500, perMs = 310_000 } = options;
	for (const [name, value] of Object.entries({ connections, perMs })) {
		if (Number.isInteger(value) && value >= 1) continue;
		throw new SessionError(`@x/keepalive/bybit: bybitConnectionBudget: ${name} must be an integer from 1.`, {
			disposition: { action: "fatal" },
		});
	}
	return rollingBudget(connections, perMs);
}

/** The budgets of sessions that were handed none: one for each `WebSocket` class, and so one for the process as a rule. */
export const budgetOf = sharedBudgets(() => bybitConnectionBudget());

/** Waiting is all that helps: an attempt more would get the address refused for everybody on it. */
export function overBudget(host: string, forMs: number): SessionError {
	return new SessionError(
		`@x/keepalive/bybit: no connection to ${host} for another ${forMs} ms: this process has used up the venue's limit of new connections.`,
		{ disposition: { action: "wait", forMs } },
	);
}
