import { readFileSync } from "node:fs";
import { AgentCallError, AgentClient } from "../client/agent-client.ts";
import type { Config } from "../config/config.ts";
import { members } from "../members.ts";

/** The agent writes its state every ten seconds. */
const aliveMs = 25_000;

/**
 * Why an agent of this configuration seems to run, or undefined. Its session would be a second one of the same account: at Bybit it
 * would keep the switch from firing, and at IBKR one of them would be thrown out. An agent of another configuration cannot be seen.
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

/** When the agent that did not end was last alive, in epoch milliseconds. A file that cannot be read says nothing. */
function lastSeen(file: string): number | undefined {
	try {
		const { ended, savedAt } = members(JSON.parse(readFileSync(file, "utf8")));
		return ended === false && typeof savedAt === "number" ? savedAt : undefined;
	} catch {
		return undefined;
	}
}
