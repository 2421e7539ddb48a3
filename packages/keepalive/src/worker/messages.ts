import type { MessagePort } from "node:worker_threads";
import type { Instant } from "@x/base/instant";
import type { LogLevel } from "../logger.ts";
import type { StopOptions } from "../options.ts";
import type { OrdersOnClose } from "../session.ts";
import type { KeeperLimits } from "../session-limits.ts";
import type { StatusRecord, Tally } from "../status/status.ts";
import type { PackedError } from "./packed-error.ts";
import type { ClockOrigin } from "./shared-armed-state.ts";

/** The member of `workerData` that marks a worker as the worker of a keeper. */
export const startKey = "@x/keepalive/worker";

/** What a worker is started with. */
export interface WorkerStart {
	readonly port: MessagePort;
	readonly origin: ClockOrigin;
	/** The limits that earlier workers, or an earlier program, have left; `used-up` when nothing is known. */
	readonly inherited: KeeperLimits | "used-up";
	/** See {@link InheritedLimits}. */
	readonly wasKilled: boolean;
	/**
	 * When the program last gave a pulse, or started the first worker, on the monotonic clock of the program. Missing for the first worker.
	 */
	readonly lastPulseAt?: number;
	/** The option `data`, for the worker's module. */
	readonly data: unknown;
	/** Whether the program wants what the keeper logs. */
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
			/** When the call has to end, on the monotonic clock of the program's thread. */
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

/** What a beat changes without a new status record. */
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
	 * The limits of the sessions whose limits have changed. `at` is when the limits were read: its `monotonicMs` is on the program's clock,
	 * rather too late than too early, and infinite before the worker knows that clock.
	 */
	| { readonly type: "limits"; readonly limits: KeeperLimits; readonly at: Instant }
	/** What beats have changed without a new status record, in the order of the sessions. */
	| { readonly type: "tallies"; readonly tallies: readonly BeatNews[] }
	| {
			readonly type: "log";
			readonly level: LogLevel;
			readonly message: string;
			readonly fields?: Readonly<Record<string, unknown>>;
			/** How many log messages before this one were dropped. */
			readonly dropped: number;
	  }
	| { readonly type: "reply"; readonly id: number; readonly value: unknown }
	| { readonly type: "failed"; readonly id: number; readonly error: PackedError };
