/** This module is loaded first in the thread that runs the sessions. It blocks that thread when the main thread asks for it. */
import { BroadcastChannel } from "node:worker_threads";
import { clockFactor } from "./fast-clock.ts";

const channel = new BroadcastChannel("faults");
channel.onmessage = ({ data }: { readonly data?: unknown }) => {
	Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(data) / clockFactor());
};
channel.unref();
