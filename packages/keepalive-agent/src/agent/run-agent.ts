import type { Logger } from "@x/keepalive";
import { installShutdown } from "@x/keepalive/node";
import type { WorkerDeath } from "@x/keepalive/worker";
import { Alerts } from "../alerts/alerts.ts";
import { unresolvedAlerts } from "../alerts/unresolved-alerts.ts";
import type { Config } from "../config/config.ts";
import { History } from "../history/history.ts";
import { EventStreams } from "../http/event-stream.ts";
import { Guard } from "../http/guard.ts";
import { HttpServer } from "../http/http-server.ts";
import { Metrics } from "../metrics/metrics.ts";
import { PageFiles } from "../page/page-files.ts";
import { startAgent } from "./agent.ts";
import type { AgentEventRecord } from "./agent-record.ts";
import { EventLog } from "./event-log.ts";

/** How an agent ended. */
export type AgentEnd =
	/** Every session was stopped on request. */
	| "asked"
	/** No session is left, and one of them or more had failed for good. */
	| "failed"
	/** The thread of the sessions has died too often. */
	| "worker-died";

/**
 * Runs the sessions of a configuration and the HTTP API until all sessions have stopped. SIGINT and SIGTERM stop them; a second one
 * ends the process at once.
 *
 * @throws Error of Node.js, with its `code`, when the port cannot be had; KeeperError (worker) when the thread of the sessions cannot
 * be started. No session is left running then.
 */
export async function runAgent(config: Config, logger: Logger): Promise<AgentEnd> {
	const page = new PageFiles();
	const server = await HttpServer.listen(config.http);
	let metrics: Metrics | undefined;
	const observed = observe(logger, (message, { session, ms }) => {
		// The keeper reports the duration of a beat to its logger only.
		if (message === "beat acknowledged" && typeof session === "string" && typeof ms === "number") {
			metrics?.recordBeat(session, ms);
		}
	});
	const log = new EventLog();
	const history = config.history.kind === "none" ? undefined : new History(config.history, log, logger);
	const workerEnd = Promise.withResolvers<AgentEnd>();
	const agent = await startAgent(config, observed, (death) => {
		log.add(workerDied(death, logger));
		if (isBeyondLimit(death)) workerEnd.resolve("worker-died");
	}).catch(async (error: unknown) => {
		await server.close();
		await history?.close();
		throw error;
	});
	const { keeper } = agent;
	const shutdown = installShutdown(keeper, { orders: config.ordersOnStop, print: (line) => logger.warn(line) });
	metrics = new Metrics(agent);
	keeper.onStatus((record) => {
		log.add(record);
		metrics?.recordStatus(record);
	});
	const streams = new EventStreams(agent, log);
	server.serve({ agent, guard: new Guard(config.http), metrics, page, streams, history }, logger);
	for (const session of agent.venues.keys()) {
		for (const warning of agent.detailsOf(session).warnings) logger.warn(`${session}: ${warning}`, { session });
	}
	const startedAt = Date.now();
	const alerts = new Alerts(config.alerts, {
		agent,
		log,
		logger,
		metrics: metrics.alerts,
		url: server.url,
		...(history && { unresolved: () => unresolvedAlerts(history, startedAt) }),
	});
	logger.info(`listening at ${server.url}`, { url: server.url });
	const end = await Promise.race([
		workerEnd.promise,
		shutdown.exitCode.then((code): AgentEnd => (code === 0 ? "asked" : "failed")),
	]);
	// Nothing is left to close, but its thread still runs, or waits to be started again.
	await keeper.stop({ orders: config.ordersOnStop });
	await alerts.close();
	streams.close();
	await server.close();
	await history?.close();
	agent.close();
	return end;
}

/** The first restarts come at once. Another process would not come later than the next one. */
const longestRestartMs = 60_000;

const isBeyondLimit = ({ restartInMs = 0 }: WorkerDeath): boolean => restartInMs > longestRestartMs;

/** Logs that the worker has died. @returns the record of it. */
function workerDied(death: WorkerDeath, logger: Logger): AgentEventRecord {
	const { error, restartInMs } = death;
	const next =
		restartInMs === undefined
			? "It is not started again."
			: isBeyondLimit(death)
				? "It has died too often: the agent ends."
				: "It is started again.";
	const detail = `${error.message}. ${next}`;
	logger.error(detail);
	return { type: "agent", at: Date.now(), event: "worker-died", detail };
}

/** The same logger, with an observer of debug messages. */
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
