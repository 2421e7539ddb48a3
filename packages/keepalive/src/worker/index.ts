export type { CallContext, CallFunctions } from "./calls.ts";
export { type ServedKeeper, type ServeOptions, serveKeeper } from "./serve-keeper.ts";
export {
	type CallArguments,
	type CallResult,
	type CallsOf,
	keepaliveInWorker,
	type ServedModule,
	type SessionNameOf,
	type WorkerKeeper,
} from "./worker-keeper.ts";
export type { CallOptions, WorkerKeeperOptions, WorkerThreadOptions } from "./worker-options.ts";
