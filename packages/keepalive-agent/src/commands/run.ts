import { isKeeperError } from "@x/keepalive";
import { type AgentEnd, runAgent } from "../agent/run-agent.ts";
import { type Command, configFileOf, configHelp, configOption } from "../command-definition.ts";
import { loadConfig } from "../config/load-config.ts";
import { exitCodes } from "../exit-codes.ts";
import { UnixSocketError } from "../http/unix-socket.ts";
import { createLog } from "../log.ts";
import { relayHost } from "../relay/relay-port.ts";

const exitCodeOf: Readonly<Record<AgentEnd, number>> = {
	asked: exitCodes.ready,
	failed: exitCodes.human,
	"worker-died": exitCodes.agent,
};

/** Keeps the sessions alive until the program is stopped. */
export const run: Command = {
	summary: "keep the sessions alive until it is stopped",
	usage: "",
	help: `Keeps the sessions of the configuration alive and serves the HTTP API. The log goes to stdout: readable lines on a terminal,
else JSON. The first SIGTERM or SIGINT closes the sessions with ordersOnStop; a second one ends the process at once, and
the venues see a program that has died.

${configHelp}

Exit codes: 0 stopped on request, 2 wrong configuration (nothing was started), 3 no session is left because the last
ones failed for good, 4 the agent itself failed; 130 and 143 after a second SIGINT or SIGTERM.`,
	options: configOption,
	positionals: 0,
	async run(args, { report, isTerminal, environment }) {
		const config = loadConfig(configFileOf(args), environment);
		const log = createLog(config.log.level, isTerminal, report);
		try {
			return exitCodeOf[await runAgent(config, log, environment)];
		} catch (error) {
			if (isKeeperError(error)) {
				report(`the thread that runs the sessions cannot be started: ${error.message}`);
				return exitCodes.agent;
			}
			if (error instanceof UnixSocketError) {
				report(`${config.file}: http.socket ${config.http.socket} ${error.message}`);
				return exitCodes.configuration;
			}
			const code = error instanceof Error && "code" in error ? error.code : undefined;
			if (code !== "EADDRINUSE" && code !== "EADDRNOTAVAIL" && code !== "EACCES" && code !== "ENOTFOUND") throw error;
			const isRelay = error instanceof Error && "port" in error && error.port === config.relay?.port;
			const { host, port } = isRelay ? { host: relayHost, port: config.relay?.port } : config.http;
			report(
				`${config.file}: ${isRelay ? "relay" : "http"} cannot listen at ${host}, port ${port}: ${code}. Does another agent run?`,
			);
			return exitCodes.configuration;
		}
	},
};
