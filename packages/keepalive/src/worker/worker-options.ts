import { isObject } from "@x/base/objects";
import {
	array,
	checkOptions,
	func,
	integer,
	milliseconds,
	number,
	type OptionSchema,
	object,
	objectWith,
	optional,
	rule,
	secret,
	string,
} from "@x/base/option-schema";
import type { TokenBucketOptions } from "@x/base/rate-limiter";
import type { KeeperError } from "../keeper-error.ts";
import { isLogger, type Logger } from "../logger.ts";
import { type InheritedLimits, isKeeperLimits, type KeeperLimits } from "../session-limits.ts";

/** Settings of the worker's thread, which are passed to `new Worker()` of `node:worker_threads`. */
export interface WorkerThreadOptions {
	/** Limits of the memory of the thread. A worker that exceeds them dies, while your program continues to run. */
	readonly resourceLimits?: {
		readonly maxOldGenerationSizeMb?: number;
		readonly maxYoungGenerationSizeMb?: number;
		readonly codeRangeSizeMb?: number;
		readonly stackSizeMb?: number;
	};
	/** The `process.env` of the thread. Default: a copy of the program's `process.env`. */
	readonly env?: Readonly<Record<string, string>>;
	/** Command line options of Node.js for the thread, such as `--enable-source-maps`. Default: the options of the program. */
	readonly execArgv?: readonly string[];
}

/** Says why a worker has died, and whether another worker is started. */
export interface WorkerDeath {
	readonly error: KeeperError;
	/**
	 * Milliseconds until another worker is started. Missing when no other worker is started: the option `restart` is not set, or the
	 * keeper is stopping.
	 */
	readonly restartInMs?: number;
}

/** Options of `keepaliveInWorker`. */
export interface WorkerKeeperOptions {
	/**
	 * Starts a new worker when a worker has died: `burst` times, then once in `everyMs` milliseconds. An empty object means the
	 * defaults, 3 and 3 600 000. A new worker inherits how much of its limits each session has used (openings, connections,
	 * IBKR's session initializations of the day), and a wait that the venue asked for. Default: a worker that dies ends the
	 * keeper.
	 */
	readonly restart?: { readonly burst?: number; readonly everyMs?: number };
	/** Deadline for loading the worker's module, in milliseconds. Default 10 000. */
	readonly startTimeoutMs?: number;
	/** Settings of the thread. */
	readonly thread?: WorkerThreadOptions;
	/**
	 * Data for the worker's module, which gets a copy with `workerInput()`: anything that `structuredClone` accepts. The data may hold
	 * secrets, which stay in the memory of this process.
	 */
	readonly data?: unknown;
	/**
	 * Receives in this thread what the keeper and its sessions log in the worker, unless the worker's module sets a logger of
	 * its own. While this thread is blocked, up to 1,000 messages wait; further messages are dropped, and the number of dropped
	 * messages is logged.
	 */
	readonly logger?: Logger;
	/**
	 * How much an earlier run of your program has used of the limits of the same sessions. The first worker continues from there.
	 * Default: nothing was used.
	 */
	readonly limits?: InheritedLimits;
	/**
	 * Called when the limits of a session may have changed (by an attempt, or by a wait that the venue asked for), and also every
	 * 10 s. Receives how much every session has used of its limits, so that your program can store this for its next start.
	 */
	readonly onLimitsUsed?: (limits: KeeperLimits) => void;
	/** Called when a worker has died, even if that worker was starting in place of an earlier one. */
	readonly onWorkerDeath?: (death: WorkerDeath) => void;
}

/** Options of a call to a function of the worker. */
export interface CallOptions {
	/** Deadline of the call, in milliseconds. A call that reaches the worker after its deadline is not run. Default 10 000. */
	readonly timeoutMs?: number;
	/** When this signal aborts, the call rejects with the signal's reason, and the signal of the function in the worker aborts too. */
	readonly signal?: AbortSignal;
}

const packageName = "@x/keepalive";

const schema = (): OptionSchema<WorkerKeeperOptions> => ({
	restart: optional(
		object<Partial<TokenBucketOptions>>({
			burst: optional(integer({ min: 1 })),
			everyMs: optional(milliseconds({ min: 1 })),
		}),
	),
	startTimeoutMs: optional(milliseconds()),
	thread: optional(
		object<WorkerThreadOptions>({
			resourceLimits: optional(
				object({
					maxOldGenerationSizeMb: optional(number({ min: 1 })),
					maxYoungGenerationSizeMb: optional(number({ min: 1 })),
					codeRangeSizeMb: optional(number({ min: 1 })),
					stackSizeMb: optional(number({ min: 1 })),
				}),
			),
			env: optional(secret(rule("an object of strings", isRecordOfStrings))),
			execArgv: optional(array(string())),
		}),
	),
	data: optional(secret(rule("anything", () => true))),
	logger: optional(rule("an object with the methods debug, info, warn and error", isLogger)),
	limits: optional(rule('"used-up" or { sessions, wasKilled }', isInheritedLimits)),
	onLimitsUsed: optional(func()),
	onWorkerDeath: optional(func()),
});

const callSchema = (): OptionSchema<CallOptions> => ({
	timeoutMs: optional(milliseconds()),
	signal: optional(objectWith<AbortSignal>("addEventListener")),
});

/** @throws OptionError for an option that is not known or not allowed. */
export function checkWorkerOptions(options: WorkerKeeperOptions): void {
	checkOptions<WorkerKeeperOptions>(packageName, schema(), options);
}

/** @throws OptionError for an option that is not known or not allowed. */
export function checkCallOptions(options: CallOptions): void {
	checkOptions<CallOptions>(packageName, callSchema(), options);
}

function isInheritedLimits(value: unknown): value is InheritedLimits {
	if (value === "used-up") return true;
	if (!isObject(value)) return false;
	return isKeeperLimits(value["sessions"]) && (!("wasKilled" in value) || typeof value["wasKilled"] === "boolean");
}

function isRecordOfStrings(value: unknown): boolean {
	return isObject(value) && Object.values(value).every((each) => typeof each === "string");
}
