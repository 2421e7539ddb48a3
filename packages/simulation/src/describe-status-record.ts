import type { StatusRecord } from "@x/keepalive";

/** Describes a status record of a session in one line. */
export function describeRecord({ status }: StatusRecord): string {
	const cause = "cause" in status ? `  ${status.cause.name}: ${status.cause.message}` : "";
	switch (status.state) {
		case "opening":
			return `opening, attempt ${status.attempt}`;
		case "alive": {
			const { protection } = status;
			const exposure = protection.state === "armed" ? `, exposure ${protection.exposureMs} ms` : "";
			const reason = "reason" in protection && protection.state !== "unsupported" ? `: ${protection.reason}` : "";
			return `alive, ${protection.state}${exposure}${reason}`;
		}
		case "late":
			return `late, ${status.protection.state}${cause}`;
		case "lost":
			return `lost, ${status.protection.state}${cause}`;
		case "leaving":
			return `leaving${cause}`;
		case "gated":
			return `gated, orders ${status.closed.orders}${cause}`;
		case "waiting":
			return `waiting (${status.why})${cause}`;
		case "blocked":
			return `blocked: ${status.todo}${cause}`;
		case "standby":
			return `standby${cause}`;
		case "stopped":
			return `stopped (${status.why}), orders ${status.closed.orders}${cause}`;
	}
}
