export { isOptionError, OptionError } from "@x/base/errors";
export { type ConnectionLimiter, slidingWindowLimiter } from "./connection-limiter.ts";
export type { Inspection, InspectionFinding, InspectionOptions, InspectionProblem } from "./inspection-result.ts";
export { type Keeper, keepalive } from "./keeper.ts";
export type { KeeperBase } from "./keeper-base.ts";
export { isKeeperError, KeeperError } from "./keeper-error.ts";
export type { Logger } from "./logger.ts";
export type { BackoffOptions } from "./loop/backoff.ts";
export type { GateOptions, NamedGateOptions } from "./loop/health-gate.ts";
export type { KeeperOptions, ReadyOptions, StopOptions, UnprotectedOptions } from "./options.ts";
export type {
	Closed,
	Leader,
	Lease,
	Opened,
	OpenStep,
	OrdersOnClose,
	Protection,
	Session,
	SessionHost,
	StandbyReason,
} from "./session.ts";
export {
	type Disposition,
	dispositionOf,
	isSessionError,
	type LossKind,
	SessionError,
} from "./session-error.ts";
export type { KeeperLimits, SessionLimits, UsedLimit, UsedLimits } from "./session-limits.ts";
export type { ProtectionRecord } from "./status/protection-watch.ts";
export type { Cause, Status, StatusRecord, Tally } from "./status/status.ts";
export type { OpenTracing, SessionTracing, Tracing } from "./tracing.ts";
