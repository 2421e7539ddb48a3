import type { AlertRecord } from "../agent/agent-record.ts";
import type { History } from "../history/history.ts";

/** At most this many records are read: one run of the agent leaves fewer alerts unresolved. */
const limit = 1_000;

/** The alerts that were raised before an instant and are not resolved, according to the history. */
export async function unresolvedAlerts(
	history: Pick<History, "page">,
	before: number,
): Promise<readonly AlertRecord[]> {
	const { records } = await history.page({ from: 0, to: before, type: "alert", limit });
	const resolved = new Set<string>();
	const open: AlertRecord[] = [];
	// The records are sorted from the latest to the oldest, so a resolution is seen before the alert that it resolves.
	for (const json of records) {
		// The cast is safe: the query asks for alerts only.
		const record = JSON.parse(json) as AlertRecord;
		if (record.state === "resolved") resolved.add(record.alertId);
		else if (!resolved.has(record.alertId)) open.push(record);
	}
	return open.reverse();
}
