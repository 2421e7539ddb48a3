import { join } from "node:path";
import { Child } from "../harness/child-process.ts";
import { type Measure, shown, spread, type Verdict } from "../harness/measure-and-table-row.ts";
import { figure, rotated } from "../harness/round-statistics.ts";
import type { TimedProbes } from "../servers/deribit.ts";

const everyMs = 250;
const contestants = ["inThread", "inWorker"] as const;

/** Compares a keeper in a worker with a keeper in the main thread. */
export const worker: Measure = {
	id: "worker",
	about:
		"A keeper in a worker (`@x/keepalive/worker`) beside the same one in the main thread. `test_request` every 250 ms, 60 times, while " +
		"the main thread is blocked, and while it is idle; and orders one after the other, with the connection in the worker and in the main thread.",
	boundMs: 240_000,
	async run({ quick, signal }) {
		const probes = quick ? 20 : 60;
		const server = await Child.start(join(import.meta.dirname, "../servers/deribit.ts"), "deribitServer");
		const url = await server.call<string>("url");
		const player = Child.each(join(import.meta.dirname, "../contestants/keeper-in-worker.ts"), (child, name) =>
			child.call("connect", `${url}?name=${name}`),
		);
		const timed = (name: string): Promise<TimedProbes> =>
			server.call("timedProbes", { name, count: probes, everyMs }, 120_000);
		const idleThread = (await player("inThread")) && (await timed("inThread"));
		const idleWorker = (await player("inWorker")) && (await timed("inWorker"));

		const orders: Record<(typeof contestants)[number], number[]> = { inThread: [], inWorker: [] };
		// The first round, -1, is a warm-up that is not counted.
		for (let round = -1; round < (quick ? 2 : 9); round++) {
			for (const name of rotated(contestants, round + 1)) {
				signal.throwIfAborted();
				const p50Us = await (await player(name)).call<number>("orders", quick ? 500 : 2_000);
				if (round >= 0) orders[name].push(p50Us);
			}
		}

		const blocked = async (name: (typeof contestants)[number]): Promise<TimedProbes> => {
			const child = await player(name);
			const blocking = child.call("block", probes * everyMs + 500, 120_000);
			const answers = await timed(name);
			await blocking;
			return answers;
		};
		const blockedWorker = await blocked("inWorker");
		const blockedThread = await blocked("inThread");
		const within = ({ within100Ms }: TimedProbes): string => `${within100Ms} of ${probes}`;
		const latency = ({ p50Us, p99Us }: TimedProbes): string => `p50 ${shown(p50Us)} µs, p99 ${shown(p99Us)} µs`;
		const more = figure(orders.inWorker.map((us, round) => us - (orders.inThread[round] ?? Number.NaN)));
		return [
			{
				measure: "`test_request` while the main thread is blocked: answered within 100 ms",
				ours: `in a worker: ${within(blockedWorker)}`,
				against: `in the main thread: ${within(blockedThread)}`,
				figure: blockedWorker.within100Ms / probes,
				target: { atLeast: 1 },
				unit: "",
			},
			{
				measure: "`test_request` while the main thread is blocked: answered after, beside an idle main thread",
				ours: `in a worker, blocked: ${latency(blockedWorker)}; idle: ${latency(idleWorker)}`,
				against: `in the main thread, idle: ${latency(idleThread)}`,
				figure: blockedWorker.p50Us / idleThread.p50Us,
				target: undefined,
				unit: "x",
			},
			{
				measure: "an order, p50: what call() to a worker adds",
				ours: `by call(): ${spread(figure(orders.inWorker), "µs")}`,
				against: `in the main thread: ${spread(figure(orders.inThread), "µs")}`,
				figure: more,
				target: { atMost: 85 },
				unit: "µs",
			},
		] satisfies Verdict[];
	},
};
