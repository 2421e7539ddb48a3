/** For the benchmark: a process that only passes frames on. It shows what any relay costs. Prints its URL. */
import { recordFrames } from "./frame-recorder.ts";

const recorder = await recordFrames(process.argv[2] ?? "");
setInterval(() => {
	recorder.sent.length = 0;
	recorder.received.length = 0;
}, 100);
process.stdout.write(`${recorder.url}\n`);
