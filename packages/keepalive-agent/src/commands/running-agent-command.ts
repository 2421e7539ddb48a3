import { AgentCallError, AgentClient } from "../client/agent-client.ts";
import {
	type Arguments,
	type Command,
	configFileOf,
	configHelp,
	configOption,
	type Surroundings,
	UsageError,
} from "../command-definition.ts";
import type { HttpConfig } from "../config/config.ts";
import { ConfigError } from "../config/config-error.ts";
import { defaultHttp, loadHttpConfig } from "../config/load-config.ts";
import type { Environment } from "../config/resolve-secrets.ts";
import { exitCodes } from "../exit-codes.ts";

/** A command that asks a running agent. */
export interface AgentCommand extends Omit<Command, "run"> {
	/** Whether the command changes something. The agent requires its token for such commands. */
	readonly needsToken: boolean;
	/** @returns the exit code. */
	ask(client: AgentClient, args: Arguments, surroundings: Surroundings): Promise<number>;
}

const urlHelp = "      --url URL      the agent's address (default: the one in the configuration)";

/**
 * Builds a command that asks a running agent. It adds what such commands share: the agent's address, its token, and the error message when
 * the agent cannot be reached.
 */
export function agentCommand({ needsToken, ask, ...command }: AgentCommand): Command {
	return {
		...command,
		help: command.help.replace("{shared}", `${configHelp}\n${urlHelp}`),
		options: { ...configOption, url: { type: "string" }, ...command.options },
		async run(args, surroundings) {
			const { report, environment, interrupted } = surroundings;
			const { url } = args.values;
			if (typeof url === "string" && !/^https?:$/.test(URL.parse(url)?.protocol ?? "")) {
				throw new UsageError("--url must be an address such as http://127.0.0.1:7300");
			}
			const load = () => loadHttpConfig(configFileOf(args), environment, needsToken);
			const client =
				typeof url === "string"
					? new AgentClient(httpBeside(load, environment, needsToken, report), interrupted, url)
					: new AgentClient(load(), interrupted);
			try {
				return await ask(client, args, surroundings);
			} catch (error) {
				if (interrupted.aborted) return exitCodes.notReady;
				if (!(error instanceof AgentCallError)) throw error;
				report(error.message);
				// Status 404 means that a name in the arguments does not exist. Waiting does not help, so this is the exit code for wrong arguments.
				return error.status === 404 ? exitCodes.configuration : exitCodes.notReady;
			}
		},
	};
}

/** The environment variable that holds the token when the configuration cannot be read. */
const tokenVariable = "KEEPALIVE_TOKEN";

/**
 * Returns the section `http` for a command with --url. If the configuration cannot be used, this function reports the error and returns the
 * defaults, with the token of the variable KEEPALIVE_TOKEN. So a person can look at the running agent and stop it even while somebody edits
 * the file.
 *
 * @throws ConfigError if the command needs the token, and neither the configuration nor the variable KEEPALIVE_TOKEN gives it.
 */
function httpBeside(
	load: () => HttpConfig,
	environment: Environment,
	needsToken: boolean,
	report: (line: string) => void,
): HttpConfig {
	try {
		return load();
	} catch (error) {
		const token = environment[tokenVariable];
		if (!(error instanceof ConfigError) || (needsToken && token === undefined)) throw error;
		report(`the configuration is not used: ${error.message}`);
		return { ...defaultHttp, ...(token !== undefined && { token }) };
	}
}
