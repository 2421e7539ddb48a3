import { withDeadline } from "@x/base/clock";
import { hookServer } from "../alerts/testing/webhook-server.ts";
import type { components } from "../generated/schema.ts";
import { browserPath, startBrowser } from "../page/testing/browser.ts";
import { read, startRun } from "./agent-process.ts";
import { clockFactor } from "./fast-clock.ts";
import { secrets, serveVenues } from "./serve-venues.ts";
import { countLosses, type LossCounts, type SessionName } from "./soak-counts.ts";

type Schemas = components["schemas"];

/** How long and how often a soak (a long test) injects faults; the code calls each fault a plug that is pulled. */
export interface SoakOptions {
	readonly forMs: number;
	/** The longest pause, in milliseconds, from when all sessions are ready until the next fault. Infinity: no fault is injected. */
	readonly pauseMs: number;
	/** Returns a random number from 0 to less than 1. */
	readonly random: () => number;
	/** Called with a line of text about each fault. */
	readonly report: (line: string) => void;
	/** If true, the numbers on the page in a browser are compared too. */
	readonly withPage: boolean;
}

/** The result of a soak. */
export interface SoakResult {
	/** For each session, how many faults were injected (`plugs`), and how many losses the agent reported in the end. */
	readonly counts: Readonly<Record<SessionName, LossCounts & { readonly plugs: number }>>;
	/** How many faults of each kind were injected. */
	readonly kinds: Readonly<Record<string, number>>;
	/** Everything that was wrong, in words. */
	readonly wrong: readonly string[];
}

/**
 * A session may take at most this many milliseconds to recover. It takes longest if a person has to log in: the session checks only every
 * 10 s whether somebody has.
 */
const recoveryMs = 120_000;
/** A soak ends early when it has found this many problems. */
const mostWrong = 20;
/** Each part of the soak, such as the agent or a simulator, may take at most this many milliseconds to close, in real time. */
const closeRealMs = 30_000;
/**
 * How many milliseconds the soak waits until the last alerts are resolved. After repeated losses, an alert is resolved only once its
 * session has been alive for a while; this wait is longer than that.
 */
const resolutionMs = 11 * 60_000;

/**
 * Runs an agent as a process against the simulators of the venues and injects a fault whenever all sessions are ready, until the time is
 * over. Compares what the agent says with what the venues know.
 */
export async function soak({ forMs, pauseMs, random, report, withPage }: SoakOptions): Promise<SoakResult> {
	// The answers are polled less often with a fast clock, because 100 simulated milliseconds are too short for an answer.
	const pollMs = Math.max(100, 30 * clockFactor());
	const served = await serveVenues();
	const hook = await hookServer();
	const browser = withPage && browserPath !== undefined ? await startBrowser() : undefined;
	const channel = 'alerts: { channels: { all: { type: webhook, webhookUrl: "env:HOOK", minSeverity: info } } }\n';
	// The pause between two `init` calls at IBKR is short here. By default the pause grows to 30 minutes if a session ends every few
	// minutes, as sessions do in this test.
	const file = served.configure(["deribit", "bybit", "ibkr"], channel, "    initBackoffMs: 2000\n");
	const since = Date.now();
	const agent = await startRun(file, { ...secrets, HOOK: hook.url }, undefined, forMs + 20 * recoveryMs);
	const { links, ibkr } = served;
	const wrong: string[] = [];
	/** Records a problem and reports it at once, because the soak may run for another hour, or may fail before its end. */
	const blame = (what: string): void => {
		wrong.push(what);
		report(`WRONG: ${what}`);
	};
	const residentMb: number[] = [];
	const plugs = { hedge: 0, maker: 0, broker: 0 };
	const kinds: readonly { readonly session: SessionName; readonly name: string; pull(): void; plugIn?(): void }[] = [
		{ session: "hedge", name: "the line drops", pull: () => links.deribit.drop() },
		{ session: "hedge", name: "the line is dead", pull: () => links.deribit.halfOpen() },
		{ session: "hedge", name: "the network is away for 3 s", pull: () => links.deribit.partition(3_000) },
		{ session: "hedge", name: "the network is away for 40 s", pull: () => links.deribit.partition(40_000) },
		{ session: "maker", name: "the line drops", pull: () => links.bybit.drop() },
		{ session: "maker", name: "the line is dead", pull: () => links.bybit.halfOpen() },
		{ session: "maker", name: "the network is away for 6 s", pull: () => links.bybit.partition(6_000) },
		{ session: "maker", name: "the network is away for 40 s", pull: () => links.bybit.partition(40_000) },
		{ session: "broker", name: "the brokerage session idles out", pull: () => ibkr.faults.idle({}) },
		{
			session: "broker",
			name: "the login ends, and a person logs in",
			pull: () => ibkr.faults.expireSso({}),
			plugIn: () => ibkr.faults.login({}),
		},
	];
	const pulled: Record<string, number> = {};
	const get = async <T>(path: string): Promise<T> => JSON.parse((await read(agent.url, path)).text) as T;
	const sessions = async () => (await get<Schemas["SessionList"]>("/v1/sessions")).sessions;
	/** Polls until a condition holds. If it does not hold in time, records `what` as a problem and returns false. */
	const within = async (ms: number, what: string, holds: () => Promise<boolean>): Promise<boolean> => {
		for (const end = Date.now() + ms; Date.now() < end; await wait(pollMs)) if (await holds()) return true;
		blame(`did not happen within ${ms / 1_000} s: ${what}`);
		return false;
	};
	const expected = { ...plugs };
	/** Returns whether all sessions are ready. Records each loss that no injected fault explains as a problem. */
	const areReady = async () => {
		const views = await sessions();
		for (const { name, tally } of views) {
			// The cast is safe: the configuration has these sessions.
			const session = name as SessionName;
			if (tally.losses <= expected[session]) continue;
			const { records } = await get<Schemas["HistoryPage"]>(`/v1/history?session=${name}&type=status&limit=20`);
			const causes = records.flatMap((record) =>
				record.type === "status" && record.status.state === "lost" ? [record.status.cause.message] : [],
			);
			blame(`${name} has ${tally.losses} losses instead of ${expected[session]}: ${causes.join("; ")}`);
			expected[session] = tally.losses;
		}
		return views.every(({ ready }) => ready);
	};
	const lossesOf = async (name: string) => (await sessions()).find((each) => each.name === name)?.tally.losses ?? 0;
	/** Compares the agent with the simulators: a session that the agent shows as armed must be armed at the venue. */
	const compareWithVenues = (): void => {
		const isGuarded = served.deribit.truth().connections.some(({ armed }) => armed);
		if (!isGuarded) blame("hedge is shown as armed, and Deribit has no armed connection");
		const { state } = served.bybit.truth().DERIVATIVES;
		if (state !== "armed") blame(`maker is shown as armed, and Bybit's protection is ${state}`);
	};
	try {
		for (const end = Date.now() + forMs; Date.now() < end && wrong.length < mostWrong; ) {
			if (!(await within(recoveryMs, "all sessions are ready", areReady))) break;
			compareWithVenues();
			residentMb.push(await residentMegabytes(agent.url));
			for (const pauseEnd = Math.min(end, Date.now() + random() * pauseMs); Date.now() < pauseEnd; await areReady()) {
				await wait(Math.min(pauseEnd - Date.now(), 60_000));
			}
			// When the time is over during the pause, one last fault is injected, so that every soak has at least one. But if `pauseMs` is at
			// least `forMs`, the caller wants a soak without faults.
			if (Date.now() >= end && pauseMs >= forMs) break;
			// The cast is safe: the index is below the length.
			const plug = kinds[Math.floor(random() * kinds.length)] as (typeof kinds)[number];
			const { session, name } = plug;
			plugs[session] += 1;
			expected[session] += 1;
			pulled[`${session}: ${name}`] = (pulled[`${session}: ${name}`] ?? 0) + 1;
			report(`${session}: ${name}`);
			plug.pull();
			const what = `${session} is lost for the ${expected[session]}. time`;
			await within(recoveryMs, what, async () => (await lossesOf(session)) >= expected[session]);
			plug.plugIn?.();
		}
		await within(recoveryMs, "all sessions are ready in the end", areReady);
		const count = () => countLosses(agent.url, since, hook.received, browser);
		let counts = await count();
		// The alert of a session that was lost repeatedly is resolved only some time after the last loss.
		const isOpen = ({ alerts, resolvedAlerts }: LossCounts): boolean => alerts > resolvedAlerts;
		for (const end = Date.now() + resolutionMs; Object.values(counts).some(isOpen) && Date.now() < end; ) {
			await wait(10_000);
			counts = await count();
		}
		const { hedge, maker, broker } = counts;
		report(`counted: ${JSON.stringify(counts)}`);
		return {
			counts: {
				hedge: { plugs: plugs.hedge, ...hedge },
				maker: { plugs: plugs.maker, ...maker },
				broker: { plugs: plugs.broker, ...broker },
			},
			kinds: pulled,
			wrong,
		};
	} catch (error) {
		report(`the soak ends early: ${error instanceof Error ? error.stack : String(error)}`);
		throw error;
	} finally {
		// The memory is reported before anything is closed, because a part may fail to close.
		report(`memory in MB, in each quarter: ${quartersOf(residentMb).join(", ")}`);
		const close = async (what: string, closing: Promise<unknown> | undefined, say = blame): Promise<void> => {
			const onTimeout = () => new Error(`the close took longer than ${closeRealMs / 1_000} real seconds`);
			const deadline = { ms: closeRealMs * clockFactor(), onTimeout };
			await withDeadline(deadline, async () => closing).catch((error) => say(`${what} did not close: ${error}`));
		};
		agent.kill("SIGTERM");
		const ended = agent.ended.then((code) => code !== 0 && blame(`the agent ended with ${code}`));
		await close("the agent", ended);
		agent.kill("SIGKILL");
		await close("the venues", served.close());
		await close("the server of the webhook", hook.close());
		// A browser that does not close is reported, but the soak does not fail: this is no error of the agent. It has happened with a
		// browser that had run for hours. The process of the browser ends with this process.
		await close("the browser", browser?.close(), report);
	}
}

/** The median memory in each quarter of the soak. Single values would mislead, because the memory goes up and down after a fault. */
function quartersOf(residentMb: readonly number[]): number[] {
	return [0, 1, 2, 3].map((quarter) => {
		const from = Math.floor((residentMb.length * quarter) / 4);
		const values = residentMb.slice(from, (residentMb.length * (quarter + 1)) / 4).sort((a, b) => a - b);
		return values[Math.floor(values.length / 2)] ?? Number.NaN;
	});
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function residentMegabytes(url: string): Promise<number> {
	const { text } = await read(url, "/metrics");
	return Math.round(Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1]) / 1_000_000);
}
