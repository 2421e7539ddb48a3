import { Rounds } from "../harness/compare-rounds.ts";
import type { Measure } from "../harness/measure-and-table-row.ts";
import { eventually, pause, peak, startBybitPair } from "../harness/program-with-bybit-server.ts";
import { figure } from "../harness/round-statistics.ts";

const clients = 100;
const downMs = 3_000;

interface Outage {
	readonly peak: number;
	readonly whileDown: number;
	/** How many seconds after the server's return 90 % of the sessions were signed in again. */
	readonly back90: number;
}

/** Measures how sessions recover from a server outage of three seconds. */
export const outage: Measure = {
	id: "outage",
	about: `${clients} sessions, each as if on a machine of its own; the server cuts all and refuses for ${downMs / 1_000} s.`,
	boundMs: 240_000,
	async run({ quick, signal }) {
		const rounds = new Rounds<"oursKeeper" | "bybitApi", Outage>(signal);
		for (let round = 0; round < (quick ? 1 : 3); round++) {
			for (const name of ["oursKeeper", "bybitApi"] as const) await rounds.play(name, () => measureOutage(name));
		}
		const words = `server down ${downMs / 1_000} s, ${clients} clients`;
		const pair = { mine: "oursKeeper", theirs: "bybitApi", as: "bybit-api" } as const;
		const back = rounds.line({ ...pair, measure: `${words}: 90 % signed in again`, what: "back90", unit: "s" });
		const seconds = rounds.of("oursKeeper", "back90");
		return [
			rounds.line({
				...pair,
				measure: `${words}: most connection attempts within 10 ms`,
				what: "peak",
				unit: "",
				target: 0.1,
			}),
			rounds.line({
				...pair,
				measure: `${words}: connection attempts while down`,
				what: "whileDown",
				unit: "",
				target: 0.6,
			}),
			{
				...back,
				figure: seconds.length === 0 ? undefined : figure(seconds),
				target: { atMost: 2.5 },
				unit: "s",
			},
		];
	},
};

async function measureOutage(name: "oursKeeper" | "bybitApi"): Promise<Outage> {
	const { up, seen, now, setConnectionMode, server, end } = await startBybitPair(name);
	try {
		await up({ name: "s", count: clients, waitMs: 60_000 });
		if (!(await eventually(async () => (await seen()).subscribed.length >= clients, 30_000))) {
			throw new Error("not all sessions subscribed within 30 s");
		}
		await pause(1_000);
		await server.call("forget");
		await setConnectionMode("reset");
		await server.call("cut");
		await pause(downMs);
		const whileDown = (await seen()).connectionAttempts.length;
		await setConnectionMode("open");
		const openAt = await now();
		const after = (times: readonly number[]): number[] => times.filter((at) => at >= openAt);
		await eventually(async () => after((await seen()).signedIn).length >= clients * 0.9, 40_000);
		const { signedIn, connectionAttempts } = await seen();
		const ninetieth = after(signedIn).sort((a, b) => a - b)[Math.ceil(clients * 0.9) - 1];
		return {
			peak: peak(connectionAttempts, 10),
			whileDown,
			back90: ninetieth === undefined ? 40 : (ninetieth - openAt) / 1_000,
		};
	} finally {
		await end();
	}
}
