import type { Session } from "@x/keepalive";
import { leaderSession } from "@x/keepalive/leader";
import type { Config } from "../config/config.ts";
import { hasLeader, type LeaderConfig, type LeaderInput, timesOf } from "./leader-config.ts";
import { openLeaderStore } from "./leader-store.ts";

/**
 * Prepares the sessions at IBKR that take part in the leader election for a change of the leader:
 * - They get `compete: "takeover"`, if the configuration does not set `compete`: the next leader takes the brokerage session over from the
 *   previous leader.
 * - They always get `logoutOnClose: false`: a logout by the previous leader would end the brokerage session that the next leader has taken
 *   over.
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
 * Returns the sessions that the keeper has to keep alive. Sessions that take part in the leader election are opened only while this
 * process leads. All of them share one store (a Postgres table or the Leases of Kubernetes).
 *
 * Nothing connects here, so the agent starts even if the database cannot be reached: these sessions are then in the state `standby`,
 * whose cause says why.
 *
 * @param leader - undefined when no other machine runs the sessions.
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
