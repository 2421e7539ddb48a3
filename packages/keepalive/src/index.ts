export { type BackoffOptions, backoffMs, defaultBackoff } from "./backoff.ts";
export { Keeper, keepalive, type StopOptions } from "./keeper.ts";
export type { KeeperOptions } from "./options.ts";
export type { ReadyOptions } from "./ready.ts";
export type { Closed, Lease, OrdersOnClose, Protection, Session } from "./session.ts";
export { type Disposition, dispositionOf, isSessionError, SessionError, type SessionFate } from "./session-error.ts";
export type { Cause, Status, StatusRecord, Tally } from "./status.ts";
export type { StatusListener } from "./status-feed.ts";
