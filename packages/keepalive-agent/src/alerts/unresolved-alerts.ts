import type { AlertRecord } from "../agent/agent-record.ts";
import type { History } from "../history/history.ts";

/** More alerts than these were not left open by one run. */
const limit = 1_000;

/** The alerts that were raised before an instant and are not resolved, as far as the history knows. */
export async function unresolvedAlerts(
	history: Pick<History, "page">,
	before: number,
): Promise<readonly AlertRecord[]> {
	const { records } = await history.page({ from: 0, to: before, type: "alert", limit });
	const resolved = new Set<string>();
	const open: AlertRecord[] = [];
	// The latest first.
	for (const json of records) {
		// The cast: the query asks for alerts only.
		const record = JSON.parse(json) as AlertRecord;
		if (record.state === "resolved") resolved.add(record.alertId);
		else if (!resolved.has(record.alertId)) open.push(record);
	}
	return open.reverse();
}
