import { join } from "node:path";
import type { Fleet } from "../contestants/bybit.ts";
import { Child } from "../harness/child-process.ts";
import { Rounds } from "../harness/compare-rounds.ts";
import type { Measure, Verdict } from "../harness/measure-and-table-row.ts";
import { requireOpenFiles } from "../harness/open-file-limit.ts";
import { figure, rotated } from "../harness/round-statistics.ts";
import type { Seen } from "../servers/bybit.ts";

const contestants = ["byHand", "byHandAtOnce", "oursClient", "oursKeeper", "bybitApi"] as const;
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

const keeperByHand = { mine: "oursKeeper", theirs: "byHandAtOnce", as: "by hand, all at once", cpu: 1.5 } as const;

/**
 * The compared programs. `memory` and `cpu` are targets: the highest allowed ratio of our figure to the figure of the other program. A row
 * without a target is only informative.
 */
const pairs: readonly { mine: Name; theirs: Name; as: string; memory?: number; cpu?: number }[] = [
	{ mine: "oursClient", theirs: "byHand", as: "by hand", memory: 1.25, cpu: 1.3 },
	{ mine: "oursClient", theirs: "bybitApi", as: "bybit-api", memory: 0.75, cpu: 0.75 },
	keeperByHand,
	{ mine: "oursKeeper", theirs: "bybitApi", as: "bybit-api" },
];

/** The keeper's target: the highest CPU time per ping, in microseconds. It is 0.65 times 168 µs, which an earlier version needed. */
const mostPingUs = 109;

/** Measures the memory of each further Bybit session, and the CPU time of a ping. */
export const sessions: Measure = {
	id: "sessions",
	about:
		"Bybit private sessions on `ws`, authenticated, subscribed to `dcp.future` and pinging every 2 s: memory of each " +
		"further session after a forced collection, and CPU per ping at that many. By hand: `ws`, one interval each, no " +
		"deadline. The client alone pings by one interval each too; the keeper reads the switch back as well, and opens all sessions at once, " +
		"so it is compared with that by hand: what an opening needs for a moment stays in the RSS.",
	boundMs: 600_000,
	async run({ quick, signal }) {
		const count = quick ? 100 : 1_000;
		const windowMs = quick ? 4_000 : 10_000;
		// A session may need a WebSocket and an HTTP socket, both in the process of the compared program and in that of the server.
		requireOpenFiles(count * 3 + 500);
		const rounds = new Rounds<Name, Round>(signal);
		for (let round = 0; round < (quick ? 1 : 3); round++) {
			for (const name of rotated(contestants, round)) await rounds.play(name, () => one(name, count, windowMs));
		}
		const lines = (what: keyof Round, words: string, unit: string, target: "memory" | "cpu"): Verdict[] =>
			pairs.map((pair) => {
				const who = pair.mine === "oursClient" ? "the client" : "the keeper";
				return rounds.line({ ...pair, measure: `${words} at ${count}, ${who}`, what, unit, target: pair[target] });
			});
		/** A row with the keeper's own figure, whose target is not a ratio. */
		const own = (what: keyof Round, words: string, unit: string, atMost: number): Verdict => {
			const line = rounds.line({
				...keeperByHand,
				measure: `${words} at ${count}, the keeper alone`,
				what,
				unit,
			});
			const values = rounds.of("oursKeeper", what);
			return { ...line, figure: values.length === 0 ? undefined : figure(values), target: { atMost }, unit };
		};
		return [
			own("rssKb", "RSS per further session", "kB", 100),
			own("heapKb", "heap per further session", "kB", 20),
			own("cpuUs", "CPU per ping", "µs", mostPingUs),
			...lines("rssKb", "RSS per further session", "kB", "memory"),
			...lines("heapKb", "heap per further session", "kB", "memory"),
			...lines("cpuUs", "CPU per ping", "µs", "cpu"),
		];
	},
};

async function one(name: Name, count: number, windowMs: number): Promise<Round> {
	const server = await Child.start(join(import.meta.dirname, "../servers/bybit.ts"), "bybitServer");
	let player: Child | undefined;
	try {
		const addresses = await server.call<{ ws: string; http: string }>("addresses");
		player = await Child.start(join(import.meta.dirname, "../contestants/bybit.ts"), name);
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
		// If fewer than 80 % of the expected pings arrived, some sessions were down, and the figures would look better than they are.
		const due = (count * windowMs) / 2_000;
		if (pings < due * 0.8) throw new Error(`only ${pings} of ${due} pings received: some sessions were down`);
		return {
			rssKb: (after.rss - before.rss) / count / 1_024,
			heapKb: (after.heap - before.heap) / count / 1_024,
			cpuUs: (cpuAfter - cpuBefore) / pings,
		};
	} finally {
		await player?.end();
		await server.end();
	}
}
