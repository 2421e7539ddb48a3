/**
 * Keeps three sessions alive against simulators while faults are injected. See `usage` in arguments.ts.
 *
 * Exit codes:
 * - 0: every session was lost at least once and recovered every time; also for --help.
 * - 1: a session was never lost, or did not recover.
 * - 2: an argument is wrong.
 */
import { type DemoArguments, readArguments, usage } from "./arguments.ts";
import { legend, setStage, shortened } from "./demo-sessions.ts";
import { play } from "./fault-scenario.ts";
import { duration } from "./format-status-lines.ts";
import { liveScreen } from "./live-screen.ts";
import { plainScreen } from "./plain-screen.ts";
import { jsonScreen, type Screen } from "./screen.ts";
import { shortcomings, summarise } from "./summary.ts";

async function run({ seconds, json }: DemoArguments): Promise<number> {
	const live = !json && process.stdout.isTTY ? liveScreen(process.stdout) : undefined;
	const screen: Screen = live ?? (json ? jsonScreen(process.stdout, process.stderr) : plainScreen(process.stdout));
	screen.tell(`Three sessions against simulators on 127.0.0.1, four faults, about ${duration(seconds * 1_000)}.`);
	for (const line of ["", ...legend, "", ...shortened, ""]) screen.explain(line);

	const stage = await setStage();
	// Closes everything when the demo is interrupted or when its output is closed.
	const leave = (code: number): void => void stage.close().finally(() => process.exit(code));
	process.once("SIGINT", () => leave(130));
	process.once("SIGTERM", () => leave(143));
	process.stdout.once("error", () => leave(1));
	const removeListener = stage.keeper.onStatus((record) => screen.changed(record));
	live?.show(stage.keeper);
	const faults: string[] = [];
	try {
		await play(stage, screen, seconds);
	} catch (error) {
		faults.push(error instanceof Error ? error.message : String(error));
	}
	// The summary is made before the keeper stops, so that it does not include orders that the stop cancels.
	const { deribit, ibkr, bybit } = stage.sims;
	const orders = { deribit: deribit.orders(), ibkr: ibkr.orders(), bybit: bybit.orders() };
	const summary = summarise(stage.keeper.snapshot(), orders);
	removeListener();
	screen.end(summary);
	await stage.close();

	faults.push(...shortcomings(summary));
	for (const fault of faults) process.stderr.write(`demo: ${fault}\n`);
	return faults.length === 0 ? 0 : 1;
}

try {
	const given = readArguments(process.argv.slice(2));
	if (given === "help") process.stdout.write(`${usage}\n`);
	else process.exitCode = await run(given);
} catch (error) {
	if (!(error instanceof TypeError)) throw error;
	process.stderr.write(`${error.message}\n\n${usage}\n`);
	process.exitCode = 2;
}
