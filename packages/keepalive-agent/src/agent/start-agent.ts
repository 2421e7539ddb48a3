import type { Logger } from "@x/keepalive";
import { keepaliveInWorker, type WorkerKeeper, type WorkerKeeperOptions } from "@x/keepalive/worker";
import { botConnectionWarnings } from "../config/bot-connection-warnings.ts";
import type { Config, SessionConfig } from "../config/config.ts";
import type { AgentSession } from "../config/create-session.ts";
import { Drills, type DrillView } from "../drill/drill-results.ts";
import { newHolder } from "../leader/leader-config.ts";
import { keeperWorkerUrl } from "../read-own-package-files.ts";
import { RelayReader } from "../relay/relay-report-reader.ts";
import { neededPulses } from "../strategies/strategy-config.ts";
import { LoopWatch } from "./event-loop-watch.ts";
import { WorkerDetails } from "./worker-state-poller.ts";

/** The keeper: the object that keeps all sessions alive. It runs in a worker thread. */
export type AgentKeeper = WorkerKeeper<typeof import("../keeper-worker.ts")>;

/** What a session reports besides its status. Plain data. */
export type SessionDetails = Pick<AgentSession, "warnings" | "exposure" | "layers">;

/** Shows whether an event loop runs or is blocked. */
export interface Loop {
	/** Milliseconds since the event loop last ran. */
	readonly ageMs: number;
	/** Milliseconds for which the event loop was blocked, in total. */
	readonly stalledMs: number;
}

/** A running agent, which keeps the sessions of a configuration alive. */
export interface Agent {
	readonly keeper: AgentKeeper;
	/** The venue of each session, in the order of the configuration. */
	readonly venues: ReadonlyMap<string, SessionConfig["venue"]>;
	/** The event loop of the thread that keeps the sessions alive. */
	readonly loop: Loop;
	/** The event loop of this thread, which serves the HTTP API and publishes records. */
	readonly mainLoop: Loop;
	/** The results of a session's drills, and the reason why a new drill is due, if one is due. */
	drillsOf(session: string): { readonly drills: readonly DrillView[]; readonly dueReason?: string };
	/** The reports of the relay, which passes calls of bots on over the sessions' connections. Undefined when there is no relay. */
	readonly relay: RelayReader | undefined;
	/** What a session reports besides its status; the answer is at most one second old. */
	detailsOf(session: string): SessionDetails;
	/** Closes all parts of the agent, except the keeper (the object that keeps the sessions alive). The keeper has to be stopped first. */
	close(): void;
}

/** How often a worker thread that dies is restarted: `burst` times at once, then once every `everyMs` milliseconds. */
const restart = { burst: 3, everyMs: 3_600_000 } as const;
/** The worker thread may take at most this many milliseconds to start: a busy machine may need longer than the default. */
const startTimeoutMs = 30_000;

/**
 * Starts the sessions. They are kept alive in a worker thread, so that no work of this thread delays their beats.
 *
 * @throws KeeperError (worker). After the error, nothing is left running.
 */
export async function startAgent(
	config: Config,
	options: Pick<WorkerKeeperOptions, "limits" | "onLimitsUsed" | "onWorkerDeath"> & { readonly logger: Logger },
): Promise<Agent> {
	const { sessions: configs, keeper: keeperOptions, strategies } = config;
	// The object `data` below contains the secrets. It is copied to the memory of the worker thread and goes nowhere else.
	const leader = config.leader && { ...config.leader, holder: newHolder() };
	const data = { sessions: configs, keeper: keeperOptions, strategies, relay: config.relay, leader };
	const keeper: AgentKeeper = await keepaliveInWorker<typeof import("../keeper-worker.ts")>(keeperWorkerUrl, {
		...options,
		data,
		restart,
		startTimeoutMs,
	});
	const relayed = new Set(Object.values(config.relay?.bots ?? {}).flatMap(({ sessions }) => sessions));
	const details = new WorkerDetails(keeper);
	await details.refresh();
	const relay = config.relay && new RelayReader(keeper, config.relay.bots);
	await relay?.start();
	const mainLoop = new LoopWatch();
	const drills = new Drills(config);
	return {
		keeper,
		relay,
		loop: details,
		mainLoop,
		venues: new Map(Object.entries(configs).map(([name, { venue }]) => [name, venue])),
		drillsOf: (name) => {
			const dueReason = drills.dueReason(name, Date.now());
			return { drills: drills.of(name), ...(dueReason !== undefined && { dueReason }) };
		},
		detailsOf: (name) => {
			const session = configs[name];
			if (!session) throw new TypeError(`there is no session ${name}`);
			const found = details.of(name);
			return {
				...found,
				warnings: [
					...botConnectionWarnings(
						session,
						neededPulses(strategies, name),
						relayed.has(name),
						config.leader !== undefined,
					),
					...found.warnings,
				],
			};
		},
		close: () => {
			mainLoop.close();
			relay?.close();
			drills.close();
			details.close();
		},
	};
}
