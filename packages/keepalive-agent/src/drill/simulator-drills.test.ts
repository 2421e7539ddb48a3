import { expect, it } from "vitest";
import { kills } from "./kill-kinds.ts";
import { drillSimulators, simulatorTable } from "./testing/simulator-drills.ts";

/** The simulators notice silent connections within three seconds; all their other timers are the same as at the venues. */
const venues = {
	deribit: { heartbeatSecondMs: 50 },
	bybit: { idleScanMs: 250, idleLimitOverrideMs: 2_500 },
};

it("drillSimulators proves that no order outlives its session by more than the stated time and the allowance, except at IBKR, where orders survive", async () => {
	const records = await drillSimulators({ controlSeconds: 1, venues });
	const table = simulatorTable(records);
	const rows = ["deribit", "bybit", "ibkr"].flatMap((venue) => kills.map((kill) => `${venue} ${kill} proved`));
	expect(
		records.map(({ venue, kill, result }) => `${venue} ${kill} ${result.verdict}`),
		table,
	).toEqual(rows);
	for (const { expects, statedMs = 0, allowanceMs = 0, measured } of records) {
		if (expects === "cancel") expect(measured?.sinceDeathMs, table).toBeLessThanOrEqual(statedMs + allowanceMs);
		else expect(measured, table).toBeUndefined();
	}
	expect(table.split("\n")).toHaveLength(2 + rows.length);
});
