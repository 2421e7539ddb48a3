import type { components } from "../generated/schema.ts";
import { call, startRun } from "./running-agent.ts";
import { serveVenues } from "./venues.ts";

type Schemas = components["schemas"];
type SessionName = "hedge" | "maker" | "broker";

/** How long to pull plugs, and which. */
export interface SoakOptions {
	readonly forMs: number;
	/** A number from 0, less than 1. */
	readonly random: () => number;
	/** Receives a line about each plug. */
	readonly report: (line: string) => void;
}

/**
 * What the agent said of one session in the end, and how many plugs were pulled. All have to be the same number; of the alerts of a
 * session that was lost again and again, the last one may still be open.
 */
interface LossCounts {
	readonly plugs: number;
	readonly tally: number;
	readonly metrics: number;
	readonly history: number;
	readonly alerts: number;
	readonly resolvedAlerts: number;
}

/** What a soak has found. */
export interface SoakResult {
	readonly counts: Readonly<Record<SessionName, LossCounts>>;
	/** The memory of the process after each plug, in MB. */
	readonly residentMb: readonly number[];
	/** Whatever was wrong, in words. */
	readonly wrong: readonly string[];
}

/** Longer than the slowest way back: a person logs in, and the gateway is looked at every 10 s. */
const recoveryMs = 120_000;
const pollMs = 100;
/** Longer than a session has to be alive before its alert is resolved. */
const resolutionMs = 90_000;

/**
 * Runs an agent as a process against the simulators of the venues and pulls a plug whenever all sessions are ready, until the time is
 * over. Compares what the agent says with what the venues know.
 */
export async function soak({ forMs, random, report }: SoakOptions): Promise<SoakResult> {
	const served = await serveVenues();
	const file = served.configure(["deribit", "bybit", "ibkr"]);
	const agent = await startRun(file, undefined, undefined, forMs + 10 * recoveryMs);
	const { links, ibkr } = served;
	const wrong: string[] = [];
	const residentMb: number[] = [];
	const plugs = { hedge: 0, maker: 0, broker: 0 };
	const kinds: readonly { readonly session: SessionName; readonly name: string; pull(): void; plugIn?(): void }[] = [
		{ session: "hedge", name: "the line drops", pull: () => links.deribit.drop() },
		{ session: "hedge", name: "the line is dead", pull: () => links.deribit.halfOpen() },
		{ session: "hedge", name: "the network is away for 3 s", pull: () => links.deribit.partition(3_000) },
		{ session: "maker", name: "the line drops", pull: () => links.bybit.drop() },
		{ session: "maker", name: "the line is dead", pull: () => links.bybit.halfOpen() },
		{ session: "maker", name: "the network is away for 6 s", pull: () => links.bybit.partition(6_000) },
		{
			session: "broker",
			name: "the login ends, and a person logs in",
			pull: () => ibkr.faults.expireSso({}),
			plugIn: () => ibkr.faults.login({}),
		},
	];
	const get = async <T>(path: string): Promise<T> => JSON.parse((await call(agent.url, path)).text) as T;
	const sessions = async () => (await get<Schemas["SessionList"]>("/v1/sessions")).sessions;
	/** Polls until a condition holds; says what did not happen otherwise. */
	const within = async (ms: number, what: string, holds: () => Promise<boolean>): Promise<boolean> => {
		for (const end = Date.now() + ms; Date.now() < end; await wait(pollMs)) if (await holds()) return true;
		wrong.push(`not within ${ms / 1_000} s: ${what}`);
		return false;
	};
	const areReady = async () => (await sessions()).every(({ ready }) => ready);
	const lossesOf = async (name: string) => (await sessions()).find((each) => each.name === name)?.tally.losses;
	/** The venues' own knowledge, when the agent says that everything is armed. */
	const compareWithVenues = (): void => {
		const isGuarded = served.deribit.truth().connections.some(({ armed }) => armed);
		if (!isGuarded) wrong.push("hedge is shown as armed, and Deribit has no armed connection");
		const { state } = served.bybit.truth().DERIVATIVES;
		if (state !== "armed") wrong.push(`maker is shown as armed, and Bybit's protection is ${state}`);
	};
	try {
		for (const end = Date.now() + forMs; Date.now() < end && wrong.length === 0; ) {
			if (!(await within(recoveryMs, "all sessions are ready", areReady))) break;
			compareWithVenues();
			residentMb.push(await residentMegabytes(agent.url));
			await wait(random() * 3_000);
			// The cast: the index is below the length.
			const plug = kinds[Math.floor(random() * kinds.length)] as (typeof kinds)[number];
			const { session } = plug;
			plugs[session] += 1;
			report(`${session}: ${plug.name}`);
			plug.pull();
			await within(recoveryMs, `${session} is lost for the ${plugs[session]}. time`, async () => {
				const losses = (await lossesOf(session)) ?? 0;
				if (losses > plugs[session]) wrong.push(`${session} has ${losses} losses after ${plugs[session]} plugs`);
				return losses >= plugs[session];
			});
			plug.plugIn?.();
		}
		await within(recoveryMs, "all sessions are ready in the end", areReady);
		let counts = await countAll(agent.url, plugs);
		// The alert of a session that was lost again and again is resolved half an hour later.
		const isOpen = ({ alerts, resolvedAlerts }: LossCounts): boolean => alerts > resolvedAlerts;
		for (const end = Date.now() + resolutionMs; Object.values(counts).some(isOpen) && Date.now() < end; ) {
			await wait(1_000);
			counts = await countAll(agent.url, plugs);
		}
		return { counts, residentMb, wrong };
	} finally {
		agent.kill("SIGTERM");
		const code = await agent.ended;
		if (code !== 0) wrong.push(`the agent ended with ${code}`);
		await served.close();
	}
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function residentMegabytes(url: string): Promise<number> {
	const { text } = await call(url, "/metrics");
	return Math.round(Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1]) / 1_000_000);
}

async function countAll(
	url: string,
	plugs: Readonly<Record<SessionName, number>>,
): Promise<Record<SessionName, LossCounts>> {
	const records = await historyOf(url);
	const { text: metrics } = await call(url, "/metrics");
	const { sessions } = JSON.parse((await call(url, "/v1/sessions")).text) as Schemas["SessionList"];
	const countsOf = (name: SessionName): LossCounts => {
		const ofSession = records.filter((record) => "session" in record && record.session === name);
		const alerts = ofSession.flatMap((record) =>
			record.type === "alert" && (record.kind === "loss" || record.kind === "expected-loss") ? [record] : [],
		);
		const samples = metrics.matchAll(
			new RegExp(`^keepalive_session_losses_total\\{session="${name}".*\\} (\\d+)$`, "gm"),
		);
		return {
			plugs: plugs[name],
			tally: sessions.find((session) => session.name === name)?.tally.losses ?? 0,
			metrics: [...samples].reduce((sum, [, value]) => sum + Number(value), 0),
			history: ofSession.filter((record) => record.type === "status" && record.status.state === "lost").length,
			alerts: alerts.filter(({ state }) => state === "raised").length,
			resolvedAlerts: alerts.filter(({ state }) => state === "resolved").length,
		};
	};
	return { hedge: countsOf("hedge"), maker: countsOf("maker"), broker: countsOf("broker") };
}

async function historyOf(url: string): Promise<Schemas["AgentRecord"][]> {
	const found: Schemas["AgentRecord"][] = [];
	for (let next = ""; ; ) {
		const query = `from=0&limit=1000${next && `&before=${encodeURIComponent(next)}`}`;
		const page = JSON.parse((await call(url, `/v1/history?${query}`)).text) as Schemas["HistoryPage"];
		found.push(...page.records);
		if (page.next === undefined) return found;
		next = page.next;
	}
}
