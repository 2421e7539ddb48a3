import { ownRow } from "../harness/build-own-figure-row.ts";
import { Rounds } from "../harness/compare-rounds.ts";
import { type Measure, shown, type Verdict } from "../harness/measure-and-table-row.ts";
import { gatewayPairs } from "../harness/program-with-gateway.ts";
import { attempt, type Outcome } from "../harness/result-or-error.ts";
import { rotated } from "../harness/round-statistics.ts";

const contestants = ["bareFetch", "oursFetch", "oursGateway", "ibkrClient"] as const;
type Name = (typeof contestants)[number];

interface Round {
	readonly cpuUs: number;
	readonly p50Us: number;
	readonly p99Us: number;
}

interface Seen {
	readonly handshakes: number;
	readonly requests: number;
	readonly open: number;
}

/** Measures the cost of IBKR's `/tickle` over HTTPS. */
export const tickle: Measure = {
	id: "tickle",
	about: "IBKR's tickle over HTTPS to a gateway with a certificate of its own: sequential calls on one client.",
	boundMs: 300_000,
	async run({ quick, signal }) {
		const count = quick ? 200 : 500;
		const counted = quick ? 3 : 10;
		const pairOf = gatewayPairs();
		const rounds = new Rounds<Name, Round>(signal);
		for (let round = -1; round < counted; round++) {
			for (const name of rotated(contestants, round + 1)) {
				const run = async (): Promise<Round> => {
					const { player, gateway } = await pairOf(name);
					return player.call<Round>("calls", { ...gateway, count }, 120_000);
				};
				await rounds.play(name, run, { counts: round >= 0 });
			}
		}
		const seen = (name: Name): Promise<Outcome<Seen>> =>
			attempt(async () => {
				const fault = rounds.fault(name);
				if (fault !== undefined) throw new Error(fault);
				return (await pairOf(name)).server.call<Seen>("seen");
			});
		const after = { ours: await seen("oursGateway"), theirs: await seen("ibkrClient"), as: "ibkr-client" };
		const line = (mine: Name, theirs: Name, what: keyof Round, words: string, target?: number): Verdict => {
			const over = mine === "oursGateway" ? "over `gatewayFetch`" : "over the built-in fetch";
			return rounds.line({ mine, theirs, measure: `tickle: ${words}, ${over}`, what, unit: "µs", target });
		};
		const perCall = (of: Seen): number => Math.max(0, of.handshakes - 1) / of.requests;
		const calls = `${after.ours.value?.requests ?? 0} calls`;
		return [
			line("oursGateway", "bareFetch", "cpuUs", "CPU per call", 1.1),
			line("oursFetch", "bareFetch", "cpuUs", "CPU per call", 1.1),
			line("oursGateway", "ibkrClient", "cpuUs", "CPU per call"),
			line("oursGateway", "bareFetch", "p50Us", "p50"),
			line("oursGateway", "bareFetch", "p99Us", "p99"),
			ownRow(`tickle: handshakes per call after the first, ${calls}`, after, (of) => shown(perCall(of)), {
				figure: perCall,
				target: { atMost: 0 },
				unit: "",
			}),
			ownRow(`tickle: sockets left after ${calls}`, after, ({ open }) => String(open), {
				figure: ({ open }) => open,
				target: { atMost: 2 },
				unit: "",
			}),
		];
	},
};
