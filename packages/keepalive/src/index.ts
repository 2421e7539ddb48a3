export { isOptionError, OptionError } from "@x/base/errors";
export type { TokenBucketOptions } from "@x/base/rate-limiter";
export { type ConnectionLimiter, slidingWindowLimiter } from "./connection-limiter.ts";
export { type Keeper, keepalive } from "./keeper.ts";
export { type BackoffOptions, backoffMs, defaultBackoff, type FailedAttempt } from "./loop/backoff.ts";
export type { GateOptions } from "./loop/health-gate.ts";
export type { KeeperOptions, ReadyOptions, StopOptions } from "./options.ts";
export type { Closed, Lease, OrdersOnClose, Protection, Session } from "./session.ts";
export {
	type Disposition,
	dispositionOf,
	isSessionError,
	type SessionAfterError,
	SessionError,
} from "./session-error.ts";
export type { Cause, Status, StatusRecord, Tally } from "./status/status.ts";
export type { StatusListener } from "./status/status-emitter.ts";
