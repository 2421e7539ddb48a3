export {
	type KubernetesLeaderStore,
	kubernetesLeaderStore,
	type LeaderInspection,
} from "./kubernetes-leader-store.ts";
export type { KubernetesLeaderStoreOptions, KubernetesToken } from "./options.ts";
