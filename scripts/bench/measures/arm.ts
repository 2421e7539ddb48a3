import { join } from "node:path";
import { figure, ratios, rotated } from "../harness/figures.ts";
import { Child } from "../harness/process.ts";
import { type Measure, spread, type Verdict } from "../harness/verdict.ts";

const contestants = ["bareBuiltin", "oursBuiltin", "bareWs", "oursWs"] as const;
type Name = (typeof contestants)[number];

interface Round {
	readonly p50Ms: number;
	readonly p99Ms: number;
	readonly cpuUs: number;
}

/** From the call to armed and read back, every frame acknowledged. */
export const arm: Measure = {
	id: "arm",
	about:
		"Deribit, from the call to armed: connect, authenticate, set the heartbeat, enable cancel-on-disconnect and read it " +
		"back, each acknowledged before the next. The floor sends the same frames by hand on the same socket class.",
	boundMs: 180_000,
	async run({ quick }) {
		const count = quick ? 50 : 200;
		const rounds = quick ? 4 : 12;
		const server = await Child.start(join(import.meta.dirname, "../servers/deribit.ts"), "deribitServer");
		const url = await server.call<string>("url");
		const seen: Record<Name, Round[]> = { bareBuiltin: [], oursBuiltin: [], bareWs: [], oursWs: [] };
		const players = new Map<Name, Child>();
		for (const name of contestants) {
			players.set(name, await Child.start(join(import.meta.dirname, "../contestants/deribit.ts"), name));
		}
		for (let round = -1; round < rounds; round++) {
			for (const name of rotated(contestants, round + 1)) {
				const result = await players.get(name)?.call<Round>("arm", { url: `${url}?name=${name}`, count });
				if (round >= 0 && result) seen[name].push(result);
			}
		}
		const of = (name: Name, what: keyof Round): number[] => seen[name].map((round) => round[what]);
		const lines = (what: keyof Round, words: string, unit: string, target?: number) =>
			(
				[
					["oursBuiltin", "bareBuiltin", "by hand, built-in WebSocket"],
					["oursWs", "bareWs", "by hand, `ws`"],
				] as const
			).map(
				([mine, theirs, against]): Verdict => ({
					measure: `connect → armed: ${words}`,
					ours: spread(figure(of(mine, what)), unit),
					against: `${against}: ${spread(figure(of(theirs, what)), unit)}`,
					figure: ratios(of(mine, what), of(theirs, what)),
					target: target === undefined ? undefined : { atMost: target },
					unit: "x",
				}),
			);
		return [...lines("p50Ms", "p50", "ms", 1.15), ...lines("p99Ms", "p99", "ms"), ...lines("cpuUs", "CPU", "µs")];
	},
};
