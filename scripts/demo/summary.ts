import type { StatusRecord } from "@x/keepalive";
import type { SimOrder } from "@x/venue-sims";
import { protectionOf } from "./format-status-lines.ts";

/** The final state of each session, and how many orders each venue cancelled. */
export type Summary = ReturnType<typeof summarise>;

export function summarise(
	records: Readonly<Record<string, StatusRecord>>,
	orders: Readonly<Record<string, readonly SimOrder[]>>,
) {
	const sessions = Object.entries(records).map(([name, record]) => [name, summariseSession(record)] as const);
	const cancelled = Object.entries(orders).map(
		([name, all]) => [name, all.filter(({ state }) => state === "cancelled").length] as const,
	);
	return {
		type: "summary" as const,
		sessions: Object.fromEntries(sessions),
		cancelled: Object.fromEntries(cancelled),
	};
}

function summariseSession({ status, tally: { losses, recoveries } }: StatusRecord) {
	const protection = protectionOf(status);
	/** The longest time from the death of this process or its network to the venue's cancel; null if the session is not armed. */
	const exposureMs = protection?.state === "armed" ? protection.exposureMs : null;
	return { status: status.state, protection: protection?.state ?? "unknown", exposureMs, losses, recoveries };
}

/** Says what went wrong in the demo. Empty if every session was lost at least once and recovered each time. */
export function shortcomings({ sessions }: Summary): string[] {
	return Object.entries(sessions).flatMap(([name, { status, losses, recoveries }]) => {
		if (status !== "alive") return [`${name} is ${status}, not alive`];
		if (losses === 0) return [`${name} was never lost: its fault had no effect`];
		if (recoveries < losses) return [`${name} was lost more often (${losses}) than it recovered (${recoveries})`];
		return [];
	});
}
