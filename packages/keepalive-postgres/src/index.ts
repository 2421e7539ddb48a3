export type { PostgresQuery } from "./database-query.ts";
export {
	type LeaderInspection,
	type PostgresLeaderStore,
	type PostgresLeaderStoreOptions,
	postgresLeaderStore,
} from "./postgres-leader-store.ts";
