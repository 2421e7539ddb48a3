import { exitCodes } from "../exit-codes.ts";
import { agentCommand } from "./running-agent-command.ts";

/** Asks a running agent to open a session now. */
export const retry = agentCommand({
	summary: "open a session now: a person has logged in, or the network is back",
	usage: "<session>",
	help: `Asks a running agent to open a session now that waits or is blocked. A wait that the venue asked for is kept.

{shared}

Exit codes: 0 asked, or nothing was to be tried, 1 the agent is away or refused, 2 wrong configuration or arguments.`,
	options: {},
	positionals: 1,
	needsToken: true,
	async ask(client, { positionals: [session = ""] }, { print }) {
		const { waitMs, notTried } = await client.retry(session);
		if (notTried !== undefined) print(`${session}: no attempt is made, because its status is: ${notTried}`);
		else print(waitMs === 0 ? `${session} is opened now` : `${session} is opened in ${Math.ceil(waitMs / 1_000)} s`);
		return exitCodes.ready;
	},
});
