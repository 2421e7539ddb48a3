import { join } from "node:path";
import type { Change, Line } from "../contestants/is-armed-recorders.ts";
import { ownRow } from "../harness/build-own-figure-row.ts";
import { Child } from "../harness/child-process.ts";
import { type Measure, shown, type Verdict } from "../harness/measure-and-table-row.ts";
import { type BybitPair, eventually, pause, peak, startBybitPair } from "../harness/program-with-bybit-server.ts";
import { attempt, type Outcome } from "../harness/result-or-error.ts";
import { quantile } from "../harness/round-statistics.ts";

type Name = "oursKeeper" | "bybitApi";
const names = ["oursKeeper", "bybitApi"] as const;

/** Bybit's default time window in milliseconds: Bybit cancels the orders when no connection has been subscribed for this long. */
const windowMs = 10_000;
const drops = 6;
/** The line drops once in this many milliseconds. */
const everyMs = 20_000;
const clients = 100;
/**
 * How many milliseconds sessions run before their connections are cut: longer than the 30 s after which the keeper counts a session as
 * stable.
 */
const stableMs = 32_000;

/**
 * Measures how soon sessions recover in two cases: the connection of one session drops again and again, or the connections of many
 * stable sessions drop once, all at the same time. The server accepts new connections at once.
 */
export const lineDrops: Measure = {
	id: "drops",
	about:
		`A Bybit session whose line drops every 20 s, ${drops} times: milliseconds from the drop until it is subscribed to \`dcp\` ` +
		`again, beside the window of ${windowMs / 1_000} s. And ${clients} sessions that have been alive for ${stableMs / 1_000} s, each as ` +
		"if on a machine of its own, all cut at once: the same time, and the most connection attempts within 10 ms. At Deribit, whose orders are gone " +
		"with each drop, the same line: until `isArmed` is true again.",
	boundMs: 300_000,
	overlaps: true,
	async run({ quick }) {
		const count = quick ? 2 : drops;
		const [flaps, cuts, atDeribit] = await Promise.all([
			bothOf((pair) => flap(pair, count)),
			bothOf(cutAll),
			attempt(() => flapAtDeribit(count)),
		]);
		const flapping = (
			figure: (times: readonly number[]) => number,
			what: string,
			unit: string,
			atMost: number,
		): Verdict => ownRow(`line drops every 20 s: ${what}`, flaps, listed, { figure, target: { atMost }, unit });
		const cut = (figure: (cut: Cut) => number, what: string, unit: string, atMost: number): Verdict =>
			ownRow(
				`${clients} stable sessions cut at once: ${what}`,
				cuts,
				(value) => `${shown(figure(value))} ${unit}`.trim(),
				{
					figure,
					target: { atMost },
					unit,
				},
			);
		return [
			flapping(
				(times) => times.filter((ms) => ms >= windowMs).length,
				`drops after which Bybit would have cancelled the orders, of ${count}`,
				"",
				0,
			),
			flapping((times) => Math.max(...times) / 1_000, "longest time until subscribed again", "s", 4),
			deribitRow(atDeribit),
			cut(({ againMs }) => quantile([...againMs], 0.5) / 1_000, "subscribed again, p50", "s", 0.3),
			cut(({ againMs }) => quantile([...againMs], 0.99) / 1_000, "subscribed again, p99", "s", 0.6),
			cut(({ peak }) => peak, "most connection attempts within 10 ms", "", 5),
		];
	},
};

interface Cut {
	/** For each session, the milliseconds from the cut until it was subscribed again. */
	readonly againMs: readonly number[];
	readonly peak: number;
}

const listed = (times: readonly number[]): string => `${times.map((ms) => shown(ms / 1_000)).join(", ")} s`;

async function bothOf<Value>(
	measure: (pair: BybitPair) => Promise<Value>,
): Promise<{ ours: Outcome<Value>; theirs: Outcome<Value>; as: string }> {
	const [ours, theirs] = (await Promise.all(
		names.map((name: Name) =>
			attempt(async () => {
				const pair = await startBybitPair(name);
				try {
					return await measure(pair);
				} finally {
					await pair.end();
				}
			}),
		),
		// The cast is safe: there are two names, so there are two outcomes.
	)) as [Outcome<Value>, Outcome<Value>];
	return { ours, theirs, as: "bybit-api" };
}

async function flap(pair: BybitPair, count: number): Promise<number[]> {
	await open(pair, 1);
	const times: number[] = [];
	for (let drop = 0; drop < count; drop++) {
		await pause(everyMs - ((times.at(-1) ?? 0) % everyMs));
		times.push(...(await cut(pair, 1)).againMs);
	}
	return times;
}

/** Resets the connection of a keeper at Deribit `count` times. Returns the milliseconds from each reset until `isArmed` was true again. */
async function flapAtDeribit(count: number): Promise<number[]> {
	const server = await Child.start(join(import.meta.dirname, "../servers/deribit.ts"), "deribitServer");
	const player = await Child.start(join(import.meta.dirname, "../contestants/is-armed-recorders.ts"), "deribitKeeper");
	try {
		const name = "flapping";
		const line: Line = { ws: await server.call<string>("url"), http: "", names: [name] };
		await player.call("up", line);
		const cutAt: number[] = [];
		for (let drop = 0; drop < count; drop++) {
			await pause(everyMs);
			cutAt.push(await server.call<number>("cut", { name }));
		}
		await pause(everyMs);
		const changes = (await player.call<Record<string, readonly Change[]>>("changes"))[name] ?? [];
		return cutAt.map((at) => (changes.find(([time, isArmed]) => time > at && isArmed)?.[0] ?? at + everyMs) - at);
	} finally {
		await player.end();
		await server.end();
	}
}

function deribitRow({ value, fault }: Outcome<number[]>): Verdict {
	return {
		measure: "line at Deribit drops every 20 s: longest time until armed again",
		ours: value ? listed(value) : "failed",
		against: "no other package says",
		figure: value && Math.max(...value) / 1_000,
		target: { atMost: 4 },
		unit: "s",
		...(fault !== undefined && { note: fault }),
	};
}

async function cutAll(pair: BybitPair): Promise<Cut> {
	await open(pair, clients);
	await pause(stableMs);
	return cut(pair, clients);
}

async function open({ up, seen }: BybitPair, count: number): Promise<void> {
	await up({ name: "s", count, waitMs: 60_000 });
	if (await eventually(async () => (await seen()).subscribed.length >= count, 30_000)) return;
	throw new Error("not all sessions subscribed within 30 s");
}

/** Resets all connections, and waits until `count` sessions are subscribed again. A session that takes longer than 40 s counts as 40 s. */
async function cut({ server, seen, now }: BybitPair, count: number): Promise<Cut> {
	const mostMs = 40_000;
	await server.call("forget");
	const cutAt = await now();
	await server.call("cut");
	await eventually(async () => (await seen()).subscribed.length >= count, mostMs);
	const { subscribed, connectionAttempts } = await seen();
	const againMs = Array.from({ length: count }, (_, index) => (subscribed[index] ?? cutAt + mostMs) - cutAt);
	return { againMs, peak: peak(connectionAttempts, 10) };
}
