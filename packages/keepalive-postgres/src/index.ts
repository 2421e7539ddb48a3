export type { PostgresQuery } from "./database-query.ts";
export type { PostgresStoreOptions } from "./options.ts";
export {
	type LeaderInspection,
	type PostgresLeaderStore,
	type PostgresLeaderStoreOptions,
	postgresLeaderStore,
} from "./postgres-leader-store.ts";
export {
	type PostgresPulseStore,
	type PostgresPulseStoreOptions,
	type PulseReading,
	postgresPulseStore,
	type SharedPulse,
} from "./postgres-pulse-store.ts";
