import type { Session } from "@x/keepalive";
import { leaderSession } from "@x/keepalive/leader";
import type { Config } from "../config/config.ts";
import { hasLeader, type LeaderConfig, type LeaderInput, timesOf } from "./leader-config.ts";
import { openLeaderStore } from "./leader-store.ts";

/**
 * The configuration of the sessions, where those of IBKR that take part have `compete: "takeover"`, unless they say otherwise, and `logoutOnClose: false`:
 * the next leader takes the brokerage session over from the leader before, whose logout would end it.
 */
export function forTakeover(configs: Config["sessions"], leader: LeaderConfig | undefined): Config["sessions"] {
	if (!leader) return configs;
	return Object.fromEntries(
		Object.entries(configs).map(([name, config]) => {
			if (config.venue !== "ibkr" || !hasLeader(leader, config)) return [name, config];
			return [name, { compete: "takeover", ...config, logoutOnClose: false }];
		}),
	);
}

/**
 * The sessions for the keeper: those that take part are opened only while this process leads. All of them share one store.
 *
 * Nothing connects here. A database that is away costs no start: such a session is in the state `standby`, and its cause says why.
 *
 * @param leader - undefined when no other machine runs them.
 */
export function leadSessions(
	sessions: readonly Session[],
	configs: Config["sessions"],
	leader: LeaderInput | undefined,
): readonly Session[] {
	if (!leader) return sessions;
	const options = { ...timesOf(leader), holder: leader.holder, store: openLeaderStore(leader) };
	return sessions.map((session) => {
		const config = configs[session.name];
		return config && hasLeader(leader, config) ? leaderSession(session, options) : session;
	});
}
