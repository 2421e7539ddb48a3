/**
 * Prints how long waits take with a fast clock in a process, a worker, a worker with options of its own, and a child process. Used by
 * fast-clock.test.ts.
 *
 *   node fast-clock-program.ts <factor>
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { startFastClock } from "./fast-clock.ts";

const realMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/**
 * Measures how long a wait takes, in milliseconds, by the real clock and by the simulated clocks. The simulated clocks are read between two
 * readings of the real clock.
 */
async function measure(wait: (ms: number) => Promise<unknown>, ms: number) {
	const early = realMs();
	const began = { monotonic: performance.now(), wall: Date.now(), date: new Date() };
	const late = realMs();
	await wait(ms);
	const least = realMs() - late;
	const simulated = [
		performance.now() - began.monotonic,
		Date.now() - began.wall,
		Date.parse(new Date().toISOString()) - +began.date,
	];
	return { least, simulated, most: realMs() - early };
}

/** The ways in which programs wait. */
const waits: Readonly<Record<string, (ms: number) => Promise<unknown>>> = {
	setTimeout: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
	setInterval: (ms) =>
		new Promise<void>((resolve) => {
			let ticks = 0;
			const timer = setInterval(() => {
				ticks += 1;
				if (ticks < 10) return;
				clearInterval(timer);
				resolve();
			}, ms / 10);
		}),
	"timers/promises": (ms) => sleep(ms),
	promisified: (ms) => promisify(setTimeout)(ms),
	"AbortSignal.timeout": (ms) => once(AbortSignal.timeout(ms), "abort"),
	"socket.setTimeout": (ms) => once(new Socket().setTimeout(ms), "timeout"),
};

async function measureAll() {
	const measured: Record<string, Awaited<ReturnType<typeof measure>>> = {};
	// The interval keeps the thread alive, because AbortSignal.timeout does not.
	const alive = setInterval(() => undefined, 60_000);
	for (const [name, wait] of Object.entries(waits)) measured[name] = await measure(wait, 1_000);
	clearInterval(alive);
	const least = realMs();
	return { measured, least, wall: Date.now(), most: realMs() };
}

const [, program = "", factor] = process.argv;
if (!isMainThread) parentPort?.postMessage(await measureAll());
else if (factor === undefined) process.stdout.write(JSON.stringify(await measureAll()));
else {
	startFastClock(Number(factor));
	const child = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "inherit"] });
	let text = "";
	child.stdout.on("data", (chunk: Buffer) => {
		text += chunk.toString();
	});
	const [main, [worker], [workerWithOptions]] = await Promise.all([
		measureAll(),
		once(new Worker(program), "message"),
		once(new Worker(program, { execArgv: ["--disable-warning=ExperimentalWarning"] }), "message"),
		once(child, "close"),
	]);
	process.stdout.write(JSON.stringify({ main, worker, workerWithOptions, child: JSON.parse(text) }));
}
