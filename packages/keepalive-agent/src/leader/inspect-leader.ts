import type { Inspection } from "@x/keepalive";
import { durationText } from "../text/duration-text.ts";
import type { AgentLeaderStore } from "./leader-store.ts";

/**
 * Adds two results to the inspection of a venue: which machine leads the session, and whether this machine could take over. Changes
 * nothing else.
 *
 * @param found - the inspection of the venue.
 */
export async function withLeader(
	found: Inspection,
	store: AgentLeaderStore,
	session: string,
	signal: AbortSignal,
): Promise<Inspection> {
	const { leader, problem } = await ask(store, session, signal);
	const problems = [...found.problems, ...(problem ? [problem] : [])];
	const takeover =
		problems.length === 0 ? "this machine could lead" : "this machine could NOT lead now: see the problem";
	return {
		...found,
		problems,
		findings: [...found.findings, { what: "leader", value: leader }, { what: "takeover", value: takeover }],
	};
}

/**
 * Adds a problem if the API key lacks the permission to cancel the orders of earlier leaders.
 *
 * @param found - the inspection of a session with `orderLabel`.
 */
export function withLabelPermission(found: Inspection): Inspection {
	const { permissions, problems } = found;
	const needed = "trade:read_write";
	if (!permissions || permissions.includes(needed)) return found;
	const message = `the API key lacks permission ${needed}, which option orderLabel needs: it has ${permissions.join(" ")}`;
	const todo = `Give the key ${needed}, or remove orderLabel.`;
	return { ...found, problems: [...problems, { message, action: "human", todo }] };
}

async function ask(
	store: AgentLeaderStore,
	session: string,
	signal: AbortSignal,
): Promise<{ readonly leader: string; readonly problem?: Inspection["problems"][number] }> {
	try {
		const { leader, mayLead } = await store.inspect(session, signal);
		const text = leader
			? `${leader.holder}, for ${durationText(leader.ledForMs)} (epoch ${leader.epoch})`
			: "nobody now";
		if (mayLead) return { leader: text };
		return { leader: leader ? text : "not known", problem: { ...store.missingRights, action: "human" } };
	} catch (error) {
		// The message of this error contains no secret.
		const message = error instanceof Error ? error.message : "it could not be found out who leads";
		return { leader: "not known", problem: { message, action: "retry" } };
	}
}
