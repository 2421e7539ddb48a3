import { DeribitBots } from "./bots/deribit-bots.ts";
import { IbkrBots } from "./bots/ibkr-bots.ts";
import type { SessionBots } from "./bots/session-bots-interface.ts";
import { FaultSchedule, faultTargets, oddAnswerTargets } from "./faults/fault-schedule.ts";
import { ownAccounts } from "./faults/faults-ibkr.ts";
import { type Digests, Journal, type LogLine, type Violation } from "./journal.ts";
import { KeeperProcess } from "./program/keeper-process.ts";
import { ProcessLifecycle } from "./program/process-lifecycle.ts";
import { bybitSetup } from "./venues/bybit.ts";
import { deribitSetup } from "./venues/deribit.ts";
import { ibkrSetup } from "./venues/ibkr.ts";
import type { VenueSetup } from "./venues/venue-setup.ts";
import { installWorld } from "./world/replace-platform-globals.ts";
import { chance, pick, seeded } from "./world/seeded-random.ts";
import { SimThreads } from "./world/sim-threads.ts";
import { World } from "./world/world.ts";

/** What to simulate. The same options give the same run. */
export interface SimulateOptions {
	readonly seed: number;
	/** Simulated days. Default 1. */
	readonly days?: number;
	/** Where the keeper runs. Default: random; with a `script`, in the program's thread. */
	readonly thread?: "program" | "worker";
	/**
	 * Replaces the random faults and restarts. The script itself advances the simulated time. After the script, a quiet period and a stop
	 * follow.
	 */
	readonly script?: (scene: {
		readonly world: World;
		readonly keeperProcess: KeeperProcess;
		readonly threads: SimThreads | undefined;
	}) => Promise<void>;
	/** Called with each line of the log as it happens. */
	readonly onLine?: (line: LogLine) => void;
}

/** The result of a run. */
export interface Outcome {
	readonly seed: number;
	readonly violations: readonly Violation[];
	/** For each violation, the log lines that precede it. */
	readonly logs: readonly (readonly LogLine[])[];
	/** Digests of the traffic and of the log. */
	readonly digests: Digests;
	readonly simulatedMs: number;
	/** How many simulated events ran, such as timers that fired and messages that arrived. */
	readonly events: number;
	readonly counts: Readonly<Record<string, number>>;
	/** For each venue, the share of the checks that found its session alive, and armed if the venue supports that. */
	readonly healthyShare: Readonly<Record<string, number>>;
	readonly settings: Readonly<Record<string, unknown>>;
}

const dayMs = 86_400_000;
/** The wall clock at the start, in epoch milliseconds: a Monday. */
const firstDay = 1_794_182_400_000;
const checkIntervalMs = 10_000;
/**
 * More timers than this are a leak. The number is enough for three sessions with a call or two each, for closing connections, and for the
 * platform itself.
 */
const maxTimers = 200;
/**
 * One run in this many uses the default ping interval of the venue's session. Such runs are rare, because their many pings make them slow.
 */
const ownPaceEvery = { deribit: 5, bybit: 15 };
/** The share of the runs that inject odd answers (single wrong answers of a venue that otherwise works). */
const oddAnswersShare = 0.4;
/** The share of the runs in which every program runs its keeper in a worker. */
const workerShare = 0.125;
/** Among the runs without a worker, the share in which bots trade over the relays of the sessions at Deribit and IBKR. */
const botsShare = 0.2;
/**
 * A run with a worker plays only this share of a day, because such a run is slow: the worker reports 20 times a second, so an hour takes as
 * long as half a day of a run without a worker.
 */
const workerDay = 1 / 6;
/** How many log lines before a violation are reported with it. */
const logLength = 40;

/**
 * Simulates days of faults in seconds: the real clients, sessions and one real keeper against the three simulated venues, with faults drawn
 * from a seed. The invariants are documented at `SessionInvariants`, `OrderInvariants`, `TrafficInvariants` and `KeeperProcess`. `simulate`
 * itself checks rule f: no unhandled rejection, no callback that throws, and no leaked timer or listener.
 *
 * Replaces the clocks and timers of the process during the run, so only one run at a time is possible.
 */
export async function simulate(options: SimulateOptions): Promise<Outcome> {
	const random = seeded(options.seed * 7_919 + 17);
	const world = new World(firstDay + Math.floor(random() * 360) * dayMs);
	const journal = new Journal(() => world.now);
	if (options.onLine) journal.onLine = options.onLine;
	const onRejection = (reason: unknown): void => journal.violate("f-unhandled", "keeper", String(reason));
	world.onCrash = (error) => journal.violate("f-uncaught", "keeper", String(error));
	const onListenerLeak = (listeners: number): void =>
		journal.violate("f-listeners-left", "keeper", `${listeners} listeners on one abort signal`);
	const restore = installWorld(world, seeded(options.seed + 1), onListenerLeak);
	const ownRandom = seeded(options.seed * 104_729 + 71);
	const isInWorker = chance(ownRandom, workerShare) && !options.script;
	const threads =
		(options.thread ?? (isInWorker ? "worker" : "program")) === "worker" ? new SimThreads(world, ownRandom) : undefined;
	if (threads) world.useThreads();
	const restoreThreads = threads?.install();
	process.on("unhandledRejection", onRejection);
	try {
		return await run(world, journal, random, options, threads);
	} finally {
		process.off("unhandledRejection", onRejection);
		restoreThreads?.();
		restore();
	}
}

async function run(
	world: World,
	journal: Journal,
	random: () => number,
	{ seed, days = 1, script }: SimulateOptions,
	threads: SimThreads | undefined,
): Promise<Outcome> {
	// Each venue and each kind of event has a separate random source, so that one more draw for one of them does not change the others.
	const own = (): (() => number) => seeded(Math.floor(random() * 4_294_967_296));
	const latencyMs = pick(random, [0, 20, 20, 300]);
	const widestStepMs = pick(random, [20_000, 3_600_000, 3_600_000]);
	// Odd answers (single wrong answers) have a separate random source, so that they do not change what else happens in a run.
	const oddSource = seeded(seed * 104_729 + 5);
	const odd = chance(oddSource, oddAnswersShare) ? oddSource : undefined;
	// Bots have a separate random source as well.
	const botSource = seeded(seed * 104_729 + 331);
	const hasBots = chance(botSource, botsShare) && !threads && !script;
	const deribitBots = hasBots ? new DeribitBots(world, journal, botSource) : undefined;
	const ibkrBots = hasBots
		? new IbkrBots(ownAccounts[0] ?? "", world, journal, seeded(seed * 104_729 + 332))
		: undefined;
	const bots: SessionBots[] = [deribitBots, ibkrBots].filter((each) => each !== undefined);
	const setups: VenueSetup[] = [
		deribitSetup(world, journal, own(), latencyMs, seed % ownPaceEvery.deribit === 1, odd, deribitBots),
		ibkrSetup(world, journal, own(), latencyMs, odd, ibkrBots),
		bybitSetup(world, journal, own(), latencyMs, seed % ownPaceEvery.bybit === 0, odd),
	];
	const keeperProcess = new KeeperProcess(setups, world, journal, own(), threads, bots);
	const targets = faultTargets(keeperProcess, world, widestStepMs);
	const schedules = [new FaultSchedule(keeperProcess, world, journal, own(), targets)];
	if (odd) schedules.push(new FaultSchedule(keeperProcess, world, journal, odd, oddAnswerTargets(keeperProcess)));
	const lifecycle = new ProcessLifecycle(keeperProcess, world, journal, own());
	world.onAdvanced = () => {
		keeperProcess.answers.timePassed();
		keeperProcess.worker?.look();
	};
	world.onSettled = (hasRun) => {
		keeperProcess.answers.look(hasRun);
		for (const { setup, watch, reopen } of keeperProcess.checked) {
			if (!setup.route.touched) continue;
			setup.route.touched = false;
			watch.check();
			reopen.check();
			for (const each of bots) if (each.session === setup.name) each.look?.();
		}
	};
	const checkDeadlines = (): void => {
		keeperProcess.checkDeadlines();
		if (world.machine.timers > maxTimers) {
			journal.violate("f-timers-left", "keeper", `${world.machine.timers} timers are set while the keeper runs`);
		}
		world.after(checkIntervalMs, checkDeadlines);
	};
	checkDeadlines();
	if (script) {
		keeperProcess.begin();
		await script({ world, keeperProcess, threads });
	} else {
		lifecycle.begin();
		for (const each of bots) each.begin();
		for (const schedule of schedules) schedule.begin();
		await world.run(days * dayMs * (threads ? workerDay : 1));
	}
	await end(world, keeperProcess, schedules, lifecycle, random);
	for (const { venue, route } of setups) world.visit(route, () => venue.close());
	const { violations } = journal;
	return {
		seed,
		violations,
		logs: violations.map((violation) => journal.last(logLength, violation)),
		digests: journal.digests(),
		simulatedMs: world.now,
		events: world.events,
		counts: journal.counts,
		healthyShare: Object.fromEntries(
			keeperProcess.checked.map(({ setup, watch }) => [
				setup.name,
				watch.checkCounts.fine / Math.max(1, watch.checkCounts.all),
			]),
		),
		settings: {
			...Object.fromEntries(setups.map(({ name, settings }) => [name, settings])),
			...(threads && { thread: "worker" }),
		},
	};
}

/** Stops the program at the end of the run: either during faults, or after a quiet period in which every session must recover. */
async function end(
	world: World,
	keeperProcess: KeeperProcess,
	schedules: readonly FaultSchedule[],
	lifecycle: ProcessLifecycle,
	random: () => number,
): Promise<void> {
	lifecycle.end();
	const clear = (): void => {
		for (const schedule of schedules) schedule.clear();
	};
	if (chance(random, 0.7)) {
		clear();
		await world.run(world.now + 4_300_000);
		lifecycle.placeOrders();
		await world.run(world.now + 10_000);
	}
	clear();
	let isOver = false;
	keeperProcess.stop(chance(random, 0.5) ? "cancel" : "keep", () => {
		isOver = true;
	});
	for (let tries = 0; tries < 200 && !isOver; tries += 1) await world.run(world.now + 5_000);
	await world.run(world.now + 120_000);
}
