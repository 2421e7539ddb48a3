import { describe, expect, it } from "vitest";
import { run } from "../../../../scripts/testing/run-command.ts";
import type { Outcome } from "../simulate.ts";
import { readArguments } from "./arguments.ts";
import { playAll, RunFailed } from "./play-all-seeds.ts";
import { Totals } from "./run-totals.ts";
import { reportOf } from "./violation-report.ts";

const read = (...args: string[]) => readArguments(args, { cores: 2, now: 5_000 });

describe("readArguments", () => {
	it("readArguments accepts one seed or a range of seeds", () => {
		expect(read("--seed", "7")).toEqual({ kind: "one", seed: 7, days: 1 });
		expect(read("--seeds=3..9", "--days", "0.5")).toEqual({ kind: "many", first: 3, last: 9, days: 0.5, jobs: 2 });
		expect(read("--fresh", "10", "--jobs", "1")).toEqual({
			kind: "many",
			first: 1_000_005,
			last: 1_000_014,
			days: 1,
			jobs: 1,
		});
	});

	it("readArguments with --fresh draws seeds that depend only on the --from text, and not on the time", () => {
		const draw = (from: string, now: number) => {
			const asked = readArguments(["--fresh", "100", "--from", from], { cores: 2, now });
			return asked.kind === "many" ? [asked.first, asked.last] : [];
		};
		expect(draw("tree-1", 5_000)).toEqual([96_282_353, 96_282_452]);
		expect(draw("tree-1", 900_000)).toEqual(draw("tree-1", 5_000));
		expect(draw("tree-2", 5_000)).not.toEqual(draw("tree-1", 5_000));
	});

	it.each([
		[[], "one of --seed, --seeds and --fresh"],
		[["--seed", "1", "--fresh", "2"], "one of --seed, --seeds and --fresh"],
		[["--seed", "0"], "--seed takes a whole number from 1"],
		[["--seed"], "--seed must be given once and with one value"],
		[["--seeds", "9..3"], "--seeds takes a range"],
		[["--seed", "1", "--days", "0"], "--days takes a number above 0"],
		[["--speed", "1"], "--speed is not an argument"],
		[
			["--seeds", "1..2", "--from", "tree"],
			"--from takes a non-empty string, and is only allowed together with --fresh",
		],
		[["--fresh", "2", "--from", ""], "--from takes a non-empty string, and is only allowed together with --fresh"],
	])("readArguments rejects %j and names the wrong argument", (args, message) => {
		expect(() => read(...args)).toThrow(message);
	});
});

const outcome: Outcome = {
	seed: 42,
	violations: [{ rule: "a-false-armed", where: "deribit", at: 3_600_000, detail: "dead for 9 ms" }],
	logs: [[{ at: 3_599_000, where: "deribit", text: "FAULT reset" }]],
	digests: { wire: "w", words: "s" },
	simulatedMs: 7_200_000,
	events: 10,
	counts: { "fault deribit reset": 2, "fault ibkr reset": 1, "fault ibkr idled out": 1, losses: 3, recoveries: 2 },
	healthyShare: { deribit: 0.5 },
	settings: { deribit: { latencyMs: 20 } },
};

describe("the report of a simulation of many runs", () => {
	it("reportOf names the seed, the rule and the last log lines of a violation, and how to reproduce it", () => {
		const report = reportOf(outcome, 1).join("\n");
		for (const part of [
			"seed 42, rule a-false-armed at deribit, 01:00:00.000",
			"dead for 9 ms",
			"FAULT reset",
			"--seed 42",
		]) {
			expect(report).toContain(part);
		}
	});

	it("Totals.lines contains the simulated hours per second, the number of recoveries, and the number of faults of each kind", () => {
		const totals = new Totals();
		totals.add(outcome);
		const lines = totals.lines(2).join("\n");
		expect(lines).toContain("1 seeds, 1 with violations; 2 simulated hours of 3 venues in 2.0 s");
		expect(lines).toContain("1.0 simulated hours a second, 3.0 venue-hours a second");
		expect(lines).toContain("sessions lost 3 times, recovered 2 times");
		expect(lines).toMatch(/ {2}3 {2}reset\n.* {2}1 {2}ibkr: idled out/);
	});
});

describe("npm run simulate", () => {
	it("npm run simulate prints the same log when it plays the same seed again", async () => {
		const play = () => run("node", ["packages/simulation/src/command/main.ts", "--seed", "11", "--days", "0.02"]);
		const [one, two] = [await play(), await play()];
		expect(one.code, one.stderr).toBe(0);
		const log = (text: string) => text.split("\n").filter((line) => /^(\d\d:|digest)/.test(line));
		expect(log(one.stdout).length).toBeGreaterThan(20);
		expect(log(two.stdout)).toEqual(log(one.stdout));
	});

	it("npm run simulate plays many runs in worker processes, and ends these processes when it ends", async () => {
		const { code, stdout, stderr } = await run("node", [
			"packages/simulation/src/command/main.ts",
			"--seeds",
			"1..3",
			"--days",
			"0.02",
		]);
		expect(code, stdout + stderr).toBe(0);
		expect(stdout).toContain("3 seeds, 0 with violations");
	});

	it("playAll rejects and names the seed when a run crashes its worker process", async () => {
		const worker = new URL("testing/crashing-worker.ts", import.meta.url).pathname;
		const playing = playAll({ first: 5, last: 5, days: 1, jobs: 1, onOutcome: () => true, worker });
		await expect(playing).rejects.toThrow(new RunFailed(5, "crashed its worker process (exit code 3)"));
	});

	it("npm run simulate prints its usage and exits with 2 for a wrong argument", async () => {
		const { code, stderr } = await run("node", ["packages/simulation/src/command/main.ts", "--seed", "x"]);
		expect(code).toBe(2);
		expect(stderr).toContain("usage: npm run simulate");
	});
});
