import { createHash } from "node:crypto";
import type { Logger } from "@x/keepalive";
import { postgresPulseStore } from "@x/keepalive-postgres";
import type { Config } from "../config/config.ts";
import { newHolder, storeOptions } from "../leader/leader-config.ts";
import { SharedPulses } from "./shared-pulses.ts";

/**
 * Shares the pulses (health signals) of strategies with `shared: true` through the database of the section `leader`.
 *
 * @returns undefined if there is no such strategy.
 */
export function openSharedPulses({ strategies, sessions, leader }: Config, logger: Logger): SharedPulses | undefined {
	const shared = Object.entries(strategies).flatMap(([name, { isShared, toleranceMs, sessions: guarded }]) => {
		const keys = guarded
			.map((session) => sessions[session])
			.map((config) => (config?.venue === "bybit" ? config.client.apiKey : ""));
		return isShared ? [[name, { key: keyOf(name, keys), toleranceMs }] as const] : [];
	});
	if (!leader || "kubernetes" in leader || shared.length === 0) return undefined;
	const table = `${leader.table ?? "keepalive_leader"}_pulse`;
	const store = postgresPulseStore(storeOptions({ ...leader, table }));
	return new SharedPulses(store, newHolder(), Object.fromEntries(shared), logger);
}

/**
 * The key of a strategy in the database. It depends on the API keys: if two desks have strategies of the same name, the live bot of one
 * desk must not hide that the other desk's bot is dead.
 */
function keyOf(strategy: string, apiKeys: readonly string[]): string {
	const digest = createHash("sha256").update(JSON.stringify(apiKeys.toSorted())).digest("hex");
	return `${strategy}/${digest.slice(0, 12)}`;
}
