import { sleep } from "@x/base/clock";
import { isLedElsewhere } from "../agent/session-view.ts";
import { exitCodes } from "../exit-codes.ts";
import type { components } from "../generated/schema.ts";
import { statusTable } from "./format-status-table.ts";
import { agentCommand } from "./running-agent-command.ts";

const watchEveryMs = 1_000;

/** Says what the sessions of a running agent are doing. */
export const status = agentCommand({
	summary: "say what the sessions of a running agent are doing",
	usage: "",
	help: `Asks a running agent what its sessions are doing.

{shared}
      --watch        ask once a second, until interrupted
      --json         print what the agent answered as JSON, one line each time

Exit codes: 0 every session is ready, or standby while another machine leads it, 1 one is not or the agent is away, 2 wrong configuration, 3 a person has to act.`,
	options: { watch: { type: "boolean", default: false }, json: { type: "boolean", default: false } },
	positionals: 0,
	needsToken: false,
	async ask(client, { values }, { print, isTerminal, interrupted }) {
		for (;;) {
			const list = await client.sessions();
			const isRedrawn = isTerminal && values["watch"] === true && values["json"] !== true;
			const text = values["json"] === true ? JSON.stringify(list) : statusTable(list);
			// Clears the screen and moves the cursor to its first line.
			print(isRedrawn ? `\u001b[2J\u001b[H${text}` : text);
			if (values["watch"] === true) await sleep(watchEveryMs, interrupted);
			if (values["watch"] !== true || interrupted.aborted) return exitCodeOf(list);
		}
	},
});

function exitCodeOf({ sessions }: components["schemas"]["SessionList"]): number {
	if (sessions.some(({ needsHuman }) => needsHuman)) return exitCodes.human;
	return sessions.every((session) => session.ready || isLedElsewhere(session)) ? exitCodes.ready : exitCodes.notReady;
}
