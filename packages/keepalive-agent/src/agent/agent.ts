import { type Keeper, keepalive, type Logger } from "@x/keepalive";
import { besideBotWarnings } from "../config/beside-bot.ts";
import type { Config, SessionConfig } from "../config/config.ts";
import { type AgentSession, createSessions } from "../config/create-session.ts";
import { LoopWatch } from "./loop-watch.ts";

/** What a session says of itself besides its status. Plain data. */
type SessionDetails = Pick<AgentSession, "warnings" | "exposure" | "layers">;

/** The sessions of a configuration, kept alive. */
export interface Agent {
	readonly keeper: Keeper;
	/** The venue of each session, in the order of the configuration. */
	readonly venues: ReadonlyMap<string, SessionConfig["venue"]>;
	/** Whether the loop turns that keeps the sessions alive. */
	readonly loop: Pick<LoopWatch, "ageMs" | "stalledMs">;
	detailsOf(session: string): SessionDetails;
	/** Releases what the agent holds besides its keeper, which has to be stopped before. */
	close(): void;
}

/**
 * Starts the sessions. The only place that knows in which thread the keeper runs: here it is this one.
 *
 * @throws OptionError, with nothing started.
 */
export function startAgent({ sessions: configs, keeper: options }: Config, logger: Logger): Agent {
	const sessions = new Map(createSessions(configs).map((session) => [session.name, session]));
	const keeper = keepalive([...sessions.values()], { ...options, logger });
	const loop = new LoopWatch();
	return {
		keeper,
		loop,
		venues: new Map(Object.entries(configs).map(([name, { venue }]) => [name, venue])),
		detailsOf: (name) => {
			const session = sessions.get(name);
			const config = configs[name];
			if (!session || !config) throw new TypeError(`there is no session ${name}`);
			const { exposure, layers } = session;
			const warnings = [...besideBotWarnings(config), ...session.warnings];
			return { warnings, ...(exposure && { exposure }), ...(layers && { layers }) };
		},
		close: () => {
			loop.close();
			for (const session of sessions.values()) session.release?.();
		},
	};
}
