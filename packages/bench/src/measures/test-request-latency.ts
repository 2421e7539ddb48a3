import { join } from "node:path";
import { Child } from "../harness/child-process.ts";
import { Rounds } from "../harness/compare-rounds.ts";
import type { Measure } from "../harness/measure-and-table-row.ts";
import { rotated } from "../harness/round-statistics.ts";
import type { ProbeRound } from "../servers/deribit.ts";

const contestants = ["bareBuiltin", "oursBuiltin", "bareWs", "oursWs", "deribitV2Ws"] as const;
const pairs = [
	{ mine: "oursBuiltin", theirs: "bareBuiltin", as: "a bare built-in WebSocket" },
	{ mine: "oursWs", theirs: "bareWs", as: "a bare `ws`" },
	{ mine: "oursWs", theirs: "deribitV2Ws", as: "deribit-v2-ws" },
] as const;

interface Round extends ProbeRound {
	readonly cpuUs: number;
}

/**
 * Measures the cost of answering Deribit's `test_request`. The server sends the next `test_request` as soon as the previous one is
 * answered.
 */
export const probe: Measure = {
	id: "probe",
	about:
		"Answering Deribit's `test_request`: the next question is asked when the one before is answered; the venue replies to " +
		"each answer. The floor is a handler on the same socket class that finds the question by its text and sends a constant.",
	boundMs: 180_000,
	async run({ quick, signal }) {
		const count = quick ? 1_000 : 4_000;
		const counted = quick ? 5 : 15;
		const server = await Child.start(join(import.meta.dirname, "../servers/deribit.ts"), "deribitServer");
		const url = await server.call<string>("url");
		const player = Child.each(join(import.meta.dirname, "../contestants/deribit.ts"), (child, name) =>
			child.call("connect", `${url}?name=${name}`),
		);
		const rounds = new Rounds<(typeof contestants)[number], Round>(signal);
		// The first round, -1, is a warm-up that is not counted.
		for (let round = -1; round < counted; round++) {
			for (const name of rotated(contestants, round + 1)) {
				const run = async (): Promise<Round> => {
					const child = await player(name);
					const before = await child.call<number>("cpuMicros");
					const result = await server.call<ProbeRound>("probes", { name, count });
					return { ...result, cpuUs: ((await child.call<number>("cpuMicros")) - before) / count };
				};
				await rounds.play(name, run, { counts: round >= 0 });
			}
		}
		const lines = (what: keyof Round, words: string, target?: number) =>
			pairs.map((pair) => rounds.line({ measure: `\`test_request\`: ${words}`, ...pair, what, unit: "µs", target }));
		return [...lines("cpuUs", "CPU per answer", 1.15), ...lines("p50Us", "p50", 1.15), ...lines("p99Us", "p99")];
	},
};
