import { keepalive, type Lease, type Session } from "@x/keepalive";
import { quantile } from "../harness/round-statistics.ts";

/** What a compared program runs: the number of sessions, the milliseconds between two beats of a session, and the length of the run. */
export interface Load {
	readonly count: number;
	readonly paceMs: number;
	readonly forMs: number;
	/** Whether other work keeps the event loop busy for half of the time. */
	readonly busy: boolean;
}

/** The measurements of a compared program's beats. */
export interface Beats {
	/** Number of beats of one session. */
	readonly beatsEach: number;
	/** How many milliseconds the last beat was too early or too late, compared with beats at exact intervals. */
	readonly driftMs: number;
	readonly latenessP99Ms: number;
	readonly heapBytesEach: number;
	readonly cpuMicros: number;
}

/**
 * Measures beats for `forMs`. `start` makes the compared program call `beat(index)` at each beat of a session, and returns a
 * function that ends the beats.
 */
async function measureBeats(
	{ count, paceMs, forMs, busy }: Load,
	start: (beat: (index: number) => void) => () => void,
) {
	const last = new Float64Array(count);
	const gaps: number[] = [];
	let beats = 0;
	let firstAt = 0;
	let firstBeats = 0;
	await collected();
	const heapBefore = process.memoryUsage().heapUsed;
	const end = start((index) => {
		const now = performance.now();
		if (index === 0) {
			beats += 1;
			if (firstAt === 0) {
				firstAt = now;
				firstBeats = beats;
			}
		}
		const before = last[index] ?? 0;
		// The interval between two beats is recorded for every tenth session only. Recording all of them would cost more than the measured
		// code.
		if (before > 0 && index % 10 === 0) gaps.push(now - before - paceMs);
		last[index] = now;
	});
	const heapBytesEach = (await settledHeap(heapBefore, paceMs)) / count;
	const cpu = process.cpuUsage();
	const stopBusy = busy ? keepBusy() : () => undefined;
	await new Promise((resolve) => setTimeout(resolve, forMs));
	const { user, system } = process.cpuUsage(cpu);
	stopBusy();
	const driftMs = Math.abs((last[0] ?? 0) - firstAt - (beats - firstBeats) * paceMs);
	end();
	const latenessP99Ms = quantile(gaps, 0.99);
	return { beatsEach: beats, driftMs, latenessP99Ms, heapBytesEach, cpuMicros: user + system } satisfies Beats;
}

async function collected(): Promise<void> {
	for (let round = 0; round < 3; round++) {
		globalThis.gc?.();
		await new Promise((resolve) => setTimeout(resolve, 10));
	}
}

async function settledHeap(before: number, paceMs: number): Promise<number> {
	await new Promise((resolve) => setTimeout(resolve, paceMs * 2.5));
	await collected();
	return process.memoryUsage().heapUsed - before;
}

/** Keeps the event loop busy for about half of the time, in blocks of 1 to 79 ms, which are the same in every run. */
function keepBusy(): () => void {
	let state = 42;
	let timer: NodeJS.Timeout;
	const stretch = (): void => {
		state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
		const ms = 1 + (state % 79);
		const until = performance.now() + ms;
		while (performance.now() < until);
		timer = setTimeout(stretch, ms);
	};
	timer = setTimeout(stretch, 1);
	return () => clearTimeout(timer);
}

/** Our keeper, with sessions that use no network: each of their calls returns at once. */
export function oursTimers() {
	return {
		run: (load: Load) =>
			measureBeats(load, (beat) => {
				const lease: Lease = {
					ttlMs: load.paceMs * 60,
					paceMs: load.paceMs,
					protection: { state: "unsupported", reason: "a session of the bench" },
				};
				const sessions = Array.from(
					{ length: load.count },
					(_, index): Session => ({
						name: String(index),
						handle: undefined,
						open: async () => lease,
						beat: async () => {
							beat(index);
							return lease;
						},
						close: async () => ({ orders: "unknown", detail: "" }),
					}),
				);
				// The keeper runs without jitter (`random` is 0), so that the exact time of each beat is known.
				const keeper = keepalive(sessions, { random: () => 0 });
				return () => void keeper.stop({ orders: "keep" });
			}),
	};
}

/**
 * The baseline: beats as they are usually written by hand. Each session has a `setInterval` for its beats, and a `setTimeout`
 * that each beat restarts.
 */
export function intervals() {
	return {
		run: (load: Load) =>
			measureBeats(load, (beat) => {
				const ends = Array.from({ length: load.count }, (_, index) => {
					let deadline = setTimeout(() => undefined, load.paceMs * 3);
					const interval = setInterval(() => {
						beat(index);
						clearTimeout(deadline);
						deadline = setTimeout(() => undefined, load.paceMs * 3);
					}, load.paceMs);
					return () => {
						clearInterval(interval);
						clearTimeout(deadline);
					};
				});
				return () => {
					for (const end of ends) end();
				};
			}),
	};
}
