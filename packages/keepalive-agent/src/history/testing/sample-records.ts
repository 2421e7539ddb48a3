import type { Status, StatusRecord } from "@x/keepalive";
import type { AgentEventRecord, AgentRecord } from "../../agent/agent-record.ts";
import type { HistoryRecord, HistoryRow } from "../history-store.ts";

export const armed: Status = {
	state: "alive",
	protection: { state: "armed", scope: "this connection", exposureMs: 69_000, verifiedAt: 0 },
	ttlMs: 40_000,
};

export const lost: Extract<Status, { state: "lost" }> = {
	state: "lost",
	protection: { state: "unknown", reason: "the venue cancels working orders within 69000 ms" },
	cause: { name: "SessionError", message: "the connection is closed", kind: "closed" },
};

export const opening: Status = { state: "opening", attempt: 1 };

export function statusRecord(at: number, session: string, status: Status, losses = 0): StatusRecord {
	return { type: "status", at, session, status, tally: { beats: 1, losses, recoveries: 0 } };
}

export const agentEvent = (at: number, event: AgentEventRecord["event"], detail = event): AgentEventRecord => ({
	type: "agent",
	at,
	event,
	detail,
});

export function alertRecord(at: number, session?: string): AgentRecord {
	const alert = { type: "alert", at, alertId: `a${at}`, kind: "loss", state: "raised", severity: "warn" } as const;
	return { ...alert, message: "lost", ...(session !== undefined && { session }) };
}

/** Makes rows from records, with ids that count up from `firstId`. */
export function rowsOf(records: readonly HistoryRecord[], firstId = 1): HistoryRow[] {
	return records.map((record, index) => {
		const session = "session" in record ? record.session : undefined;
		const { at, type } = record;
		return { id: firstId + index, at, type, ...(session !== undefined && { session }), json: JSON.stringify(record) };
	});
}
