import type { Session } from "@x/keepalive";
import { type LeaderStore, leaderSession } from "@x/keepalive/leader";
import { type PostgresLeaderStore, postgresLeaderStore } from "@x/keepalive-postgres";
import type { Config } from "../config/config.ts";
import { hasLeader, type LeaderConfig, type LeaderInput, storeOptions } from "./leader-config.ts";

/**
 * The configuration of the sessions, where those of IBKR that take part have `compete: true`, unless they say otherwise, and `logoutOnClose: false`:
 * the next leader takes the brokerage session over from the leader before, whose logout would end it.
 */
export function forTakeover(configs: Config["sessions"], leader: LeaderConfig | undefined): Config["sessions"] {
	if (!leader) return configs;
	return Object.fromEntries(
		Object.entries(configs).map(([name, config]) => {
			if (config.venue !== "ibkr" || !hasLeader(leader, config)) return [name, config];
			return [name, { compete: true, ...config, logoutOnClose: false }];
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
	const { postgresUrl: _url, table: _table, ...options } = leader;
	const store = withTable(postgresLeaderStore(storeOptions(leader)));
	return sessions.map((session) => {
		const config = configs[session.name];
		return config && hasLeader(leader, config) ? leaderSession(session, { ...options, store }) : session;
	});
}

/** Creates the table before the first attempt to lead. What fails is tried again with the next attempt, and is its error. */
function withTable(store: PostgresLeaderStore): LeaderStore {
	let hasTable = false;
	return {
		async take(name, holder, ttlMs, signal) {
			if (!hasTable) await store.createTable(signal);
			hasTable = true;
			return store.take(name, holder, ttlMs, signal);
		},
		renew: (...claim) => store.renew(...claim),
		release: (...claim) => store.release(...claim),
	};
}
