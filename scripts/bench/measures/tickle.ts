import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Gateway } from "../contestants/ibkr.ts";
import { figure, ratios, rotated } from "../harness/figures.ts";
import { Child } from "../harness/process.ts";
import { pause } from "../harness/stage.ts";
import { type Measure, shown, spread, type Verdict } from "../harness/verdict.ts";

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

/** IBKR's tickle over HTTPS. */
export const tickle: Measure = {
	id: "tickle",
	about:
		"IBKR's tickle over HTTPS to a gateway with a certificate of its own: sequential calls on one client. And one call " +
		"that gets no answer, or one byte a second, watched for 20 s.",
	boundMs: 300_000,
	async run({ quick }) {
		const count = quick ? 200 : 1_000;
		const rounds = quick ? 3 : 5;
		const folder = mkdtempSync(join(tmpdir(), "tickle-"));
		const stages = new Map<Name, { server: Child; player: Child; gateway: Gateway }>();
		for (const name of contestants) {
			const server = await Child.start(join(import.meta.dirname, "../servers/ibkr.ts"), "ibkrServer");
			const gateway = await server.call<Gateway>("address");
			const ca = join(folder, `${name}.pem`);
			writeFileSync(ca, gateway.ca);
			const options = { env: { NODE_EXTRA_CA_CERTS: ca } };
			const player = await Child.start(join(import.meta.dirname, "../contestants/ibkr.ts"), name, options);
			stages.set(name, { server, player, gateway });
		}
		const rows: Record<Name, Round[]> = { bareFetch: [], oursFetch: [], oursGateway: [], ibkrClient: [] };
		for (let round = -1; round < rounds; round++) {
			for (const name of rotated(contestants, round + 1)) {
				const on = stages.get(name);
				const result = await on?.player.call<Round>("calls", { ...on.gateway, count }, 120_000);
				if (round >= 0 && result) rows[name].push(result);
			}
		}
		const after = async (name: Name): Promise<Seen | undefined> => stages.get(name)?.server.call<Seen>("seen");
		const ours = await after("oursGateway");
		const theirs = await after("ibkrClient");
		const hangs = await Promise.all(contestants.map((name) => hang(stages.get(name))));
		rmSync(folder, { recursive: true, force: true });
		const of = (name: Name, what: keyof Round): number[] => rows[name].map((each) => each[what]);
		const line = (mine: Name, other: Name, what: keyof Round, words: string, target?: number): Verdict => ({
			measure: `tickle: ${words} (${mine})`,
			ours: spread(figure(of(mine, what)), "µs"),
			against: `${other}: ${spread(figure(of(other, what)), "µs")}`,
			figure: ratios(of(mine, what), of(other, what)),
			target: target === undefined ? undefined : { atMost: target },
			unit: "x",
		});
		const perCall = (seen: Seen | undefined): number =>
			Math.max(0, (seen?.handshakes ?? 0) - 1) / (seen?.requests ?? 1);
		return [
			line("oursGateway", "bareFetch", "cpuUs", "CPU per call", 1.1),
			line("oursFetch", "bareFetch", "cpuUs", "CPU per call", 1.1),
			line("oursGateway", "ibkrClient", "cpuUs", "CPU per call"),
			line("oursGateway", "bareFetch", "p50Us", "p50"),
			line("oursGateway", "bareFetch", "p99Us", "p99"),
			{
				measure: `tickle: handshakes per call after the first, ${ours?.requests} calls`,
				ours: shown(perCall(ours)),
				against: `ibkr-client: ${shown(perCall(theirs))}`,
				figure: perCall(ours),
				target: { atMost: 0 },
				unit: "",
			},
			{
				measure: `tickle: sockets left after ${ours?.requests} calls`,
				ours: String(ours?.open),
				against: `ibkr-client: ${theirs?.open}`,
				figure: ours?.open,
				target: { atMost: 2 },
				unit: "",
			},
			...(["none", "drip"] as const).map((kind): Verdict => {
				const said = (index: number): string => {
					const ms = hangs[index]?.[kind];
					return ms === undefined ? "still waiting" : `${shown(ms / 1_000)} s`;
				};
				return {
					measure: `HTTP, ${kind === "none" ? "no answer" : "one byte a second"}: ended after`,
					ours: `gateway: ${said(2)}, fetch: ${said(1)}`,
					against: `fetch: ${said(0)}, ibkr-client: ${said(3)}`,
					figure: Math.max(...[1, 2].map((index) => hangs[index]?.[kind] ?? Number.POSITIVE_INFINITY)) / 1_000,
					target: { atMost: 13 },
					unit: "s",
					note: "our deadline of a whole call is 12 s",
				};
			}),
		];
	},
};

type Stage = { server: Child; player: Child; gateway: Gateway } | undefined;

async function hang(on: Stage): Promise<Record<"none" | "drip", number | undefined>> {
	const result: Record<"none" | "drip", number | undefined> = { none: undefined, drip: undefined };
	for (const kind of ["none", "drip"] as const) {
		await on?.server.call("setAnswers", kind);
		result[kind] = (await on?.player.call<{ ms?: number }>("hang", { ...on.gateway, withinMs: 20_000 }))?.ms;
		await pause(100);
	}
	return result;
}
