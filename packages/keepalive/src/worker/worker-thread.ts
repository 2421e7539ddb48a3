import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { monotonicMs, neverAborted } from "@x/base/clock";
import type { Instant } from "@x/base/instant";
import { isTimeoutError, withTimeout } from "../deadline.ts";
import { KeeperError } from "../keeper-error.ts";
import type { KeeperLimits } from "../session-limits.ts";
import { causeOf, type StatusRecord } from "../status/status.ts";
import { unpackError } from "./packed-error.ts";
import { type ClockOrigin, SharedArmedState } from "./shared-armed-state.ts";
import {
	type BeatNews,
	type FromWorker,
	type Request,
	startKey,
	type ToWorker,
	type WorkerStart,
} from "./thread-messages.ts";
import type { WorkerThreadOptions } from "./worker-options.ts";

/** How long to wait until a thread has ended, in milliseconds. */
const endMs = 1_000;

/** The message with which a worker introduces itself. */
export type Hello = Extract<FromWorker, { type: "hello" }>;

/** What a worker thread reports to its keeper. */
export interface ThreadListener {
	/** Called when the worker is about to open its sessions. Returns the names of the sessions that the worker must not open. */
	onServe(): readonly string[];
	/** Called when the worker has introduced itself. Returns an error if the worker must not be used. */
	onHello(hello: Hello): KeeperError | undefined;
	onLog(entry: Extract<FromWorker, { type: "log" }>): void;
	onLimits(limits: KeeperLimits, at: Instant): void;
	onTallies(tallies: readonly BeatNews[], hello: Hello): void;
	onRecord(record: StatusRecord, error: Error | undefined): void;
	/** Called when a worker has died without being asked to end. Not called for a worker that had not introduced itself yet. */
	onDeath(error: KeeperError): void;
}

/** One worker thread, from its start to its end. Each wait for the worker ends at a deadline, or when the worker ends. */
export class WorkerThread {
	readonly hello: Hello;
	readonly words: SharedArmedState;
	readonly #worker: Worker;
	readonly #port: MessagePort;
	readonly #pending = new Map<number, PromiseWithResolvers<unknown>>();
	readonly #ended = new AbortController();
	#lastId = 0;

	private constructor(worker: Worker, port: MessagePort, hello: Hello, origin: ClockOrigin) {
		this.#worker = worker;
		this.#port = port;
		this.hello = hello;
		this.words = new SharedArmedState(hello.words, origin);
	}

	/**
	 * Starts a worker. Resolves once the worker serves a keeper.
	 *
	 * @param given - the start data of the worker, without what it needs to communicate with this thread.
	 * @param signal - when it aborts, the start and the worker end.
	 * @throws KeeperError (worker) with what its module threw as the cause; the signal's reason.
	 */
	static async start(
		url: URL,
		options: WorkerThreadOptions,
		timeoutMs: number,
		given: Omit<WorkerStart, "port" | "origin">,
		listener: ThreadListener,
		signal: AbortSignal,
	): Promise<WorkerThread> {
		const { port1, port2 } = new MessageChannel();
		const origin: ClockOrigin = { monotonicMs: monotonicMs(), wallMs: Date.now() };
		const start: WorkerStart = { port: port2, origin, ...given };
		const { execArgv, resourceLimits, env } = options;
		const worker = new Worker(url, {
			workerData: { [startKey]: start },
			transferList: [port2],
			...(resourceLimits && { resourceLimits }),
			...(env && { env: { ...env } }),
			...(execArgv && { execArgv: [...execArgv] }),
		});
		let thread: WorkerThread | undefined;
		let isServing = false;
		const earlyLogs: Extract<FromWorker, { type: "log" }>[] = [];
		const serving = new Promise<WorkerThread>((resolve, reject) => {
			const fail = (error: KeeperError): void => {
				reject(error);
				if (!thread) return;
				if (thread.#end(error)) listener.onDeath(error);
			};
			worker.on("error", (error) => fail(deathBy(error)));
			worker.on("exit", (code) => fail(endedBy(code, thread !== undefined)));
			port1.on("message", (message: FromWorker) => {
				if (message.type === "clock") {
					port1.postMessage(clockNow());
					if (isServing) return;
					isServing = true;
					const serve: ToWorker = { type: "serve", stopped: listener.onServe() };
					return port1.postMessage(serve);
				}
				if (message.type !== "hello") {
					if (thread) thread.#onMessage(message, listener);
					// The first log messages of the worker's keeper arrive before the message `hello`, so they are kept until then.
					else if (message.type === "log") earlyLogs.push(message);
					return;
				}
				// The thread object is made in this listener, not by the code that awaits the promise: further messages may arrive
				// in the same turn of the event loop, before that code runs.
				const refusal = listener.onHello(message);
				if (refusal) return fail(refusal);
				thread = new WorkerThread(worker, port1, message, origin);
				for (const entry of earlyLogs) thread.#onMessage(entry, listener);
				resolve(thread);
			});
		});
		try {
			return await withTimeout(timeoutMs, signal, "starting the worker", () => serving);
		} catch (error) {
			port1.close();
			await endWorker(worker);
			if (!isTimeoutError(error)) throw error;
			const hint = "Does its module call serveKeeper()?";
			throw new KeeperError("worker", `the worker did not start within ${timeoutMs} ms. ${hint}`);
		}
	}

	/** Aborts when the worker has ended; its reason says why. */
	get ended(): AbortSignal {
		return this.#ended.signal;
	}

	/**
	 * Asks the worker to do something.
	 *
	 * @param signal - the signal of the caller: when it aborts, the request rejects with the signal's reason, and the worker is told to
	 * abort the request.
	 * @throws the error that the worker answered with; KeeperError (worker) when the worker does not answer within `ms` or ends before.
	 */
	async request(request: Request, ms: number, signal: AbortSignal = neverAborted): Promise<unknown> {
		this.#ended.signal.throwIfAborted();
		signal.throwIfAborted();
		this.#lastId += 1;
		const id = this.#lastId;
		const answer = Promise.withResolvers<unknown>();
		// Avoids an unhandled rejection: the answer may be an error that comes when nobody waits for it any longer.
		answer.promise.catch(() => undefined);
		this.#pending.set(id, answer);
		try {
			this.#post({ type: "request", id, request });
			return await withTimeout(ms, signal, request.name, () => answer.promise);
		} catch (error) {
			if (signal.aborted && !this.#ended.signal.aborted) this.#post({ type: "abort", id });
			if (!isTimeoutError(error)) throw error;
			// After the event loop was blocked, this timer fires before an answer that has already arrived is read, so give messages
			// time to be read.
			for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
			const silence = new KeeperError("worker", `the worker did not answer within ${ms} ms`);
			return await Promise.race([answer.promise, Promise.reject(silence)]);
		} finally {
			this.#pending.delete(id);
		}
	}

	/**
	 * Ends the worker. Its connections end with it, as if the program had died. Waits at most a second for the end, because native
	 * code cannot be interrupted.
	 */
	async terminate(reason: KeeperError): Promise<void> {
		this.#end(reason);
		await endWorker(this.#worker);
	}

	/** Marks the worker as ended. Returns false if it was marked before. */
	#end(reason: KeeperError): boolean {
		if (this.#ended.signal.aborted) return false;
		this.#ended.abort(reason);
		this.#port.close();
		for (const { reject } of this.#pending.values()) reject(reason);
		return true;
	}

	#post(message: ToWorker): void {
		this.#port.postMessage(message);
	}

	#onMessage(message: Exclude<FromWorker, { type: "hello" | "clock" }>, listener: ThreadListener): void {
		if (this.#ended.signal.aborted) return;
		switch (message.type) {
			case "log":
				this.words.countReceived("logs");
				listener.onLog(message);
				break;
			case "limits":
				this.words.countReceived("limits");
				listener.onLimits(message.limits, message.at);
				break;
			case "tallies":
				this.words.countReceived("tallies");
				listener.onTallies(message.tallies, this.hello);
				break;
			case "record":
				this.words.countReceived("records");
				listener.onRecord(message.record, message.error && unpackError(message.error));
				break;
			case "reply":
				this.#pending.get(message.id)?.resolve(message.value);
				break;
			case "failed":
				this.#pending.get(message.id)?.reject(unpackError(message.error));
		}
	}
}

/** Ends a worker. Resolves once the worker has ended, or after a second if it is blocked in native code. Never rejects. */
async function endWorker(worker: Worker): Promise<void> {
	const end = async (): Promise<void> => void (await worker.terminate());
	await withTimeout(endMs, neverAborted, "ending the worker", end).catch(() => undefined);
}

function clockNow(): ToWorker {
	return { type: "clock", at: monotonicMs() };
}

function deathBy(error: unknown): KeeperError {
	return new KeeperError("worker", `the worker has died: ${causeOf(error).message}`, { cause: error });
}

function endedBy(code: number, hasServed: boolean): KeeperError {
	const hint = hasServed ? "" : ". Its module must call serveKeeper()";
	return new KeeperError("worker", `the worker ended with exit code ${code}${hint}`);
}
