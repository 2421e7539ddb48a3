import { readFileSync } from "node:fs";
import { AgentCallError, AgentClient } from "../client/agent-client.ts";
import type { Config } from "../config/config.ts";
import { members } from "../object-or-empty.ts";

/** A running agent writes its state file every ten seconds, so a file that is older than this was written by an agent that has ended. */
const aliveMs = 25_000;

/**
 * What shows that an agent with this configuration is running, for a person; undefined if nothing shows it. An agent with another
 * configuration is not detected.
 *
 * A drill must not start beside such an agent, because the drill opens a second session of the same account. At Bybit, the agent's session
 * would keep the venue from cancelling the drill's order. At IBKR, one of the two sessions would be ended.
 */
export async function runningAgent(
	{ http, state, sessions }: Config,
	signal: AbortSignal,
): Promise<string | undefined> {
	const names = await sessionsOfAgent(http, signal);
	if (names?.some((name) => Object.hasOwn(sessions, name))) return `an agent answers at port ${http.port}`;
	const aliveAt = lastSeen(state.file);
	if (aliveAt === undefined || Date.now() - aliveAt > aliveMs) return undefined;
	return `${state.file} was written ${Math.round((Date.now() - aliveAt) / 1_000)} s ago by an agent that has not ended`;
}

async function sessionsOfAgent(http: Config["http"], signal: AbortSignal): Promise<readonly string[] | undefined> {
	if (http.port === 0) return undefined;
	try {
		const { sessions } = await new AgentClient(http, signal).sessions();
		return sessions.map(({ name }) => name);
	} catch (error) {
		if (error instanceof AgentCallError) return undefined;
		throw error;
	}
}

/**
 * When the agent last wrote its state file, in epoch milliseconds. Undefined if the file says that the agent has ended, or cannot be read.
 */
function lastSeen(file: string): number | undefined {
	try {
		const { ended, savedAt } = members(JSON.parse(readFileSync(file, "utf8")));
		return ended === false && typeof savedAt === "number" ? savedAt : undefined;
	} catch {
		return undefined;
	}
}
