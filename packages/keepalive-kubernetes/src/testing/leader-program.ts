/**
 * Runs a leader session until SIGTERM, and prints each state with its epoch. The program does not call exit(), so that a test
 * can see whether the store keeps the process running.
 */

import { keepalive } from "../../../keepalive/src/keeper.ts";
import { leaderSession } from "../../../keepalive/src/leader/index.ts";
import type { Lease } from "../../../keepalive/src/session.ts";
import { kubernetesLeaderStore } from "../index.ts";

const [, , serviceAccountFolder = "", ttlMs = "", leaseName] = process.argv;
const protection = { state: "armed", scope: "connection", exposureMs: 60_000, verifiedAt: 0 } as const;
const lease: Lease = { ttlMs: 60_000, protection };
const session = {
	name: "venue",
	handle: undefined,
	open: async () => lease,
	beat: async () => lease,
	close: async () => ({ orders: "kept", detail: "left" }) as const,
};
const store = kubernetesLeaderStore({
	serviceAccountFolder,
	...(leaseName !== undefined && { leaseName: () => leaseName }),
});
const keeper = keepalive([leaderSession(session, { store, ttlMs: Number(ttlMs) })]);
keeper.onStatus(({ status, epoch = 0 }) => console.log(`${status.state} ${epoch} ${keeper.isArmed("venue")}`));
process.once("SIGTERM", () => void keeper.stop({ orders: "keep" }));
