import { join } from "node:path";
import type { Change, Line } from "../contestants/is-armed-recorders.ts";
import { Child } from "../harness/child-process.ts";
import { type Measure, shown, type Verdict } from "../harness/measure-and-table-row.ts";
import { pause } from "../harness/program-with-bybit-server.ts";
import { attempt, type Outcome } from "../harness/result-or-error.ts";
import { figure } from "../harness/round-statistics.ts";

const count = 12;
const venues = ["deribit", "bybit"] as const;
type Venue = (typeof venues)[number];
/**
 * How many milliseconds the sessions have been alive when the server falls silent: less (`cold`) or more (`warm`) than the 30 s after which
 * the keeper counts a session as stable.
 */
const ages = { cold: 3_000, warm: 32_000 } as const;
type Age = keyof typeof ages;

/**
 * For each session, the milliseconds from the moment when the server fell silent until `isArmed` was false, and until it was true again.
 */
interface Times {
	readonly unarmed: readonly number[];
	readonly armed: readonly number[];
}

/** Measures how soon the keeper's `isArmed` changes when the server no longer reads or answers on a connection, at two venues. */
export const silentLine: Measure = {
	id: "silent-line",
	about:
		"The server neither reads nor answers on one connection after another, while TCP stays up and new connections work: how long until " +
		"`isArmed` is false, and until it is true again. The keeper at defaults, twelve sessions at each venue, 3 s (cold) and 32 s (warm) after the start.",
	boundMs: 200_000,
	overlaps: true,
	async run({ quick }) {
		const played = quick ? (["cold"] as const) : (["cold", "warm"] as const);
		const cases = venues.flatMap((venue) => played.map((age) => [venue, age] as const));
		const outcomes = await Promise.all(cases.map(([venue, age]) => attempt(() => measure(venue, ages[age]))));
		return cases.flatMap(([venue, age], index) => linesOf(venue, age, outcomes[index]));
	},
};

function linesOf(venue: Venue, age: Age, outcome: Outcome<Times> | undefined): Verdict[] {
	const line = (what: string, times: readonly number[] | undefined, atMost: number): Verdict => {
		const judged = {
			measure: `silent line, ${venue}, ${age}: ${what}, worst`,
			against: "no other package says",
			unit: "s",
		};
		const target = { atMost };
		if (!times) return { ...judged, target, ours: "failed", figure: undefined, note: outcome?.fault ?? "not run" };
		const { median, high } = figure(times);
		const ours = `${times.length} of ${count}, median ${shown(median / 1_000)} s, worst ${shown(high / 1_000)} s`;
		return { ...judged, target, ours, figure: times.length === count ? high / 1_000 : Number.POSITIVE_INFINITY };
	};
	return [line("not armed", outcome?.value?.unarmed, 2.5), line("armed again", outcome?.value?.armed, 6)];
}

async function measure(venue: Venue, ageMs: number): Promise<Times> {
	const server = await Child.start(join(import.meta.dirname, `../servers/${venue}.ts`), `${venue}Server`);
	const player = await Child.start(join(import.meta.dirname, "../contestants/is-armed-recorders.ts"), `${venue}Keeper`);
	try {
		const addresses =
			venue === "deribit"
				? { ws: await server.call<string>("url"), http: "" }
				: await server.call<{ ws: string; http: string }>("addresses");
		const names = Array.from({ length: count }, (_, index) => `s-${index}`);
		const line: Line = { ...addresses, names };
		await player.call("up", line);
		await pause(ageMs);
		const silentAt = new Map<string, number>();
		for (const name of names) {
			silentAt.set(name, await server.call<number>("silence", { name }));
			// The pause is no multiple of the ping interval, so that the server falls silent at different points of that interval.
			await pause(850);
		}
		await pause(12_000);
		const changes = await player.call<Record<string, readonly Change[]>>("changes");
		const after = (name: string, isArmed: boolean): number[] => {
			const since = silentAt.get(name) ?? Number.NaN;
			const unarmed = changes[name]?.find(([at, is]) => at >= since && !is);
			const found = isArmed ? changes[name]?.find(([at, is]) => unarmed && at > unarmed[0] && is) : unarmed;
			return found ? [found[0] - since] : [];
		};
		return {
			unarmed: names.flatMap((name) => after(name, false)),
			armed: names.flatMap((name) => after(name, true)),
		};
	} finally {
		await player.end();
		await server.end();
	}
}
