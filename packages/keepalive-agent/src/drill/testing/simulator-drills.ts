import { copyFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runMain } from "../../testing/run-main.ts";
import { secrets, serveVenues, type VenueOptions } from "../../testing/serve-venues.ts";
import type { DrillRecord } from "../drill-record.ts";

/** The options of {@link drillSimulators}. */
interface SimulatorDrills {
	readonly controlSeconds: number;
	/** The options of the simulators. By default, the timers of the simulators are those of the venues. */
	readonly venues?: Omit<VenueOptions, "ibkr">;
}

/** Runs one drill for every way to kill a session, at each of the three simulators. */
export async function drillSimulators({ controlSeconds, venues }: SimulatorDrills): Promise<readonly DrillRecord[]> {
	const served = await serveVenues({ ...venues, ibkr: { accounts: ["DU0000001"] } });
	try {
		served.configure(
			["deribit", "ibkr", "bybit"],
			"strategies: { bot: { sessions: [hedge, maker, broker], toleranceMs: 1000 } }\n",
			"    windowSeconds: 3\n",
		);
		const drill = async (session: string, ...more: string[]): Promise<readonly DrillRecord[]> => {
			// Each drill has a configuration file of its own, because a drill locks the state file that belongs to its configuration.
			const file = join(dirname(served.file), `${session}.yaml`);
			copyFileSync(served.file, file);
			const args = ["drill", "-c", file, "--json", "--control", String(controlSeconds), "--session", session];
			const { out, err } = await runMain([...args, ...more], { environment: secrets });
			if (out === "") throw new Error(err);
			// The cast states the type of the JSON that the command prints.
			return (JSON.parse(out) as { drills: DrillRecord[] }).drills;
		};
		const broker = drill("broker", "--instrument", "265598", "--price", "10");
		return (await Promise.all([drill("hedge"), drill("maker"), broker])).flat();
	} finally {
		await served.close();
	}
}

const venueNames = { deribit: "Deribit", bybit: "Bybit", ibkr: "IBKR" } as const;

const seconds = (ms: number | undefined): string => (ms === undefined ? "" : `${(ms / 1_000).toFixed(1)} s`);

/** Returns the table that README.md shows. */
export function simulatorTable(records: readonly DrillRecord[]): string {
	const rows = records.map(({ venue, kill, expects, statedMs, allowanceMs, measured, result }) => {
		const stated = expects === "survival" ? "survives" : seconds(statedMs);
		const cells = [venueNames[venue], `\`${kill}\``, stated, seconds(allowanceMs), seconds(measured?.sinceDeathMs)];
		return `| ${[...cells, result.verdict].join(" | ")} |`;
	});
	const head = [
		"| venue | death | stated | allowed on top | measured | verdict |",
		"| --- | --- | --- | --- | --- | --- |",
	];
	return [...head, ...rows].join("\n");
}
