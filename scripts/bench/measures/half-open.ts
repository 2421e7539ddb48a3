import { figure } from "../harness/figures.ts";
import { pause, stage } from "../harness/stage.ts";
import { type Measure, shown, type Verdict } from "../harness/verdict.ts";

const contestants = ["oursKeeper", "bybitApi", "ccxtBybit"] as const;
const count = 12;

/** A peer that went away without a word. */
export const halfOpen: Measure = {
	id: "half-open",
	about:
		"The server falls silent, connection by connection at different moments, and TCP stays up: how long until the client " +
		"comes again or ends the line. Twelve sessions each, each contestant at its own defaults.",
	boundMs: 150_000,
	async run({ quick }) {
		const withinMs = quick ? 20_000 : 65_000;
		const results = await Promise.all(contestants.map((name) => noticed(name, withinMs)));
		const [ours = [], bybitApi = [], ccxt = []] = results;
		const words = (times: readonly number[]): string => {
			if (times.length === 0) return `none of ${count} within ${withinMs / 1_000} s`;
			const { median, high } = figure(times);
			return `${times.length} of ${count}, median ${shown(median / 1_000)} s, worst ${shown(high / 1_000)} s`;
		};
		const worst = (times: readonly number[]): number => (times.length === count ? Math.max(...times) : withinMs);
		const line = (against: string, theirs: readonly number[], target: number): Verdict => ({
			measure: "half-open noticed, worst case",
			ours: words(ours),
			against: `${against}: ${words(theirs)}`,
			figure: worst(ours) / worst(theirs),
			target: { atMost: target },
			unit: "x",
			...(theirs.length < count ? { note: "or less: not all of the other's were noticed in the time" } : {}),
		});
		return [line("bybit-api", bybitApi, 0.3), line("ccxt", ccxt, 0.1)];
	},
};

async function noticed(name: (typeof contestants)[number], withinMs: number): Promise<number[]> {
	const { up, seen, server, end } = await stage(name);
	await up({ name: "s", count, waitMs: name === "ccxtBybit" ? 0 : 30_000 });
	const deadline = performance.now() + 15_000;
	while ((await seen()).signedIn.length < count && performance.now() < deadline) await pause(100);
	await pause(2_000);
	for (let index = 0; index < count; index++) {
		await server.call("silence", { name: `s-${index}` });
		await pause(850);
	}
	const over = performance.now() + withinMs;
	while (Object.keys((await seen()).noticed).length < count && performance.now() < over) await pause(200);
	const times = Object.values((await seen()).noticed);
	await end();
	return times;
}
