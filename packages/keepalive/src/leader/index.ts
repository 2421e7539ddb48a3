export { leaderSession } from "./leader-session.ts";
export type { LeaderNote, LeaderStore, StoredLeader, TakeResult } from "./leader-store.ts";
export type { LeaderOptions } from "./options.ts";
