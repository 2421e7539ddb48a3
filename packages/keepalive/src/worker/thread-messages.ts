import type { MessagePort } from "node:worker_threads";
import type { Instant } from "@x/base/instant";
import type { LogLevel } from "../logger.ts";
import type { StopOptions } from "../options.ts";
import type { OrdersOnClose } from "../session.ts";
import type { KeeperLimits } from "../session-limits.ts";
import type { StatusRecord, Tally } from "../status/status.ts";
import type { PackedError } from "./packed-error.ts";
import type { ClockOrigin } from "./shared-armed-state.ts";

/** The property of `workerData` that marks a worker as started by `keepaliveInWorker`. */
export const startKey = "@x/keepalive/worker";

/** The data that a worker is started with. */
export interface WorkerStart {
	readonly port: MessagePort;
	readonly origin: ClockOrigin;
	/** How much of the limits earlier workers, or an earlier run of the program, have used; `used-up` if nothing is known. */
	readonly inherited: KeeperLimits | "used-up";
	/** True when the previous worker or process was killed. See {@link InheritedLimits}. */
	readonly wasKilled: boolean;
	/**
	 * When the program last called `pulse()`, on the program's monotonic clock. Before the first call: when the program started
	 * its first worker. Only a worker that replaces another worker gets this time, so that it does not open the sessions of a
	 * program that hangs.
	 */
	readonly lastPulseAt?: number;
	/** The value of the option `data`, for the worker's module. */
	readonly data: unknown;
	/** Whether the program wants to get the log messages of the worker's keeper. */
	readonly forwardsLog: boolean;
}

/** What a program asks its worker to do. */
export type Request =
	| { readonly name: "stop"; readonly options: StopOptions }
	| { readonly name: "start"; readonly session: string | undefined }
	| { readonly name: "retry"; readonly session: string }
	| {
			readonly name: "call";
			readonly method: string;
			readonly argument: unknown;
			/** The deadline of the call, on the monotonic clock of the program's thread. */
			readonly deadline: number;
	  };

/** A message from the program to the worker. `at` is a time on the sender's monotonic clock. */
export type ToWorker =
	| { readonly type: "clock"; readonly at: number }
	/**
	 * Sent once, after the first `clock` message: the worker may open its sessions, except those that were stopped or have failed for good.
	 */
	| { readonly type: "serve"; readonly stopped: readonly string[] }
	| { readonly type: "request"; readonly id: number; readonly request: Request }
	| { readonly type: "abort"; readonly id: number };

/** What an acknowledged beat changes without causing a status record. */
export interface BeatNews {
	readonly tally: Tally;
	/** When the venue last confirmed the protection; missing while the session is not armed. */
	readonly verifiedAt?: number;
}

/** A message from the worker to the program. */
export type FromWorker =
	| {
			readonly type: "hello";
			readonly words: SharedArrayBuffer;
			readonly records: readonly StatusRecord[];
			readonly calls: readonly string[];
			readonly stopTimeoutMs: number;
			readonly ordersOnDispose: OrdersOnClose;
			readonly toleranceMs: number | undefined;
	  }
	/** Asks for the program's clock. */
	| { readonly type: "clock" }
	| { readonly type: "record"; readonly record: StatusRecord; readonly error?: PackedError }
	/**
	 * The limits of the sessions whose limits have changed. `at` is when the worker read the limits. `at.monotonicMs` is an
	 * estimate of the program's clock, and never too early. It is infinite until the worker knows that clock.
	 */
	| { readonly type: "limits"; readonly limits: KeeperLimits; readonly at: Instant }
	/** What beats have changed without causing a status record: one entry for each session, in the order of the sessions. */
	| { readonly type: "tallies"; readonly tallies: readonly BeatNews[] }
	| {
			readonly type: "log";
			readonly level: LogLevel;
			readonly message: string;
			readonly fields?: Readonly<Record<string, unknown>>;
			/** How many log messages were dropped since the previous log message. */
			readonly dropped: number;
	  }
	| { readonly type: "reply"; readonly id: number; readonly value: unknown }
	| { readonly type: "failed"; readonly id: number; readonly error: PackedError };
