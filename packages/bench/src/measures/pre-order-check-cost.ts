import { join } from "node:path";
import { type CallCost, checks } from "../contestants/pre-order-checks.ts";
import { Child } from "../harness/child-process.ts";
import { type Measure, spread, type Verdict } from "../harness/measure-and-table-row.ts";
import { figure } from "../harness/round-statistics.ts";

const file = join(import.meta.dirname, "../contestants/pre-order-checks.ts");

/** Measures the cost of the check before each order. */
export const orderCheck: Measure = {
	id: "order-check",
	about:
		"The check before each order, while the session is armed: the fastest of 20 batches, and the bytes that a call leaves on the heap. Against reading both clocks, whose two numbers are objects on the heap.",
	boundMs: 120_000,
	async run({ quick, signal }) {
		const calls = quick ? 20_000 : 100_000;
		const rounds: Record<(typeof checks)[number], CallCost>[] = [];
		const clocks: CallCost[] = [];
		for (let round = 0; round < (quick ? 1 : 5); round++) {
			signal.throwIfAborted();
			rounds.push(await once("oursOrderCheck", calls));
			clocks.push(await once("bothClocks", calls));
		}
		const against = `both clocks: ${spread(figure(clocks.map(({ nanoseconds }) => nanoseconds)), "ns")}`;
		const clockBytes = figure(clocks.map(({ bytes }) => bytes));
		return checks.flatMap((check): Verdict[] => {
			const costs = rounds.map((round) => round[check]);
			const time = figure(costs.map(({ nanoseconds }) => nanoseconds));
			const bytes = figure(costs.map((one) => one.bytes));
			const more = figure(costs.map((one, round) => one.bytes - (clocks[round]?.bytes ?? 0)));
			return [
				{
					measure: check,
					ours: spread(time, "ns"),
					against,
					figure: time,
					target: { atMost: check.endsWith("worker") ? 100 : 500 },
					unit: "ns",
				},
				{
					measure: `${check}: bytes a call, and beyond the clocks`,
					ours: spread(bytes, "B"),
					against: `both clocks: ${spread(clockBytes, "B")}`,
					figure: more,
					// The target is not 0 bytes: the JIT compiler may put a few bytes on the heap, and the measure cannot tell them from the
					// bytes of the calls.
					target: { atMost: 1 },
					unit: "B",
				},
			];
		});
	},
};

async function once<T>(name: string, calls: number): Promise<T> {
	const child = await Child.start(file, name);
	try {
		return await child.call<T>("run", calls, 60_000);
	} finally {
		await child.end();
	}
}
