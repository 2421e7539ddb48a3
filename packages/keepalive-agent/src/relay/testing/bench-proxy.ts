/** Passes frames on and does nothing else, in a process of its own, for the benchmark: what any relay costs. Prints its address. */
import { recordFrames } from "./frame-recorder.ts";

const recorder = await recordFrames(process.argv[2] ?? "");
setInterval(() => {
	recorder.sent.length = 0;
	recorder.received.length = 0;
}, 100);
process.stdout.write(`${recorder.url}\n`);
