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

/** The reason of a session's state in one line; empty while it is alive. */
export function why(status: Status): string {
	switch (status.state) {
		case "opening":
			return status.attempt > 1 ? `attempt ${status.attempt}` : "";
		case "alive":
			return "";
		case "blocked":
			return `needs a human: ${status.todo}`;
		case "stopped":
			return status.closed.detail;
		case "waiting": {
			const next = `next try in ${duration(Math.max(0, status.until - Date.now()))}`;
			// The cause of a back-off was printed just before.
			return status.why === "backoff" ? next : `${next}: ${status.cause.message}`;
		}
		case "late":
		case "lost":
		case "leaving":
		case "gated":
			return status.cause.message;
	}
}

/** Formats a status change as a line. */
export function line({ session, status }: StatusRecord): string {
	const protection = protectionOf(status);
	const parts = [session.padEnd(8), status.state.padEnd(8)];
	if (protection) parts.push(protection.state === "armed" ? `armed, exposure ${exposure(status)}` : protection.state);
	const reason = why(status);
	if (reason) parts.push(reason);
	return parts.join("  ");
}
