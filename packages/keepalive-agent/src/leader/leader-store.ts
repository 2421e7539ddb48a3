import type { LeaderStore } from "@x/keepalive/leader";
import { kubernetesLeaderStore, type LeaderInspection } from "@x/keepalive-kubernetes";
import { type PostgresLeaderStore, postgresLeaderStore } from "@x/keepalive-postgres";
import { type LeaderConfig, storeOptions } from "./leader-config.ts";

/** The store in which the agents agree who leads, with the methods that `keepalive check` needs. */
export interface AgentLeaderStore extends LeaderStore {
	/** Says who leads a session, and whether this process has the permissions to lead. Changes nothing. */
	inspect(name: string, signal?: AbortSignal): Promise<LeaderInspection>;
	/** If this process lacks the permission to lead: what is wrong, and what a person has to do. */
	readonly missingRights: { readonly message: string; readonly todo: string };
	/** Closes the connections to the database or to Kubernetes. Never rejects. */
	close(): Promise<void>;
}

/** Creates the store in which the agents agree who leads, without connecting to anything. */
export function openLeaderStore(leader: LeaderConfig): AgentLeaderStore {
	if ("kubernetes" in leader) {
		const store = kubernetesLeaderStore(leader.kubernetes);
		return {
			...methodsOf(store),
			inspect: (name, signal) => store.inspect(name, signal),
			missingRights: {
				message: "the service account may not get, create or update the Lease.",
				todo: "Grant get, create and update of leases in coordination.k8s.io to it.",
			},
			close: async () => undefined,
		};
	}
	const store = postgresLeaderStore(storeOptions(leader));
	return {
		...withTable(store),
		inspect: (name, signal) => store.inspect(name, signal),
		missingRights: {
			message: "the user of the leader's database may neither use the table nor create it.",
			todo: "Create the table, and GRANT SELECT, INSERT, UPDATE on it to that user.",
		},
		close: () => store.close(),
	};
}

function methodsOf(store: LeaderStore): LeaderStore {
	return {
		take: (...claim) => store.take(...claim),
		renew: (...claim) => store.renew(...claim),
		release: (...claim) => store.release(...claim),
	};
}

/**
 * Creates the table before the first attempt to lead. If that fails, the attempt to lead fails with the same error, and the next attempt
 * tries to create the table again.
 */
function withTable(store: PostgresLeaderStore): LeaderStore {
	let hasTable = false;
	return {
		...methodsOf(store),
		async take(name, holder, ttlMs, signal) {
			if (!hasTable) await store.createTable(signal);
			hasTable = true;
			try {
				return await store.take(name, holder, ttlMs, signal);
			} catch (error) {
				// The table is created again, because the database may have been replaced by an empty one.
				hasTable = false;
				throw error;
			}
		},
	};
}
