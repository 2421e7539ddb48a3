import { ownRow, seconds } from "../harness/build-own-figure-row.ts";
import { type Measure, shown, type Verdict } from "../harness/measure-and-table-row.ts";
import { type BybitPair, eventually, pause, startBybitPair } from "../harness/program-with-bybit-server.ts";
import { attempt, type Outcome } from "../harness/result-or-error.ts";

interface SignInReport {
	readonly ms: number;
	readonly words: string;
}

/** Measures how a session behaves when its sign-ins are refused, its connections are refused, or its handshakes get no reply. */
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

/** Runs a scenario with our keeper and with bybit-api at the same time, each with its own server. */
async function both<Value>(play: (on: BybitPair) => Promise<Value>): Promise<Both<Value>> {
	const one = (name: string): Promise<Outcome<Value>> =>
		attempt(async () => {
			const on = await startBybitPair(name);
			try {
				return await play(on);
			} finally {
				await on.end();
			}
		});
	const [ours, theirs] = await Promise.all([one("oursKeeper"), one("bybitApi")]);
	return { ours, theirs, as: "bybit-api" };
}

/**
 * Waits until a session has subscribed.
 *
 * @throws Error when no session has subscribed within 30 s.
 */
async function subscribed(seen: BybitPair["seen"]): Promise<void> {
	if (await eventually(async () => (await seen()).subscribed.length > 0, 30_000)) return;
	throw new Error("no session subscribed within 30 s");
}

async function signIns(): Promise<Verdict[]> {
	const outcomes = await both(async ({ up, seen, now, setSignIn, player }) => {
		await setSignIn("refused and closed");
		await up({ name: "s", count: 1, waitMs: 0 });
		await pause(30_000);
		const tried = (await seen()).signIns.length;
		const reported = await player.call<SignInReport | undefined>("reported");
		await setSignIn("ok");
		const healedAt = await now();
		await eventually(async () => (await seen()).signedIn.length > 0, 90_000);
		const [first] = (await seen()).signedIn;
		return { tried, reported, backMs: first === undefined ? undefined : first - healedAt };
	});
	const never = Number.POSITIVE_INFINITY;
	return [
		ownRow("sign-in refused: sign-ins in 30 s", outcomes, ({ tried }) => String(tried), {
			figure: ({ tried }) => tried,
			target: { atMost: 2 },
			unit: "",
		}),
		ownRow(
			"sign-in refused: reported",
			outcomes,
			({ reported }) => (reported ? `after ${shown(reported.ms)} ms` : "never"),
			{
				figure: ({ reported }) => reported?.ms ?? never,
				target: { atMost: 1_000 },
				unit: "ms",
			},
		),
		ownRow(
			"sign-in refused: back once it heals, within a retry period (60 s)",
			outcomes,
			({ backMs }) => seconds(backMs, "not within 90 s"),
			{ figure: ({ backMs }) => (backMs ?? never) / 1_000, target: { atMost: 60 }, unit: "s" },
		),
	];
}

async function connections(): Promise<Verdict[]> {
	const outcomes = await both(async ({ up, seen, now, setConnectionMode, server }) => {
		await up({ name: "s", count: 1, waitMs: 30_000 });
		await subscribed(seen);
		await server.call("forget");
		await setConnectionMode("reset");
		await server.call("cut");
		await pause(30_000);
		const attempts = (await seen()).connectionAttempts.length;
		await setConnectionMode("open");
		const openAt = await now();
		const back = async (): Promise<number | undefined> => (await seen()).signedIn.find((at) => at >= openAt);
		await eventually(async () => (await back()) !== undefined, 45_000);
		const first = await back();
		return { attempts, backMs: first === undefined ? undefined : first - openAt };
	});
	return [
		ownRow("connection refused for 30 s: connection attempts", outcomes, ({ attempts }) => String(attempts), {
			figure: ({ attempts }) => attempts,
			target: { atMost: 20 },
			unit: "",
		}),
		ownRow(
			"connection refused for 30 s: back after it heals",
			outcomes,
			({ backMs }) => seconds(backMs, "not within 45 s"),
			{ figure: ({ backMs }) => (backMs ?? Number.POSITIVE_INFINITY) / 1_000, target: { atMost: 5 }, unit: "s" },
		),
	];
}

async function handshakes(): Promise<Verdict[]> {
	const outcomes = await both(async ({ up, seen, setConnectionMode, server }) => {
		await up({ name: "s", count: 1, waitMs: 30_000 });
		await subscribed(seen);
		await server.call("forget");
		await setConnectionMode("hang");
		await server.call("cut");
		await pause(20_000);
		const attempts = (await seen()).connectionAttempts.length;
		await setConnectionMode("open");
		return { attempts, back: await eventually(async () => (await seen()).signedIn.length > 0, 45_000) };
	});
	return [
		ownRow(
			"handshake never answered for 20 s: attempts, none stuck",
			outcomes,
			({ attempts, back }) => `${attempts} attempts, ${back ? "back afterwards" : "stuck"}`,
			{ figure: ({ attempts, back }) => (back ? attempts : 0), target: { atLeast: 4 }, unit: "" },
		),
	];
}
