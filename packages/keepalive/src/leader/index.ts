export { leaderSession } from "./leader-session.ts";
export type { LeaderStore, StoredLeader, TakeResult } from "./leader-store.ts";
export type { LeaderOptions } from "./options.ts";
