import { rollingBudget, sharedBudgets } from "../../budget.ts";
import { SessionError } from "../../session-error.ts";
import type { ResolvedDeribitOptions } from "./options.ts";

/**
 * The venue takes 32 connections from an address at once and says nothing of attempts: ten in five minutes for each of those.
 * A venue that is away is asked by one session 25 times in that time.
 */
const connections = 320;
const perMs = 300_000;

const budgetOf = sharedBudgets(() => rollingBudget(connections, perMs));

/**
 * Counts an attempt to connect.
 *
 * @throws SessionError (wait), with nothing sent, when the sessions of this process have used up what they may.
 */
export function spendConnection(options: Pick<ResolvedDeribitOptions, "connectionBudget" | "WebSocket" | "url">): void {
	const budget = options.connectionBudget ?? budgetOf(options.WebSocket ?? globalThis.WebSocket);
	// An address that is none is refused by the client, which says what it should be.
	const host = URL.parse(String(options.url ?? "wss://www.deribit.com"))?.host ?? "";
	const forMs = budget.spend(host);
	if (forMs === 0) return;
	throw new SessionError(
		`@x/keepalive/deribit: no connection to ${host} for another ${forMs} ms: this process has tried as often as its budget allows`,
		{ disposition: { action: "wait", forMs } },
	);
}
