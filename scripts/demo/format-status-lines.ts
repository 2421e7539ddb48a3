import type { Protection, Status, StatusRecord } from "@x/keepalive";

/** Formats milliseconds: `850 ms`, `63.0 s`, `15 min`. */
export function duration(ms: number): string {
	if (ms < 1_000) return `${Math.round(ms)} ms`;
	if (ms < 120_000) return `${(ms / 1_000).toFixed(1)} s`;
	return `${Math.round(ms / 60_000)} min`;
}

export function protectionOf(status: Status): Protection | undefined {
	return "protection" in status ? status.protection : undefined;
}

export function exposure(status: Status): string {
	const protection = protectionOf(status);
	return protection?.state === "armed" ? duration(protection.exposureMs) : "-";
}

/** Creates a function that formats status changes as lines. A line does not repeat the cause that the session's previous line has shown. */
export function statusLines(): (record: StatusRecord) => StatusLine {
	const given = new Map<string, string>();
	return ({ session, status }) => {
		const parts = [`${session.padEnd(8)} ${status.state.padEnd(8)}`];
		const protection = protectionOf(status);
		if (protection) parts.push(protection.state === "armed" ? `armed, exposure ${exposure(status)}` : protection.state);
		const now = remark(status);
		if (now) parts.push(now);
		const reason = reasonOf(status);
		const isGiven = given.get(session) === reason;
		given.set(session, reason);
		return { state: status.state, head: parts.join("  ").trimEnd(), reason: isGiven ? "" : reason };
	};
}

/** A status change as text: what has changed, and the reason. The reason may be long; it is empty if nothing needs to be explained. */
export interface StatusLine {
	readonly state: Status["state"];
	readonly head: string;
	readonly reason: string;
}

/** A detail that may change while the session stays in one state, such as the number of the attempt. Empty for most states. */
export function remark(status: Status): string {
	if (status.state === "opening") return status.attempt > 1 ? `attempt ${status.attempt}` : "";
	if (status.state === "waiting") return `next try in ${duration(Math.max(0, status.until - Date.now()))}`;
	return "";
}

function reasonOf(status: Status): string {
	if (status.state === "blocked") return `${status.cause.message.replace(/\.?$/, ".")} To do: ${status.todo}`;
	if ("cause" in status) return status.cause.message;
	if (status.state === "stopped") return status.closed.detail;
	const protection = protectionOf(status);
	return protection?.state === "unknown" || protection?.state === "unarmed" ? protection.reason : "";
}
