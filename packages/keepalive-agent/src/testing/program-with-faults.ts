/**
 * The program `keepalive`, run from its sources, for tests. It causes a fault in itself when its parent process asks for it. With
 * `BROKEN_KEEPER=yes` in the environment, the thread that runs its sessions ends with an error at once.
 */
import { syncBuiltinESMExports } from "node:module";
import threads, { BroadcastChannel, Worker, type WorkerOptions } from "node:worker_threads";
import { clockFactor } from "./fast-clock.ts";

/** A fault that the parent process may ask for. */
export type Fault =
	/** Blocks the main thread for this many milliseconds. */
	| { readonly block: number }
	/** Blocks the thread that runs the sessions for this many milliseconds. */
	| { readonly blockWorker: number }
	/** Ends the thread that runs the sessions. */
	| "kill-worker";

let latest: Worker | undefined;
threads.Worker = class extends Worker {
	constructor(file: string | URL, options?: WorkerOptions) {
		const preload = ["--import", new URL("./worker-faults.ts", import.meta.url).href];
		const isKeeper = String(file).includes("keeper-worker");
		const isBroken = isKeeper && process.env["BROKEN_KEEPER"] === "yes";
		super(
			isBroken ? new URL("data:text/javascript,throw new Error('broken')") : file,
			isKeeper ? { ...options, execArgv: [...process.execArgv, ...preload] } : options,
		);
		if (isKeeper) latest = this;
	}
};
syncBuiltinESMExports();

process.on("message", (fault: Fault) => {
	if (fault === "kill-worker") void latest?.terminate();
	else if ("blockWorker" in fault) new BroadcastChannel("faults").postMessage(fault.blockWorker);
	else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, fault.block / clockFactor());
});
process.channel?.unref();

const { main } = await import("../main.ts");
process.exitCode = await main(process.argv.slice(2));
