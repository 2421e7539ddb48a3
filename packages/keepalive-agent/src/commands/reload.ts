import { exitCodes } from "../exit-codes.ts";
import { reloadText } from "../reload/reloader.ts";
import { agentCommand } from "./running-agent-command.ts";

/** Asks a running agent to read its configuration again. */
export const reload = agentCommand({
	summary: "let a running agent read its configuration again",
	usage: "",
	help: `Asks a running agent to read its configuration again, as SIGHUP does. No session is touched: what only a restart can
change is named. When the file is wrong, nothing changes.

{shared}

Exit codes: 0 everything is applied, 1 the agent is away or refused, 2 wrong configuration, 3 a restart is needed.`,
	options: {},
	positionals: 0,
	needsToken: true,
	async ask(client, _, { print }) {
		const reloaded = await client.reload();
		print(reloadText(reloaded));
		return reloaded.needsRestart.length > 0 ? exitCodes.human : exitCodes.ready;
	},
});
