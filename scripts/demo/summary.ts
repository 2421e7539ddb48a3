import type { StatusRecord } from "@x/keepalive";
import type { SimOrder } from "@x/venue-sims";

/** How each session ended up, and how many working orders each venue's own switch cancelled. */
export interface Summary {
	readonly type: "summary";
	readonly sessions: Readonly<Record<string, SessionSummary>>;
	readonly cancelled: Readonly<Record<string, number>>;
}

export interface SessionSummary {
	readonly status: string;
	readonly protection: string;
	/** Worst case in milliseconds from our death to the venue's cancel; null where the venue has no switch or no proof. */
	readonly exposureMs: number | null;
	readonly losses: number;
	readonly recoveries: number;
}

export function summarise(
	records: Readonly<Record<string, StatusRecord>>,
	orders: Readonly<Record<string, readonly SimOrder[]>>,
): Summary {
	const sessions = Object.entries(records).map(([name, record]) => [name, summariseSession(record)]);
	const cancelled = Object.entries(orders).map(([name, all]) => [
		name,
		all.filter(({ state }) => state === "cancelled").length,
	]);
	return { type: "summary", sessions: Object.fromEntries(sessions), cancelled: Object.fromEntries(cancelled) };
}

function summariseSession({ status, tally }: StatusRecord): SessionSummary {
	const protection = "protection" in status ? status.protection : undefined;
	return {
		status: status.state,
		protection: protection?.state ?? "unknown",
		exposureMs: protection?.state === "armed" ? protection.exposureMs : null,
		losses: tally.losses,
		recoveries: tally.recoveries,
	};
}

/** What is wrong with how the demo ended; empty when every session was lost at least once and came back each time. */
export function shortcomings({ sessions }: Summary): string[] {
	return Object.entries(sessions).flatMap(([name, { status, losses, recoveries }]) => {
		if (status !== "alive") return [`${name} is ${status}, not alive`];
		if (losses === 0) return [`${name} was never lost: its plug did nothing`];
		if (recoveries < losses) return [`${name} came back ${recoveries} times after ${losses} losses`];
		return [];
	});
}
