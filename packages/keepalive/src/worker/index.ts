export { type InheritedLimits, isKeeperLimits, type KeeperLimits, moveLimits } from "../session-limits.ts";
export type { CallContext, CallFunctions } from "./callable-worker-functions.ts";
export { keepaliveInWorker } from "./keepalive-in-worker.ts";
export { type ServedKeeper, type ServeOptions, serveKeeper, workerInput } from "./serve-keeper.ts";
export type { WorkerKeeper } from "./worker-keeper.ts";
export type { CallArguments, CallResult, CallsOf, ServedModule, SessionNameOf } from "./worker-module-types.ts";
export type { CallOptions, WorkerDeath, WorkerKeeperOptions, WorkerThreadOptions } from "./worker-options.ts";
