import { Worker } from "node:worker_threads";
import { withDeadline } from "@x/base/clock";
import { errorName } from "@x/base/errors";
import { historyWorkerUrl } from "../read-own-package-files.ts";
import type { KeptHistory } from "./answer-history-calls.ts";
import { HistoryStoreError } from "./history-store.ts";
import type { HistoryCalls, HistoryReply, HistoryRequest, Opened } from "./history-thread-messages.ts";

/** Deadline for one call. It is long enough for the store itself to report a locked file or an unreachable server before the deadline. */
const callTimeoutMs = 10_000;
const maxHeapMb = 256;

interface Waiting {
	readonly settle: (reply: HistoryReply) => void;
}

/** Runs the history in a thread of its own, so that neither a slow disk nor a long query delays the thread that runs the sessions. */
export class HistoryThread {
	readonly #config: KeptHistory;
	readonly #onOpened: (opened: Opened) => void;
	readonly #waiting = new Map<number, Waiting>();
	#worker: Worker | undefined;
	#lastCall = 0;
	/** Calls that have timed out, although the thread may still be working on them. */
	readonly #overdue = new Set<number>();

	/** @param onOpened - is called when a call has opened the history's file or database, before that call settles. */
	constructor(config: KeptHistory, onOpened: (opened: Opened) => void) {
		this.#config = config;
		this.#onOpened = onOpened;
	}

	/** Makes a call to the thread, and starts the thread if it is not running. @throws HistoryStoreError */
	call<Method extends keyof HistoryCalls>(
		method: Method,
		args: HistoryCalls[Method]["args"],
		timeoutMs = callTimeoutMs,
	): Promise<HistoryCalls[Method]["result"]> {
		// New calls are refused while a call is overdue. Otherwise they would pile up while the thread waits for a disk that does not answer.
		if (this.#overdue.size > 0) return Promise.reject(new HistoryStoreError("does not answer"));
		this.#worker ??= this.#start();
		const worker = this.#worker;
		this.#lastCall += 1;
		const id = this.#lastCall;
		const onTimeout = (): HistoryStoreError => {
			this.#overdue.add(id);
			return new HistoryStoreError(`did not answer within ${timeoutMs} ms`);
		};
		return withDeadline({ ms: timeoutMs, onTimeout }, async () => {
			const reply = await new Promise<HistoryReply>((settle) => {
				this.#waiting.set(id, { settle });
				// The compiler cannot see that `args` belongs to `method`, but the parameter types ensure it, so the cast is safe.
				worker.postMessage({ id, method, args } as HistoryRequest);
			});
			if ("failure" in reply) throw new HistoryStoreError(reply.failure);
			// The cast is safe: the thread answers each method with the result type of that method.
			return reply.result as HistoryCalls[Method]["result"];
		});
	}

	/** Closes the history's file or database and ends the thread. Waits for the store for at most `timeoutMs`. */
	async close(timeoutMs: number): Promise<void> {
		if (!this.#worker) return;
		await this.call("close", undefined, timeoutMs).catch(() => undefined);
		// The end of the thread is not awaited: a thread that is inside a system call ends only when that call returns.
		void this.#worker?.terminate();
		this.#ended("was closed");
	}

	#start(): Worker {
		const worker = new Worker(historyWorkerUrl, {
			workerData: this.#config,
			// The flag hides the warning that node:sqlite is experimental, which Node.js prints once.
			execArgv: ["--disable-warning=ExperimentalWarning"],
			resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
		});
		worker.unref();
		worker.on("message", (reply: HistoryReply) => this.#settle(reply));
		worker.on("error", (error) => worker === this.#worker && this.#ended(`ended: ${errorName(error)}`));
		worker.on("exit", () => worker === this.#worker && this.#ended("ended"));
		return worker;
	}

	#settle(reply: HistoryReply): void {
		this.#overdue.delete(reply.id);
		const waiting = this.#waiting.get(reply.id);
		this.#waiting.delete(reply.id);
		if (reply.opened) this.#onOpened(reply.opened);
		waiting?.settle(reply);
	}

	#ended(how: string): void {
		this.#worker = undefined;
		this.#overdue.clear();
		for (const [id, { settle }] of [...this.#waiting]) {
			this.#waiting.delete(id);
			settle({ id, failure: `is not available: its thread ${how}` });
		}
	}
}
