import type { StatusRecord } from "@x/keepalive";
import type { SimOrder } from "@x/venue-sims";

/** The final state of each session, and how many orders each venue cancelled. */
export interface Summary {
	readonly type: "summary";
	readonly sessions: Readonly<Record<string, SessionSummary>>;
	readonly cancelled: Readonly<Record<string, number>>;
}

interface SessionSummary {
	readonly status: string;
	readonly protection: string;
	/** Longest time in milliseconds from our death to the venue's cancel; null without protection or proof. */
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

/** What went wrong; empty when every session was lost at least once and came back each time. */
export function shortcomings({ sessions }: Summary): string[] {
	return Object.entries(sessions).flatMap(([name, { status, losses, recoveries }]) => {
		if (status !== "alive") return [`${name} is ${status}, not alive`];
		if (losses === 0) return [`${name} was never lost: its fault had no effect`];
		if (recoveries < losses) return [`${name} came back ${recoveries} times after ${losses} losses`];
		return [];
	});
}
