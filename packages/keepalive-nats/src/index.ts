export {
	type LeaderInspection,
	type NatsBucketSettings,
	type NatsLeaderStore,
	natsLeaderStore,
} from "./nats-leader-store.ts";
export type { NatsConnectionLike, NatsLeaderStoreOptions, NatsTlsOptions } from "./options.ts";
