import { join } from "node:path";
import type { Fleet } from "../contestants/bybit.ts";
import { figure, ratios, rotated } from "../harness/figures.ts";
import { Child } from "../harness/process.ts";
import { type Measure, spread, type Verdict } from "../harness/verdict.ts";
import type { Seen } from "../servers/bybit.ts";

const contestants = ["byHand", "oursClient", "oursKeeper", "bybitApi"] as const;
type Name = (typeof contestants)[number];

interface Round {
	readonly rssKb: number;
	readonly heapKb: number;
	readonly cpuUs: number;
}

interface Memory {
	readonly rss: number;
	readonly heap: number;
}

/** Bybit: what one more session costs, and a ping. */
export const sessions: Measure = {
	id: "sessions",
	about:
		"Bybit private sessions on `ws`, authenticated, subscribed to `dcp.future` and pinging every 2 s: memory of each " +
		"further session after a forced collection, and CPU per ping at that many. By hand: `ws`, one interval each, no deadline.",
	boundMs: 600_000,
	async run({ quick }) {
		const count = quick ? 100 : 1_000;
		const rounds = quick ? 1 : 3;
		const windowMs = quick ? 4_000 : 10_000;
		const seen: Record<Name, Round[]> = { byHand: [], oursClient: [], oursKeeper: [], bybitApi: [] };
		for (let round = 0; round < rounds; round++) {
			for (const name of rotated(contestants, round)) seen[name].push(await one(name, count, windowMs));
		}
		const of = (name: Name, what: keyof Round): number[] => seen[name].map((each) => each[what]);
		const line = (
			mine: Name,
			theirs: Name,
			what: keyof Round,
			words: string,
			unit: string,
			target?: number,
		): Verdict => ({
			measure: `${words} at ${count} (${mine})`,
			ours: spread(figure(of(mine, what)), unit),
			against: `${theirs}: ${spread(figure(of(theirs, what)), unit)}`,
			figure: ratios(of(mine, what), of(theirs, what)),
			target: target === undefined ? undefined : { atMost: target },
			unit: "x",
		});
		return [
			line("oursClient", "byHand", "rssKb", "RSS per further session", "kB", 1.25),
			line("oursClient", "bybitApi", "rssKb", "RSS per further session", "kB", 0.75),
			line("oursKeeper", "bybitApi", "rssKb", "RSS per further session", "kB"),
			line("oursClient", "byHand", "heapKb", "heap per further session", "kB", 1.25),
			line("oursClient", "bybitApi", "heapKb", "heap per further session", "kB", 0.75),
			line("oursKeeper", "bybitApi", "heapKb", "heap per further session", "kB"),
			line("oursClient", "byHand", "cpuUs", "CPU per ping", "µs", 1.3),
			line("oursClient", "bybitApi", "cpuUs", "CPU per ping", "µs", 0.75),
			line("oursKeeper", "bybitApi", "cpuUs", "CPU per ping", "µs"),
		];
	},
};

async function one(name: Name, count: number, windowMs: number): Promise<Round> {
	const server = await Child.start(join(import.meta.dirname, "../servers/bybit.ts"), "bybitServer");
	const addresses = await server.call<{ ws: string; http: string }>("addresses");
	const player = await Child.start(join(import.meta.dirname, "../contestants/bybit.ts"), name);
	const fleet: Omit<Fleet, "name" | "count"> = { ...addresses, pingMs: 2_000, waitMs: 60_000 };
	await player.call("up", { ...fleet, name: "first", count: 1 });
	const before = await player.call<Memory>("memory");
	await player.call("up", { ...fleet, name: "more", count }, 120_000);
	const after = await player.call<Memory>("memory");
	await server.call("forget");
	const cpuBefore = await player.call<number>("cpuMicros");
	await new Promise((resolve) => setTimeout(resolve, windowMs));
	const { pings } = await server.call<Seen>("seen");
	const cpuAfter = await player.call<number>("cpuMicros");
	await player.end();
	await server.end();
	return {
		rssKb: (after.rss - before.rss) / count / 1_024,
		heapKb: (after.heap - before.heap) / count / 1_024,
		cpuUs: (cpuAfter - cpuBefore) / pings,
	};
}
