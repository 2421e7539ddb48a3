import { type Measure, shown, type Verdict } from "../harness/measure-and-table-row.ts";
import { pause, startBybitPair } from "../harness/program-with-bybit-server.ts";
import { attempt, type Outcome } from "../harness/result-or-error.ts";
import { figure } from "../harness/round-statistics.ts";

const count = 12;

/** Measures how soon a client notices that the server has disappeared without closing the connection. */
export const halfOpen: Measure = {
	id: "half-open",
	about:
		"The server stops answering, one connection after another, while TCP stays up: how long until the client reconnects or " +
		"closes the connection. Twelve sessions each, each contestant at its own defaults.",
	boundMs: 200_000,
	overlaps: true,
	async run({ quick }) {
		const withinMs = quick ? 20_000 : 95_000;
		const [ours, bybitApi, ccxt] = await Promise.all([
			attempt(() => noticed("oursKeeper", withinMs)),
			attempt(() => noticed("bybitApi", withinMs)),
			attempt(() => noticed("ccxtBybit", withinMs)),
		]);
		const words = ({ value: times, fault }: Outcome<number[]>): string => {
			if (fault !== undefined) return "failed";
			if (times.length === 0) return `none of ${count} within ${withinMs / 1_000} s`;
			const { median, high } = figure(times);
			return `${times.length} of ${count}, median ${shown(median / 1_000)} s, worst ${shown(high / 1_000)} s`;
		};
		const line = (against: string, theirs: Outcome<number[]>, target: number): Verdict => {
			const judged = {
				measure: "half-open noticed, worst case",
				ours: words(ours),
				against: `${against}: ${words(theirs)}`,
				target: { atMost: target },
				unit: "x",
			};
			const faults = [ours, theirs].flatMap(({ fault }) => fault ?? []);
			if (ours.value === undefined || theirs.value === undefined) {
				return { ...judged, figure: undefined, note: `failed: ${faults.join("; ")}` };
			}
			// Missed dead connections must never make our result look better. If our keeper missed one, its worst case counts as infinite. If
			// the other library missed one, its worst case counts as `withinMs`, the length of the measurement, although it is longer.
			const mine = ours.value.length === count ? Math.max(...ours.value) : Number.POSITIVE_INFINITY;
			const all = theirs.value.length === count;
			const figured = { ...judged, figure: mine / (all ? Math.max(...theirs.value) : withinMs) };
			return all
				? figured
				: { ...figured, note: "or less: the other library did not notice every dead connection in time" };
		};
		return [line("bybit-api", bybitApi, 0.3), line("ccxt", ccxt, 0.1)];
	},
};

async function noticed(name: "oursKeeper" | "bybitApi" | "ccxtBybit", withinMs: number): Promise<number[]> {
	const { up, seen, server, end } = await startBybitPair(name);
	try {
		await up({ name: "s", count, waitMs: name === "ccxtBybit" ? 0 : 30_000 });
		const deadline = performance.now() + 15_000;
		while ((await seen()).signedIn.length < count && performance.now() < deadline) await pause(100);
		const { signedIn } = await seen();
		if (signedIn.length < count) throw new Error(`only ${signedIn.length} of ${count} sessions signed in`);
		await pause(2_000);
		for (let index = 0; index < count; index++) {
			await server.call("silence", { name: `s-${index}` });
			await pause(850);
		}
		const over = performance.now() + withinMs;
		while (Object.keys((await seen()).noticed).length < count && performance.now() < over) await pause(200);
		return Object.values((await seen()).noticed);
	} finally {
		await end();
	}
}
