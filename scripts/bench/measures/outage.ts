import { eventually, pause, peak, stage } from "../harness/stage.ts";
import { type Measure, shown, type Verdict } from "../harness/verdict.ts";

const clients = 100;
const downMs = 3_000;

interface Outage {
	readonly peak: number;
	readonly whileDown: number;
	/** Seconds until 90 % are signed in again, counted from when the server is there again. */
	readonly back90: number;
}

/** A server that goes away for three seconds. */
export const outage: Measure = {
	id: "outage",
	about: `${clients} sessions, each as if on a machine of its own; the server cuts all and refuses for ${downMs / 1_000} s.`,
	boundMs: 240_000,
	async run({ quick }) {
		const rounds = quick ? 1 : 3;
		const seen: { ours: Outage[]; theirs: Outage[] } = { ours: [], theirs: [] };
		for (let round = 0; round < rounds; round++) {
			seen.ours.push(await suffer("oursKeeper"));
			seen.theirs.push(await suffer("bybitApi"));
		}
		const middle = (of: readonly Outage[], what: keyof Outage): number =>
			of.map((each) => each[what]).sort((a, b) => a - b)[Math.floor(of.length / 2)] ?? Number.NaN;
		const ours = (what: keyof Outage): number => middle(seen.ours, what);
		const theirs = (what: keyof Outage): number => middle(seen.theirs, what);
		const line = (measure: string, what: keyof Outage, target: number): Verdict => ({
			measure: `server down ${downMs / 1_000} s, ${clients} clients: ${measure}`,
			ours: shown(ours(what)),
			against: `bybit-api: ${shown(theirs(what))}`,
			figure: ours(what) / theirs(what),
			target: { atMost: target },
			unit: "x",
		});
		return [
			line("most connects within 10 ms", "peak", 0.1),
			line("dials while down", "whileDown", 0.6),
			{
				measure: `server down ${downMs / 1_000} s, ${clients} clients: 90 % signed in again`,
				ours: `${shown(ours("back90"))} s`,
				against: `bybit-api: ${shown(theirs("back90"))} s`,
				figure: ours("back90"),
				target: { atMost: 2.5 },
				unit: "s",
			},
		];
	},
};

async function suffer(name: "oursKeeper" | "bybitApi"): Promise<Outage> {
	const { up, seen, now, door, server, end } = await stage(name);
	await up({ name: "s", count: clients, waitMs: 60_000 });
	if (!(await eventually(async () => (await seen()).subscribed.length >= clients, 30_000))) {
		throw new Error(`${name}: not all sessions came up`);
	}
	await pause(1_000);
	await server.call("forget");
	await door("reset");
	await server.call("cut");
	await pause(downMs);
	const whileDown = (await seen()).dials.length;
	await door("open");
	const openAt = await now();
	await eventually(async () => (await seen()).signedIn.length >= clients * 0.9, 40_000);
	const { signedIn, dials } = await seen();
	await end();
	const ninetieth = [...signedIn].sort((a, b) => a - b)[Math.ceil(clients * 0.9) - 1];
	return { peak: peak(dials, 10), whileDown, back90: ninetieth === undefined ? 40 : (ninetieth - openAt) / 1_000 };
}
