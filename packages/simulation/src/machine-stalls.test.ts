import { describe, expect, it } from "vitest";
import type { LogLine } from "./journal.ts";
import type { KeeperProcess } from "./program/keeper-process.ts";
import { type SimulateOptions, simulate } from "./simulate.ts";
import type { Machine } from "./world/machine.ts";

const minute = 60_000;
const names = ["deribit", "ibkr", "bybit"];

const states = (keeperProcess: KeeperProcess): unknown[] =>
	names.map((name) => {
		const status = keeperProcess.current(name)?.status;
		return status?.state === "alive" ? status.protection.state : status?.state;
	});
const fine = ["armed", "unsupported", "armed"];

/** Disturbs the machine while all three sessions are alive, and then checks every invariant until the sessions must be alive again. */
async function shocked(
	seed: number,
	strike: (machine: Machine) => void,
): Promise<{ lines: LogLine[]; violations: unknown }> {
	const lines: LogLine[] = [];
	let struckAt = Number.POSITIVE_INFINITY;
	const script: SimulateOptions["script"] = async ({ world, keeperProcess }) => {
		await world.run(20 * minute);
		expect(states(keeperProcess)).toEqual(fine);
		struckAt = world.now;
		strike(world.machine);
		for (const { watch } of keeperProcess.checked) watch.markDisturbed(world.machine.disturbedAt);
		await world.run(world.now + 80 * minute + Math.max(0, world.machine.disturbedAt - world.now));
		expect(states(keeperProcess)).toEqual(fine);
	};
	const { violations } = await simulate({ seed, script, onLine: (line) => line.at >= struckAt && lines.push(line) });
	return { lines, violations };
}

const named = (lines: readonly LogLine[]): string[] =>
	lines.flatMap(({ where, text }) => (/^(late|leaving)/.test(text) && text.includes("stalled") ? [where] : []));

// The program has a health gate (it closes all sessions when the program hangs) in the run with seed 1, and none in the run with seed 3.
describe.each([1, 3])("a keeper with three live sessions, seed %i", (seed) => {
	it("the keeper never shows a session falsely as armed or alive after a blocked event loop of 15 s, and recovers all sessions", async () => {
		const { lines, violations } = await shocked(seed, (machine) => machine.stall(15_000, seed % 2 === 0));
		expect(violations).toEqual([]);
		expect(named(lines).length).toBeGreaterThan(0);
	});

	it("after a suspension of two hours, the keeper reports the suspension, trusts no answer from before, and recovers every session", async () => {
		const { lines, violations } = await shocked(seed, (machine) => machine.suspend(2 * 60 * minute));
		expect(violations).toEqual([]);
		expect(named(lines).length).toBeGreaterThan(0);
	});

	it("the keeper loses no session and violates no invariant when the clock is set back by an hour", async () => {
		const { lines, violations } = await shocked(seed, (machine) => machine.step(-60 * minute));
		expect(violations).toEqual([]);
		expect(lines.filter(({ text }) => text.startsWith("lost"))).toEqual([]);
	});
});
