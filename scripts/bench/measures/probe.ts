import { join } from "node:path";
import { figure, ratios, rotated } from "../harness/figures.ts";
import { Child } from "../harness/process.ts";
import { type Measure, spread, type Verdict } from "../harness/verdict.ts";
import type { ProbeRound } from "../servers/deribit.ts";

const contestants = ["bareBuiltin", "oursBuiltin", "bareWs", "oursWs", "deribitV2Ws"] as const;
type Name = (typeof contestants)[number];

interface Round extends ProbeRound {
	readonly cpuUs: number;
}

/** Deribit's `test_request`, answered in a closed loop. */
export const probe: Measure = {
	id: "probe",
	about:
		"Answering Deribit's `test_request`: the next question is asked when the one before is answered; the venue replies to " +
		"each answer. The floor is a handler on the same socket class that finds the question by its text and sends a constant.",
	boundMs: 180_000,
	async run({ quick }) {
		const count = quick ? 1_000 : 4_000;
		const rounds = quick ? 5 : 15;
		const folder = import.meta.dirname;
		const server = await Child.start(join(folder, "../servers/deribit.ts"), "deribitServer");
		const url = await server.call<string>("url");
		const players = new Map<Name, Child>();
		for (const name of contestants) {
			const player = await Child.start(join(folder, "../contestants/deribit.ts"), name);
			await player.call("connect", `${url}?name=${name}`);
			players.set(name, player);
		}
		const seen: Record<Name, Round[]> = { bareBuiltin: [], oursBuiltin: [], bareWs: [], oursWs: [], deribitV2Ws: [] };
		// The first round warms them up and does not count.
		for (let round = -1; round < rounds; round++) {
			for (const name of rotated(contestants, round + 1)) {
				const player = players.get(name);
				const before = (await player?.call<number>("cpuMicros")) ?? 0;
				const result = await server.call<ProbeRound>("probes", { name, count });
				const after = (await player?.call<number>("cpuMicros")) ?? 0;
				if (round >= 0) seen[name].push({ ...result, cpuUs: (after - before) / count });
			}
		}
		for (const player of [...players.values(), server]) await player.end();
		const of = (name: Name, what: "p50Us" | "p99Us" | "cpuUs"): number[] => seen[name].map((round) => round[what]);
		const line = (what: "p50Us" | "p99Us" | "cpuUs", words: string, target?: number) =>
			(
				[
					["oursBuiltin", "bareBuiltin", "a bare built-in WebSocket"],
					["oursWs", "bareWs", "a bare `ws`"],
					["oursWs", "deribitV2Ws", "deribit-v2-ws"],
				] as const
			).map(
				([mine, theirs, against]): Verdict => ({
					measure: `\`test_request\`: ${words}`,
					ours: spread(figure(of(mine, what)), "µs"),
					against: `${against}: ${spread(figure(of(theirs, what)), "µs")}`,
					figure: ratios(of(mine, what), of(theirs, what)),
					target: target === undefined ? undefined : { atMost: target },
					unit: "x",
				}),
			);
		return [...line("cpuUs", "CPU per answer", 1.15), ...line("p50Us", "p50", 1.15), ...line("p99Us", "p99")];
	},
};
