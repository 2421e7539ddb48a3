import { attempt, type Outcome } from "../harness/outcome.ts";
import { eventually, pause, type Stage, stage } from "../harness/stage.ts";
import { type Measure, shown, type Verdict } from "../harness/verdict.ts";
import { lineOfOurs, seconds } from "../harness/watched.ts";

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
	boundMs: 200_000,
	overlaps: true,
	async run() {
		const [signIn, connection, handshake] = await Promise.all([signIns(), connections(), handshakes()]);
		return [...signIn, ...connection, ...handshake];
	},
};

interface Both<Value> {
	readonly ours: Outcome<Value>;
	readonly theirs: Outcome<Value>;
	readonly as: "bybit-api";
}

/** Ours and bybit-api at the same time, each with its own server. */
async function both<Value>(play: (on: Stage) => Promise<Value>): Promise<Both<Value>> {
	const one = (name: string): Promise<Outcome<Value>> =>
		attempt(async () => {
			const on = await stage(name);
			try {
				return await play(on);
			} finally {
				await on.end();
			}
		});
	const [ours, theirs] = await Promise.all([one("oursKeeper"), one("bybitApi")]);
	return { ours, theirs, as: "bybit-api" };
}

/** @throws Error when a session does not open. */
async function subscribed(seen: Stage["seen"]): Promise<void> {
	if (await eventually(async () => (await seen()).subscribed.length > 0, 30_000)) return;
	throw new Error("the session did not come up");
}

async function signIns(): Promise<Verdict[]> {
	const outcomes = await both(async ({ up, seen, now, signIn, player }) => {
		await signIn("refused and closed");
		await up({ name: "s", count: 1, waitMs: 0 });
		await pause(30_000);
		const tried = (await seen()).signIns.length;
		const told = await player.call<Told | undefined>("told");
		await signIn("ok");
		const healedAt = await now();
		await eventually(async () => (await seen()).signedIn.length > 0, 90_000);
		const [first] = (await seen()).signedIn;
		return { tried, told, backMs: first === undefined ? undefined : first - healedAt };
	});
	const never = Number.POSITIVE_INFINITY;
	return [
		lineOfOurs("sign-in refused: sign-ins in 30 s", outcomes, ({ tried }) => String(tried), {
			figure: ({ tried }) => tried,
			target: { atMost: 2 },
			unit: "",
		}),
		lineOfOurs("sign-in refused: told", outcomes, ({ told }) => (told ? `after ${shown(told.ms)} ms` : "never"), {
			figure: ({ told }) => told?.ms ?? never,
			target: { atMost: 1_000 },
			unit: "ms",
		}),
		lineOfOurs(
			"sign-in refused: back once it heals, within a retry period (60 s)",
			outcomes,
			({ backMs }) => seconds(backMs, "not within 90 s"),
			{ figure: ({ backMs }) => (backMs ?? never) / 1_000, target: { atMost: 60 }, unit: "s" },
		),
	];
}

async function connections(): Promise<Verdict[]> {
	const outcomes = await both(async ({ up, seen, now, door, server }) => {
		await up({ name: "s", count: 1, waitMs: 30_000 });
		await subscribed(seen);
		await server.call("forget");
		await door("reset");
		await server.call("cut");
		await pause(30_000);
		const dials = (await seen()).dials.length;
		await door("open");
		const openAt = await now();
		const back = async (): Promise<number | undefined> => (await seen()).signedIn.find((at) => at >= openAt);
		await eventually(async () => (await back()) !== undefined, 45_000);
		const first = await back();
		return { dials, backMs: first === undefined ? undefined : first - openAt };
	});
	return [
		lineOfOurs("connection refused for 30 s: dials", outcomes, ({ dials }) => String(dials), {
			figure: ({ dials }) => dials,
			target: { atMost: 20 },
			unit: "",
		}),
		lineOfOurs(
			"connection refused for 30 s: back after it heals",
			outcomes,
			({ backMs }) => seconds(backMs, "not within 45 s"),
			{ figure: ({ backMs }) => (backMs ?? Number.POSITIVE_INFINITY) / 1_000, target: { atMost: 5 }, unit: "s" },
		),
	];
}

async function handshakes(): Promise<Verdict[]> {
	const outcomes = await both(async ({ up, seen, door, server }) => {
		await up({ name: "s", count: 1, waitMs: 30_000 });
		await subscribed(seen);
		await server.call("forget");
		await door("hang");
		await server.call("cut");
		await pause(20_000);
		const dials = (await seen()).dials.length;
		await door("open");
		return { dials, back: await eventually(async () => (await seen()).signedIn.length > 0, 45_000) };
	});
	return [
		lineOfOurs(
			"handshake never answered for 20 s: attempts, none stuck",
			outcomes,
			({ dials, back }) => `${dials} attempts, ${back ? "back afterwards" : "stuck"}`,
			{ figure: ({ dials, back }) => (back ? dials : 0), target: { atLeast: 4 }, unit: "" },
		),
	];
}
