import { eventually, pause, stage } from "../harness/stage.ts";
import { type Measure, shown, type Verdict } from "../harness/verdict.ts";

interface Told {
	readonly ms: number;
	readonly words: string;
}

/** Sign-ins refused, connections refused, handshakes never answered. */
export const refusals: Measure = {
	id: "refusals",
	about:
		"One session. The sign-in is refused and the connection closed, for 30 s, then accepted. Connections are refused for " +
		"30 s, then accepted. The handshake is never answered for 20 s, then accepted.",
	boundMs: 260_000,
	async run() {
		const [signIn, connection, handshake] = await Promise.all([signIns(), connections(), handshakes()]);
		return [...signIn, ...connection, ...handshake];
	},
};

const names = ["oursKeeper", "bybitApi"] as const;

async function signIns(): Promise<Verdict[]> {
	const [ours, theirs] = await Promise.all(
		names.map(async (name) => {
			const { up, seen, now, signIn, player, end } = await stage(name);
			await signIn("refused and closed");
			await up({ name: "s", count: 1, waitMs: 0 });
			await pause(30_000);
			const tried = (await seen()).signIns.length;
			const told = await player.call<Told | undefined>("told");
			await signIn("ok");
			const healedAt = await now();
			await eventually(async () => (await seen()).signedIn.length > 0, 90_000);
			const [first] = (await seen()).signedIn;
			await end();
			return { tried, told, backMs: first === undefined ? undefined : first - healedAt };
		}),
	);
	const back = (ms: number | undefined): string => (ms === undefined ? "not within 90 s" : `${shown(ms / 1_000)} s`);
	const told = (what: Told | undefined): string => (what ? `after ${shown(what.ms)} ms` : "never");
	return [
		{
			measure: "sign-in refused: sign-ins in 30 s",
			ours: String(ours?.tried),
			against: `bybit-api: ${theirs?.tried}`,
			figure: ours?.tried,
			target: { atMost: 2 },
			unit: "",
		},
		{
			measure: "sign-in refused: told",
			ours: told(ours?.told),
			against: `bybit-api: ${told(theirs?.told)}`,
			figure: ours?.told?.ms ?? Number.POSITIVE_INFINITY,
			target: { atMost: 1_000 },
			unit: "ms",
		},
		{
			measure: "sign-in refused: back once it heals, within a retry period (60 s)",
			ours: back(ours?.backMs),
			against: `bybit-api: ${back(theirs?.backMs)}`,
			figure: (ours?.backMs ?? Number.POSITIVE_INFINITY) / 1_000,
			target: { atMost: 60 },
			unit: "s",
		},
	];
}

async function connections(): Promise<Verdict[]> {
	const [ours, theirs] = await Promise.all(
		names.map(async (name) => {
			const { up, seen, now, door, server, end } = await stage(name);
			await up({ name: "s", count: 1, waitMs: 30_000 });
			await server.call("forget");
			await door("reset");
			await server.call("cut");
			await pause(30_000);
			const dials = (await seen()).dials.length;
			await door("open");
			const openAt = await now();
			await eventually(async () => (await seen()).signedIn.length > 0, 45_000);
			const [first] = (await seen()).signedIn;
			await end();
			return { dials, backMs: first === undefined ? Number.POSITIVE_INFINITY : first - openAt };
		}),
	);
	return [
		{
			measure: "connection refused for 30 s: dials",
			ours: String(ours?.dials),
			against: `bybit-api: ${theirs?.dials}`,
			figure: ours?.dials,
			target: { atMost: 20 },
			unit: "",
		},
		{
			measure: "connection refused for 30 s: back after it heals",
			ours: `${shown((ours?.backMs ?? 0) / 1_000)} s`,
			against: `bybit-api: ${shown((theirs?.backMs ?? 0) / 1_000)} s`,
			figure: (ours?.backMs ?? Number.POSITIVE_INFINITY) / 1_000,
			target: { atMost: 5 },
			unit: "s",
		},
	];
}

async function handshakes(): Promise<Verdict[]> {
	const [ours, theirs] = await Promise.all(
		names.map(async (name) => {
			const { up, seen, door, server, end } = await stage(name);
			await up({ name: "s", count: 1, waitMs: 30_000 });
			await server.call("forget");
			await door("hang");
			await server.call("cut");
			await pause(20_000);
			const dials = (await seen()).dials.length;
			await door("open");
			const back = await eventually(async () => (await seen()).signedIn.length > 0, 45_000);
			await end();
			return { dials, back };
		}),
	);
	const words = (one: { dials: number; back: boolean } | undefined): string =>
		`${one?.dials} attempts, ${one?.back ? "back afterwards" : "stuck"}`;
	return [
		{
			measure: "handshake never answered for 20 s: attempts, none stuck",
			ours: words(ours),
			against: `bybit-api: ${words(theirs)}`,
			figure: ours?.back ? ours.dials : 0,
			target: { atLeast: 4 },
			unit: "",
		},
	];
}
