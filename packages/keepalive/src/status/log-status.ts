import type { Logger, LogLevel } from "../logger.ts";
import type { StatusRecord } from "./status.ts";

/** The log level for a status: `warn` if the session will try again, `error` if a person has to act. */
function levelOf({ status }: StatusRecord): LogLevel {
	switch (status.state) {
		case "late":
		case "lost":
		case "waiting":
		case "gated":
			return "warn";
		case "blocked":
			return "error";
		case "stopped":
			return status.why === "fatal" ? "error" : "info";
		case "alive":
			return status.protection.state === "armed" || status.protection.state === "unsupported" ? "info" : "warn";
		case "standby":
			return status.leader ? "info" : "warn";
		case "opening":
		case "leaving":
			return "info";
	}
}

/** Logs a status record. */
export function logStatus(logger: Logger, record: StatusRecord): void {
	const { session, status } = record;
	logger[levelOf(record)](`${session}: ${status.state}`, { session, status });
}
