import type { Logger } from "@x/keepalive";
import { installShutdown } from "@x/keepalive/node";
import { Alerts } from "../alerts/alert-dispatcher.ts";
import { unresolvedAlerts } from "../alerts/unresolved-alerts.ts";
import type { Config } from "../config/config.ts";
import { ConfigError } from "../config/config-error.ts";
import { loadConfig } from "../config/load-config.ts";
import type { Environment } from "../config/resolve-secrets.ts";
import { History } from "../history/history.ts";
import { EventStreams } from "../http/event-stream.ts";
import { HttpServer } from "../http/http-server.ts";
import { Guard } from "../http/request-guard.ts";
import type { AgentLog } from "../log.ts";
import { Metrics } from "../metrics/metrics.ts";
import { PageFiles } from "../page/page-files.ts";
import { requireFreePort } from "../relay/relay-port.ts";
import { relayUrl } from "../relay/relay-url.ts";
import { type Reloaded, Reloader, reloadText } from "../reload/reloader.ts";
import { lockOwnFiles } from "../state/lock-agent-files.ts";
import { type EarlierState, readState } from "../state/state-file.ts";
import { StateKeeper } from "../state/state-writer.ts";
import { openSharedPulses } from "../strategies/open-shared-pulses.ts";
import { Strategies } from "../strategies/strategies.ts";
import { Notifier } from "../systemd/notifier.ts";
import { SystemdService } from "../systemd/service-state-reporter.ts";
import { agentReporter, isBeyondLimit, type Report, reportDeath, reportStart } from "./agent-event-reporter.ts";
import { holdSignals } from "./delay-process-signals.ts";
import { EventLog } from "./event-log.ts";
import { type Agent, startAgent } from "./start-agent.ts";

/** How an agent ended. */
export type AgentEnd =
	/** Every session was stopped on request. */
	| "asked"
	/** No session is left, and at least one has failed for good. */
	| "failed"
	/** The thread that runs the sessions has died too often. */
	| "worker-died";

/**
 * Runs the sessions of a configuration and the HTTP API until all sessions have stopped. SIGINT and SIGTERM stop the sessions; a second
 * signal ends the process at once.
 *
 * @throws ConfigError when another agent uses the same files; Error of Node.js, with its `code`, when the port cannot be used; KeeperError
 * (worker) when the thread that runs the sessions cannot be started. If it throws, no session is left running.
 */
export async function runAgent(config: Config, logger: AgentLog, environment: Environment): Promise<AgentEnd> {
	const releaseFiles = await lockOwnFiles(config, (problem) => logger.warn(problem));
	try {
		return await runAlone(config, logger, environment);
	} finally {
		releaseFiles();
	}
}

async function runAlone(config: Config, logger: AgentLog, environment: Environment): Promise<AgentEnd> {
	const base = await openBase(config, logger);
	const { server, log, history, report, state } = base;
	const { agent, metrics, workerEnded, deliverSignals } = await startSessions(config, logger, base);
	const { keeper } = agent;
	const settings = { ordersOnStop: config.ordersOnStop };
	const shutdown = installShutdown(keeper, {
		get orders() {
			return settings.ordersOnStop;
		},
		print: (line) => logger.warn(line),
	});
	const shared = openSharedPulses(config, logger);
	const strategies = new Strategies(config.strategies, agent, logger, shared);
	const streams = new EventStreams(agent, log);
	const guard = new Guard(config.http);
	const alerts = startAlerts(config, logger, base, agent, metrics);
	const notifier = Notifier.create(environment, logger);
	const service = notifier && new SystemdService(notifier, agent, environment, process.pid);
	const reloader = new Reloader(config, () => loadConfig(config.file, environment), {
		alerts: (next) => alerts.replace(next.alerts),
		"http.token": (next) => {
			guard.token = next.http.token;
		},
		"log.level": (next) => logger.setLevel(next.log.level),
		ordersOnStop: (next) => {
			settings.ordersOnStop = next.ordersOnStop;
		},
	});
	const reload = (): Promise<Reloaded> => reloadOnce(reloader, { service, report, logger });
	const onHangup = (): void => void reload().catch(() => undefined);
	process.on("SIGHUP", onHangup);
	const stopping = once((why: string) => {
		report("stopping", why);
		service?.stopping();
	});
	const { requested } = shutdown;
	requested.addEventListener("abort", () => stopping(String(requested.reason.message).replace("@x/keepalive: ", "")));
	deliverSignals();
	const onStop = (): void => stopping("stopping the sessions, as asked over HTTP");
	const page = new PageFiles();
	server.serve({ agent, guard, metrics, reload, onStop, page, streams, strategies, history }, logger);
	logWarnings(agent, logger);
	logRelay(agent, logger);
	agent.relay?.listen((record) => log.add(record));
	logger.info(`listening at ${server.url}`, { url: server.url });

	const sessionsEnded = shutdown.exitCode.then((code): AgentEnd => (code === 0 ? "asked" : "failed"));
	const end = await Promise.race([workerEnded, sessionsEnded]);
	stopping(endText[end]);
	// Every session has ended, but the thread that ran the sessions still runs, or is about to be restarted. This call ends it.
	await keeper.stop({ orders: settings.ordersOnStop });
	process.off("SIGHUP", onHangup);
	report("stopped", endText[end]);
	service?.close();
	await state.end();
	await alerts.close();
	strategies.close();
	await shared?.close();
	streams.close();
	await server.close();
	await history?.close();
	agent.close();
	return end;
}

/** The parts that the agent creates before the sessions and closes after them. */
interface Base {
	readonly server: HttpServer;
	readonly log: EventLog;
	/** The id that the event log had before its first record: a reader that starts at this id receives every record. */
	readonly beginning: string;
	readonly history: History | undefined;
	readonly report: Report;
	readonly earlier: EarlierState;
	readonly state: StateKeeper;
	/** Stops holding back signals, and delivers the latest signal that was held back. */
	readonly deliverSignals: () => void;
}

/** Listens at the HTTP port before anything else starts, so that nothing is started if the port is in use. */
async function openBase(config: Config, logger: AgentLog): Promise<Base> {
	// The thread that runs the sessions opens the relay's port later. Checking the port here gives a clearer error if it is in use.
	if (config.relay) await requireFreePort(config.relay.port);
	const server = await HttpServer.listen(config.http);
	const log = new EventLog();
	const beginning = log.lastId;
	const history = config.history.kind === "none" ? undefined : new History(config.history, log, logger);
	const report = agentReporter(log, logger);
	const earlier = readState(config.state.file, Date.now());
	const deliverSignals = holdSignals();
	const state = await keepState(config, earlier, report);
	return { server, log, beginning, history, report, earlier, state, deliverSignals };
}

/**
 * Starts the sessions, and the parts of the agent that have to see every status of the sessions. If the start fails, closes everything in
 * `base`.
 */
async function startSessions(config: Config, logger: AgentLog, base: Base) {
	const { server, log, history, report, earlier, state, deliverSignals } = base;
	const worker = Promise.withResolvers<AgentEnd>();
	let metrics: Metrics | undefined;
	const observed = observe(logger, (message, { session, ms }) => {
		// Only this debug message says how long a beat took.
		if (message === "beat acknowledged" && typeof session === "string" && typeof ms === "number") {
			metrics?.recordBeat(session, ms);
		}
	});
	const agent = await startAgent(config, {
		logger: observed,
		limits: earlier.limits,
		onLimitsUsed: (limits) => state.update(limits),
		onWorkerDeath: (death) => {
			reportDeath(death, report);
			if (isBeyondLimit(death)) worker.resolve("worker-died");
		},
	}).catch(async (error: unknown) => {
		deliverSignals();
		await state.end();
		await server.close();
		await history?.close();
		throw error;
	});
	// The start is reported only now: the listeners of the event log are registered, and no status has been published yet.
	reportStart(earlier, agent, report);
	const made = new Metrics(agent);
	metrics = made;
	agent.keeper.onStatus((record) => {
		log.add(record);
		made.recordStatus(record);
	});
	return { agent, metrics: made, workerEnded: worker.promise, deliverSignals };
}

function startAlerts(config: Config, logger: AgentLog, base: Base, agent: Agent, metrics: Metrics): Alerts {
	const { log, beginning, history, server } = base;
	const startedAt = Date.now();
	return new Alerts(config.alerts, {
		agent,
		log,
		beginning,
		logger,
		metrics: metrics.alerts,
		url: server.url,
		...(history && { unresolved: () => unresolvedAlerts(history, startedAt) }),
	});
}

/** Reloads the configuration. @throws ConfigError if the configuration is wrong; then nothing has been changed. */
async function reloadOnce(
	reloader: Reloader,
	{
		service,
		report,
		logger,
	}: { readonly service: SystemdService | undefined; readonly report: Report; readonly logger: AgentLog },
): Promise<Reloaded> {
	await service?.reloading();
	try {
		const reloaded = reloader.reload();
		report("reloaded", reloadText(reloaded));
		return reloaded;
	} catch (error) {
		// The message of a ConfigError holds no secret. The message of another error may hold one, so it is not shown.
		const why = error instanceof ConfigError ? error.message : "reading it failed in an unexpected way";
		logger.error(`the configuration was not reloaded, nothing was changed: ${why}`);
		throw error;
	} finally {
		await service?.reloaded();
	}
}

function logWarnings(agent: Agent, logger: AgentLog): void {
	for (const session of agent.venues.keys()) {
		for (const warning of agent.detailsOf(session).warnings) logger.warn(`${session}: ${warning}`, { session });
	}
}

/** Returns a function that calls `act` at its first call, and does nothing at later calls. */
function once(act: (why: string) => void): (why: string) => void {
	let isDone = false;
	return (why) => {
		if (isDone) return;
		isDone = true;
		act(why);
	};
}

const endText: Readonly<Record<AgentEnd, string>> = {
	asked: "every session was stopped on request",
	failed: "no session is left: the last ones failed for good",
	"worker-died": "the thread that runs the sessions has died too often",
};

/** Logs the addresses at which bots connect to the relay. */
function logRelay({ relay, venues }: Agent, logger: AgentLog): void {
	for (const [session, venue] of venues) {
		const url = relay?.port === undefined ? undefined : relayUrl(relay.port, venue, session);
		if (url === undefined) continue;
		logger.info(`relaying bots at ${url}`, { session, url });
	}
}

/** Creates and starts the object that writes the state file. */
async function keepState({ state: { file } }: Config, { limits }: EarlierState, report: Report): Promise<StateKeeper> {
	const part = { part: "state" } as const;
	const known = limits === "used-up" ? undefined : limits.sessions;
	const state = new StateKeeper(file, known, (problem) => {
		if (problem === undefined) report("recovered", `${file} can be written again`, part);
		else
			report("degraded", `${problem}. A restart would forget what the agent has used of its limits since then.`, part);
	});
	await state.start();
	return state;
}

/** Returns a logger that also passes debug messages to an observer. */
function observe(
	logger: Logger,
	onDebug: (message: string, fields: Readonly<Record<string, unknown>>) => void,
): Logger {
	return {
		debug: (message, fields) => {
			onDebug(message, fields ?? {});
			logger.debug(message, fields);
		},
		info: (message, fields) => logger.info(message, fields),
		warn: (message, fields) => logger.warn(message, fields),
		error: (message, fields) => logger.error(message, fields),
	};
}
