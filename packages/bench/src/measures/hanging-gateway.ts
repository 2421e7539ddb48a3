import { seconds } from "../harness/build-own-figure-row.ts";
import type { Measure, Verdict } from "../harness/measure-and-table-row.ts";
import { pause } from "../harness/program-with-bybit-server.ts";
import { type GatewayPair, gatewayPairs } from "../harness/program-with-gateway.ts";
import { attempt, type Outcome } from "../harness/result-or-error.ts";

const contestants = ["bareFetch", "oursFetch", "oursGateway", "ibkrClient"] as const;
const kinds = [
	["none", "no answer"],
	["drip", "one byte a second"],
] as const;
type Kind = (typeof kinds)[number][0];
/** For each kind of hang, how many milliseconds passed until the call ended; undefined if it did not end in time. */
type Ended = Record<Kind, number | undefined>;

/**
 * What the keeper reported about its session. `calledAliveMs`: for how long the keeper still reported `alive` after the gateway had
 * stopped answering. `aliveAgainMs`: how soon the keeper reported `alive` after the gateway answered again. A member is undefined if
 * its time was longer than 60 s.
 */
interface Kept {
	readonly calledAliveMs: number | undefined;
	readonly aliveAgainMs: number | undefined;
}

/** Measures how long HTTP calls take when the gateway does not answer. */
export const hang: Measure = {
	id: "hang",
	about:
		"IBKR's tickle when the gateway gives no answer, and when it gives one byte a second; watched for 20 s each. And the keeper " +
		"at its defaults, at a gateway that gives no answer for 60 s: how long the session is called alive, and when it is again.",
	boundMs: 180_000,
	overlaps: true,
	async run() {
		const pairOf = gatewayPairs();
		const calls = contestants.map((name) => attempt(async () => measureHang(await pairOf(name))));
		const keeping = attempt(async () => measureKeeper(await pairOf("oursKeeper")));
		const outcomes = await Promise.all(calls);
		const [bareFetch, oursFetch, oursGateway, ibkrClient] = outcomes;
		const said = (outcome: Outcome<Ended> | undefined, kind: Kind): string =>
			outcome?.value === undefined ? "failed" : seconds(outcome.value[kind], "still waiting");
		const faults = outcomes.flatMap(({ fault }) => fault ?? []);
		const rows = kinds.map(([kind, words]): Verdict => {
			const ours = [oursFetch, oursGateway].map((outcome) => outcome?.value?.[kind] ?? Number.POSITIVE_INFINITY);
			return {
				measure: `HTTP, ${words}: ended after`,
				ours: `gateway: ${said(oursGateway, kind)}, fetch: ${said(oursFetch, kind)}`,
				against: `fetch: ${said(bareFetch, kind)}, ibkr-client: ${said(ibkrClient, kind)}`,
				figure: Math.max(...ours) / 1_000,
				target: { atMost: 13 },
				unit: "s",
				note: ["our deadline of a whole call is 12 s", ...faults.map((fault) => `failed: ${fault}`)].join("; "),
			};
		});
		return [...rows, ...keeperRows(await keeping)];
	},
};

function keeperRows({ value, fault }: Outcome<Kept>): Verdict[] {
	const row = (measure: string, ms: number | undefined, atMost: number): Verdict => ({
		measure,
		ours: fault === undefined ? seconds(ms, "not in 60 s") : "failed",
		against: "a tickle a minute without a deadline: never noticed",
		figure: fault === undefined ? (ms ?? Number.POSITIVE_INFINITY) / 1_000 : undefined,
		target: { atMost },
		unit: "s",
		...(fault !== undefined && { note: `failed: ${fault}` }),
	});
	return [
		row("gateway hangs for 60 s: still called alive for", value?.calledAliveMs, 33),
		row("gateway hangs for 60 s: alive again after it answers", value?.aliveAgainMs, 23),
	];
}

async function measureKeeper({ server, player }: GatewayPair): Promise<Kept> {
	const until = async (state: "alive" | "late") =>
		(await player.call<{ ms?: number }>("until", { state, withinMs: 60_000 })).ms;
	await server.call("setAnswers", "none");
	const started = performance.now();
	const calledAliveMs = await until("late");
	await pause(60_000 - (performance.now() - started));
	await server.call("setAnswers", "whole");
	return { calledAliveMs, aliveAgainMs: await until("alive") };
}

async function measureHang({ server, player, gateway }: GatewayPair): Promise<Ended> {
	const ended: Ended = { none: undefined, drip: undefined };
	for (const [kind] of kinds) {
		await server.call("setAnswers", kind);
		ended[kind] = (await player.call<{ ms?: number }>("hang", { ...gateway, withinMs: 20_000 })).ms;
		await pause(100);
	}
	return ended;
}
