export { isOptionError, OptionError } from "@x/base/errors";
export type { TokenBucketOptions } from "@x/base/rate-limiter";
export { type ConnectionLimiter, slidingWindowLimiter } from "./connection-limiter.ts";
export type { Inspection, InspectionFinding, InspectionOptions, InspectionProblem } from "./inspection.ts";
export { type Keeper, keepalive } from "./keeper.ts";
export type { KeeperBase } from "./keeper-base.ts";
export { isKeeperError, KeeperError, type KeeperErrorKind } from "./keeper-error.ts";
export type { LogFields, Logger } from "./logger.ts";
export { type BackoffOptions, backoffMs, defaultBackoff, type FailedAttempt } from "./loop/backoff.ts";
export type { GateOptions } from "./loop/health-gate.ts";
export type { OpenHook } from "./open-hook.ts";
export type { KeeperOptions, ReadyOptions, StopOptions, UnprotectedOptions } from "./options.ts";
export type { Closed, Lease, Opened, OrdersOnClose, Protection, Session, SessionHost } from "./session.ts";
export {
	type Disposition,
	dispositionOf,
	isSessionError,
	type SessionAfterError,
	SessionError,
} from "./session-error.ts";
export type { ProtectionListener, ProtectionRecord } from "./status/protection-watch.ts";
export type { Cause, Status, StatusRecord, Tally } from "./status/status.ts";
export type { StatusListener } from "./status/status-emitter.ts";
