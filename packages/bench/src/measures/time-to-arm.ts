import { join } from "node:path";
import { Child } from "../harness/child-process.ts";
import { Rounds } from "../harness/compare-rounds.ts";
import type { Measure } from "../harness/measure-and-table-row.ts";
import { rotated } from "../harness/round-statistics.ts";

const contestants = ["bareBuiltin", "oursBuiltin", "bareWs", "oursWs"] as const;
const pairs = [
	{ mine: "oursBuiltin", theirs: "bareBuiltin", as: "by hand, built-in WebSocket" },
	{ mine: "oursWs", theirs: "bareWs", as: "by hand, `ws`" },
] as const;

interface Round {
	readonly p50Ms: number;
	readonly p99Ms: number;
	readonly cpuUs: number;
}

/** Measures the time from the call of connect until cancel-on-disconnect is switched on and read back. */
export const arm: Measure = {
	id: "arm",
	about:
		"Deribit, from the call to armed: connect, authenticate, set the heartbeat, enable cancel-on-disconnect and read it " +
		"back, each acknowledged before the next. The floor sends the same frames by hand on the same socket class.",
	boundMs: 180_000,
	async run({ quick, signal }) {
		// Many short rounds are better than a few long ones: a disturbance then spoils only a few rounds, which the median ignores, and in
		// these it affects all compared programs alike.
		const count = quick ? 50 : 100;
		const counted = quick ? 8 : 40;
		const server = await Child.start(join(import.meta.dirname, "../servers/deribit.ts"), "deribitServer");
		const url = await server.call<string>("url");
		const player = Child.each(join(import.meta.dirname, "../contestants/deribit.ts"));
		const rounds = new Rounds<(typeof contestants)[number], Round>(signal);
		// The first two rounds, -2 and -1, are warm-ups that are not counted.
		for (let round = -2; round < counted; round++) {
			for (const name of rotated(contestants, round + 2)) {
				const run = async (): Promise<Round> =>
					(await player(name)).call<Round>("arm", { url: `${url}?name=${name}`, count });
				await rounds.play(name, run, { counts: round >= 0 });
			}
		}
		const lines = (what: keyof Round, words: string, unit: string, target?: number) =>
			pairs.map((pair) => rounds.line({ measure: `connect → armed: ${words}`, ...pair, what, unit, target }));
		return [...lines("p50Ms", "p50", "ms", 1.15), ...lines("p99Ms", "p99", "ms"), ...lines("cpuUs", "CPU", "µs")];
	},
};
