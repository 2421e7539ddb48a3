import type { Logger } from "@x/keepalive";
import { installShutdown } from "@x/keepalive/node";
import type { Config } from "../config/config.ts";
import { EventStreams } from "../http/event-stream.ts";
import { Guard } from "../http/guard.ts";
import { HttpServer } from "../http/http-server.ts";
import { Metrics } from "../metrics/metrics.ts";
import { PageFiles } from "../page/page-files.ts";
import { startAgent } from "./agent.ts";
import { EventLog } from "./event-log.ts";

/** How an agent ended. */
export type AgentEnd =
	/** Every session was stopped on request. */
	| "asked"
	/** No session is left, and one of them or more had failed for good. */
	| "failed";

/**
 * Runs the sessions of a configuration and the HTTP API until all sessions have stopped. SIGINT and SIGTERM stop them; a second one
 * ends the process at once.
 *
 * @throws Error of Node.js, with its `code`, when the port cannot be had. No session was started then.
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
	const agent = startAgent(config, observed);
	const { keeper } = agent;
	const shutdown = installShutdown(keeper, { orders: config.ordersOnStop, print: (line) => logger.warn(line) });
	metrics = new Metrics(agent);
	const log = new EventLog();
	keeper.onStatus((record) => {
		log.add(record);
		metrics?.recordStatus(record);
	});
	const streams = new EventStreams(agent, log);
	server.serve({ agent, guard: new Guard(config.http), metrics, page, streams }, logger);
	for (const session of agent.venues.keys()) {
		for (const warning of agent.detailsOf(session).warnings) logger.warn(`${session}: ${warning}`, { session });
	}
	logger.info(`listening at ${server.url}`, { url: server.url });
	const code = await shutdown.exitCode;
	streams.close();
	await server.close();
	agent.close();
	return code === 0 ? "asked" : "failed";
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
