import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { withoutUndefined } from "@x/base/objects";
import type { Session } from "@x/keepalive";
import { leaderSession } from "@x/keepalive/leader";
import { type KubernetesLeaderStoreOptions, kubernetesLeaderStore } from "@x/keepalive-kubernetes";
import { postgresLeaderStore } from "@x/keepalive-postgres";
import type { SchemaProblem } from "../config/check-against-schema.ts";
import type { Config, SessionConfig } from "../config/config.ts";
import { refusedOptions } from "../config/find-refused-options.ts";
import { neededPulses } from "../strategies/strategy-config.ts";

interface LeaderTimes {
	readonly ttlMs?: number;
	readonly renewMs?: number;
	readonly marginMs?: number;
	readonly pollMs?: number;
	readonly handOverMs?: number;
}

/** The options with which the agents agree on the leader in a Postgres database. `postgresUrl` is a secret. */
export interface PostgresLeaderConfig extends LeaderTimes {
	readonly postgresUrl: string;
	readonly table?: string;
}

/** The options with which the agents agree on the leader by Lease objects of Kubernetes. */
interface KubernetesLeaderConfig extends LeaderTimes {
	readonly kubernetes: Pick<KubernetesLeaderStoreOptions, "namespace" | "serviceAccountFolder"> & {
		readonly url?: string;
	};
}

/** Where the agents of several machines agree which of them runs each session. Plain data. */
export type LeaderConfig = PostgresLeaderConfig | KubernetesLeaderConfig;

/** A {@link LeaderConfig} with the name of this process. */
export type LeaderInput = LeaderConfig & { readonly holder: string };

/** Creates a name for this run of the agent. It contains the host name, so that people on other machines see where the agent runs. */
export const newHolder = (): string => `${hostname()}/${randomUUID()}`;

/**
 * Whether an agent runs the session only while the agent leads. False for a session with `leader: false`, and for every session at Bybit:
 * there, each machine runs the session while a bot sends pulses (health signals).
 */
export const hasLeader = (leader: LeaderConfig | undefined, { venue, leader: takesPart }: SessionConfig): boolean =>
	leader !== undefined && takesPart !== false && venue !== "bybit";

/** A session that is only used to check options. It is never opened. */
const anySession: Session = {
	name: "any",
	handle: undefined,
	open: () => Promise.reject(new Error("this session only serves to check options and cannot be opened")),
	beat: () => Promise.reject(new Error("this session only serves to check options and cannot be opened")),
	close: async () => ({ orders: "unknown", detail: "the session was never open" }),
};

/** Problems of the section `leader` that the JSON Schema of the configuration cannot find. */
export function leaderProblems({
	leader,
	sessions,
	strategies,
}: Pick<Config, "leader" | "sessions" | "strategies">): readonly SchemaProblem[] {
	const problems = Object.entries(sessions).flatMap(([name, session]) =>
		sessionProblems(name, session, leader !== undefined, neededPulses(strategies, name) !== "none"),
	);
	problems.push(...labelProblems(sessions));
	if (!leader) return problems;
	problems.push(...storeProblems(leader));
	const store = postgresLeaderStore({ query: async () => [] });
	problems.push(
		...refusedOptions(timesOf(leader), ["leader"], (given) => leaderSession(anySession, { store, ...given })),
	);
	const sharesPulses = Object.values(strategies).some(({ isShared }) => isShared);
	if (!sharesPulses && !Object.values(sessions).some((session) => hasLeader(leader, session))) {
		const why = "each has leader: false or is at Bybit, and no strategy is shared";
		problems.push({
			path: ["leader"],
			message: `is set, but no session takes part in the leader election: ${why}. Remove the section, or let a session take part`,
		});
	}
	return problems;
}

/** The options of `leaderSession` that are durations. */
export function timesOf(leader: LeaderConfig): LeaderTimes {
	const { ttlMs, renewMs, marginMs, pollMs, handOverMs } = leader;
	// The cast is safe: the result has no member that is undefined.
	return withoutUndefined({ ttlMs, renewMs, marginMs, pollMs, handOverMs }) as LeaderTimes;
}

/** The options of the Postgres database in which the agents agree on the leader. */
export function storeOptions({ postgresUrl, table }: Partial<PostgresLeaderConfig>) {
	return { ...(postgresUrl !== undefined && { url: postgresUrl }), ...(table !== undefined && { table }) };
}

function storeProblems(leader: LeaderConfig): readonly SchemaProblem[] {
	if ("kubernetes" in leader) {
		const path = ["leader", "kubernetes"];
		const problems = refusedOptions(leader.kubernetes, path, (given) => kubernetesLeaderStore(given)).map((problem) =>
			// An error about the token names the folder of the service account, because the token is read from a file there.
			problem.path.at(-1) === "token" ? { ...problem, path: [...path, "serviceAccountFolder"] } : problem,
		);
		if (!("table" in leader)) return problems;
		return [...problems, { path: ["leader", "table"], message: "is only allowed with postgresUrl" }];
	}
	const { postgresUrl, table } = leader;
	const place = { postgresUrl, ...(table !== undefined && { table }) };
	const problems = refusedOptions(place, ["leader"], (given) => postgresLeaderStore(storeOptions(given)));
	return problems.map((problem) =>
		problem.path.at(-1) === "url" ? { ...problem, path: ["leader", "postgresUrl"] } : problem,
	);
}

function sessionProblems(
	name: string,
	session: SessionConfig,
	isConfigured: boolean,
	isGuarded: boolean,
): SchemaProblem[] {
	const { venue, leader } = session;
	const path = ["sessions", name, "leader"];
	const why = "Bybit cancels only when no machine has a subscribed connection of the account any more";
	if (leader === true && !isConfigured) return [{ path, message: "needs the section leader" }];
	if (venue === "deribit" && session.orderLabel !== undefined && (!isConfigured || leader === false)) {
		const message = "needs the section leader, and is not allowed in a session with leader: false";
		return [{ path: ["sessions", name, "orderLabel"], message }];
	}
	if (venue === "ibkr" && isConfigured && leader !== false && session.logoutOnClose === true) {
		const message =
			"must be false or left out when the section leader is given: the logout of a leader that has lost the lead would end the session of the next leader";
		return [{ path: ["sessions", name, "logoutOnClose"], message }];
	}
	if (venue !== "bybit" || !isConfigured) return [];
	if (leader === true) return [{ path, message: `must be false or left out: ${why}` }];
	if (leader === false || isGuarded) return [];
	const message = `must be in strategies, or have leader: false, when the section leader is given. ${why}, so an agent on the other machine would hide that this bot has died`;
	return [{ path: ["sessions", name], message }];
}

/** Problems of sessions with the same `orderLabel`: they would cancel each other's orders. */
function labelProblems(sessions: Config["sessions"]): SchemaProblem[] {
	const labels = new Map<string, string>();
	return Object.entries(sessions).flatMap(([name, session]) => {
		if (session.venue !== "deribit" || session.orderLabel === undefined) return [];
		const { orderLabel } = session;
		const other = labels.get(orderLabel);
		labels.set(orderLabel, name);
		if (other === undefined) return [];
		return [
			{
				path: ["sessions", name, "orderLabel"],
				message: `is also the orderLabel of session ${other}: each session would cancel the other's orders`,
			},
		];
	});
}
