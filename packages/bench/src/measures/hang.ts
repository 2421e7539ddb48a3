import { pause } from "../harness/bybit-pair.ts";
import { type GatewayPair, gatewayPairs } from "../harness/gateway-pairs.ts";
import { attempt, type Outcome } from "../harness/outcome.ts";
import { seconds } from "../harness/own-row.ts";
import type { Measure, Verdict } from "../harness/verdict.ts";

const contestants = ["bareFetch", "oursFetch", "oursGateway", "ibkrClient"] as const;
const kinds = [
	["none", "no answer"],
	["drip", "one byte a second"],
] as const;
type Kind = (typeof kinds)[number][0];
/** Milliseconds until the call ended, or undefined when it had not. */
type Ended = Record<Kind, number | undefined>;

/** HTTP calls without an answer. */
export const hang: Measure = {
	id: "hang",
	about: "IBKR's tickle when the gateway gives no answer, and when it gives one byte a second; watched for 20 s each.",
	boundMs: 120_000,
	overlaps: true,
	async run() {
		const pairOf = gatewayPairs();
		const outcomes = await Promise.all(contestants.map((name) => attempt(async () => measureHang(await pairOf(name)))));
		const [bareFetch, oursFetch, oursGateway, ibkrClient] = outcomes;
		const said = (outcome: Outcome<Ended> | undefined, kind: Kind): string =>
			outcome?.value === undefined ? "failed" : seconds(outcome.value[kind], "still waiting");
		const faults = outcomes.flatMap(({ fault }) => fault ?? []);
		return kinds.map(([kind, words]): Verdict => {
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
	},
};

async function measureHang({ server, player, gateway }: GatewayPair): Promise<Ended> {
	const ended: Ended = { none: undefined, drip: undefined };
	for (const [kind] of kinds) {
		await server.call("setAnswers", kind);
		ended[kind] = (await player.call<{ ms?: number }>("hang", { ...gateway, withinMs: 20_000 })).ms;
		await pause(100);
	}
	return ended;
}
