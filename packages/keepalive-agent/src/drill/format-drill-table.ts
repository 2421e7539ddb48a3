import { alignColumns } from "@x/base/align-columns";
import type { DrillRecord, Verdict } from "./drill-record.ts";

/** What `keepalive drill` prints for a person: a line for each death, and what the person has to do. */
export function drillTable(records: readonly DrillRecord[]): string {
	const head = ["session", "death", "verdict", "stated", "allowed on top", "measured", "since the last beat", "reason"];
	const rows = [head, ...records.map(rowOf)];
	return [...alignColumns(rows), ...records.flatMap(remarks)].join("\n");
}

function rowOf(record: DrillRecord): string[] {
	const { session, kill, result, statedMs, allowanceMs, measured, expects } = record;
	return [
		session,
		kill,
		result.verdict.replace("-", " ").toUpperCase(),
		expects === "survival" ? "survives" : ms(statedMs),
		ms(allowanceMs),
		ms(measured?.sinceDeathMs),
		ms(measured?.sinceLastBeatMs),
		reasonText(result, expects),
	];
}

function reasonText(result: Verdict, expects: DrillRecord["expects"]): string {
	switch (result.verdict) {
		case "proved":
			return expects === "survival" ? "the order survived" : "the protection";
		case "fired-late":
			return `the protection, ${result.lateByMs} ms late`;
		case "wrong-reason":
			return result.reason;
		case "not-fired":
			return `still open after ${ms(result.waitedMs)}`;
		case "filled":
			return `filled: ${result.amount}`;
		case "inconclusive":
			return result.why;
	}
}

function remarks({ session, kill, result, cleanup, label, notes }: DrillRecord): string[] {
	const place = `${session}, ${kill}`;
	return [
		...notes.map((note) => `${place}: ${note}`),
		...(cleanup === "cancelled" ? [`${place}: the drill had to cancel the order ${label} itself`] : []),
		...(cleanup === "failed"
			? [`${place}: CLEANUP FAILED. The order ${label} may still be open: cancel it by hand now`]
			: []),
		...(result.verdict === "filled" ? [`${place}: the order was FILLED. Look at the position of the account`] : []),
		...(result.verdict === "inconclusive" && result.todo !== undefined ? [`${place}: to do: ${result.todo}`] : []),
	];
}

const ms = (value: number | undefined): string => (value === undefined ? "" : `${value} ms`);
