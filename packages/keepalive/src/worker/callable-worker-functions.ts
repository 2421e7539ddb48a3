import { neverAborted } from "@x/base/clock";
import { sentence } from "@x/base/errors";
import { isTimeoutError, withTimeout } from "../deadline.ts";
import { KeeperError } from "../keeper-error.ts";
import { causeOf } from "../status/status.ts";

/** What a function that the program calls in the worker gets besides its argument. */
export interface CallContext {
	/** Aborts when the caller aborts, or at the deadline of the call. */
	readonly signal: AbortSignal;
}

/** Functions that the program may call, by name. Arguments and results must be data that `structuredClone` accepts. */
export type CallFunctions = Readonly<Record<string, (argument: never, context: CallContext) => unknown>>;

/** Runs, in the worker, the functions that the program calls. */
export class Calls {
	readonly #functions: ReadonlyMap<string, (argument: unknown, context: CallContext) => unknown>;
	readonly #running = new Map<number, AbortController>();

	constructor(functions: CallFunctions) {
		// The cast is safe: where the program calls the function, the types of the worker's module check the argument.
		this.#functions = new Map(
			Object.entries(functions).map(([name, run]) => [
				name,
				run as (argument: unknown, context: CallContext) => unknown,
			]),
		);
	}

	get names(): readonly string[] {
		return [...this.#functions.keys()];
	}

	/**
	 * @param ms - milliseconds until the deadline of the call.
	 * @throws KeeperError that says whether the function may have done its work.
	 */
	async run(id: number, method: string, argument: unknown, ms: number): Promise<unknown> {
		const call = this.#functions.get(method);
		if (!call) throw new KeeperError("call-refused", `call ${method} failed: the worker has no such function`);
		if (ms <= 0) {
			throw new KeeperError("call-refused", `call ${method} was not run: its deadline passed before the worker got it`);
		}
		const aborted = new AbortController();
		this.#running.set(id, aborted);
		try {
			const work = async (signal: AbortSignal): Promise<unknown> => call(argument, { signal });
			return await withTimeout(ms, neverAborted, `call ${method}`, work, aborted.signal);
		} catch (error) {
			if (isTimeoutError(error) || aborted.signal.aborted) throw unknownResult(method, causeOf(error).message);
			throw new KeeperError("call-failed", `call ${method} failed: ${causeOf(error).message}`, { cause: error });
		} finally {
			this.#running.delete(id);
		}
	}

	abort(id: number): void {
		this.#running.get(id)?.abort(new Error("@x/keepalive: the caller aborted the call"));
	}
}

/** The error of a call whose outcome is unknown: the function may have done its work or not. */
export function unknownResult(method: string, reason: string): KeeperError {
	return new KeeperError(
		"call-unknown",
		`call ${method} has no result: ${sentence(reason)} The function may have run: check the orders.`,
	);
}
