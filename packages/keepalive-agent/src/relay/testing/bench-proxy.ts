/** A process for the benchmark that only passes frames on, to show what any relay costs. It prints its URL. */
import { recordFrames } from "./recording-proxy.ts";

const recorder = await recordFrames(process.argv[2] ?? "");
setInterval(() => {
	recorder.sent.length = 0;
	recorder.received.length = 0;
}, 100);
process.stdout.write(`${recorder.url}\n`);
