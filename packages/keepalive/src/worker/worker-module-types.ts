import type { CallFunctions } from "./callable-worker-functions.ts";
import type { ServedKeeper } from "./serve-keeper.ts";
import type { CallOptions } from "./worker-options.ts";

/** A worker's module whose default export is the result of `serveKeeper`. */
export interface ServedModule {
	readonly default: ServedKeeper<string, CallFunctions>;
}

/** The names of the sessions of a worker's module. */
export type SessionNameOf<Module extends ServedModule> =
	Module["default"] extends ServedKeeper<infer Name, CallFunctions> ? Name : string;

/** The functions of a worker's module that the program may call. */
export type CallsOf<Module extends ServedModule> = Module["default"]["calls"];

/**
 * The parameters of `call` after the name of the function: the argument, which may be left out if the function has none, and the options.
 */
export type CallArguments<Call> = Call extends (...parameters: infer Parameters) => unknown
	? Parameters extends readonly []
		? [argument?: undefined, options?: CallOptions]
		: [argument: Parameters[0], options?: CallOptions]
	: never;

/** The type of the value with which a call resolves. */
export type CallResult<Call> = Call extends (...parameters: never) => infer Result ? Awaited<Result> : never;
