import { type Arguments, UsageError } from "../command-definition.ts";
import { exitCodes } from "../exit-codes.ts";
import { historyTable } from "../history/format-history-table.ts";
import { agentCommand } from "./running-agent-command.ts";

const unitsMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const longestMs = 3_650 * 86_400_000;
const recordLimit = 1_000;

/** Prints what happened to the sessions, for example during the last night. */
export const history = agentCommand({
	summary: "say what happened, such as in the last night",
	usage: "",
	help: `Asks a running agent what happened: for each session how long it was armed, its losses with what became of the orders, and when a
person was asked for; then the records, the latest 1,000 at most.

{shared}
      --since TIME   how far to go back, such as 45m, 12h or 7d (default 12h)
      --session NAME only this session
      --json         print the timeline and the records as one line of JSON

Exit codes: 0 the agent has answered, 1 it is away or has no history, 2 wrong configuration or arguments.`,
	options: {
		since: { type: "string", default: "12h" },
		session: { type: "string" },
		json: { type: "boolean", default: false },
	},
	positionals: 0,
	needsToken: false,
	async ask(client, args, { print, report }) {
		const { session } = args.values;
		const sinceMs = sinceOf(args);
		const window = { to: Date.now(), from: Date.now() - sinceMs };
		const answer = await client.timeline(window);
		const sessions = answer.sessions.filter(({ name }) => session === undefined || name === session);
		const timeline = { ...answer, sessions };
		const name = typeof session === "string" ? { session } : {};
		const page = await client.history({ ...window, limit: recordLimit, ...name });
		// A session that was removed from the configuration may still have records. So the name is unknown only if it has no records either.
		if (typeof session === "string" && sessions.length === 0 && page.records.length === 0) {
			const known = answer.sessions.map((each) => each.name).join(", ");
			report(`there is no session ${JSON.stringify(session)} (there are ${known}).`);
			return exitCodes.configuration;
		}
		print(args.values["json"] === true ? JSON.stringify({ timeline, ...page }) : historyTable(timeline, page));
		return exitCodes.ready;
	},
});

function sinceOf({ values }: Arguments): number {
	const [, count = "", unit = ""] = /^(\d{1,6})([mhd])$/.exec(String(values["since"])) ?? [];
	const ms = Number(count) * (unitsMs[unit] ?? 0);
	if (ms > 0 && ms <= longestMs) return ms;
	throw new UsageError(`--since must be a time such as 45m, 12h or 7d, got ${JSON.stringify(values["since"])}`);
}
