/**
 * Drills every death at the three simulators, whose timers are those that were measured or documented at the venues, and prints the table of
 * README.md. Ends with 1 when an order outlived a death for longer than stated and allowed. Takes about two minutes.
 *
 *   node table.ts
 */
import { runMain } from "../../testing/run-main.ts";
import { secrets, serveVenues } from "../../testing/venues.ts";
import type { DrillRecord } from "../drill-record.ts";

const venues = await serveVenues({ ibkr: { accounts: ["DU0000001"] } });
venues.configure(
	["deribit", "ibkr", "bybit"],
	"strategies: { bot: { sessions: [hedge, maker, broker], toleranceMs: 1000 } }\n",
	"    windowSeconds: 3\n",
);

async function drill(session: string, ...more: string[]): Promise<readonly DrillRecord[]> {
	const args = ["drill", "-c", venues.file, "--json", "--control", "3", "--session", session, ...more];
	const { out, err } = await runMain(args, { environment: secrets });
	if (out === "") throw new Error(err);
	// What the command prints.
	return (JSON.parse(out) as { drills: DrillRecord[] }).drills;
}

const seconds = (ms: number | undefined): string => (ms === undefined ? "" : `${(ms / 1_000).toFixed(1)} s`);

const records = (
	await Promise.all([drill("hedge"), drill("maker"), drill("broker", "--instrument", "265598", "--price", "10")])
).flat();
console.log("| venue | death | stated | allowed on top | measured | verdict |\n| --- | --- | --- | --- | --- | --- |");
for (const { venue, kill, expects, statedMs, allowanceMs, measured, result } of records) {
	const stated = expects === "survival" ? "survives" : seconds(statedMs);
	const cells = [venue, `\`${kill}\``, stated, seconds(allowanceMs), seconds(measured?.sinceDeathMs), result.verdict];
	console.log(`| ${cells.join(" | ")} |`);
}
await venues.close();
process.exitCode = records.length === 12 && records.every(({ result }) => result.verdict === "proved") ? 0 : 1;
