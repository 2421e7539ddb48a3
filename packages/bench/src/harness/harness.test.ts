import { describe, expect, it } from "vitest";
import { Child } from "./child-process.ts";
import { Rounds } from "./compare-rounds.ts";
import { holds, type Measure, type Verdict } from "./measure-and-table-row.ts";
import { groups } from "./measure-groups.ts";
import { requireOpenFiles } from "./open-file-limit.ts";
import { tableOf } from "./performance-page.ts";
import { peak } from "./program-with-bybit-server.ts";
import { attempt, reasonOf } from "./result-or-error.ts";
import { figure, quantile, ratios, rotated } from "./round-statistics.ts";

const verdict = (figures: Verdict["figure"], target: Verdict["target"]): Verdict => ({
	measure: "m",
	ours: "1",
	against: "2",
	figure: figures,
	target,
	unit: "x",
});

describe("figures of the benchmark", () => {
	it("figure() returns median, minimum and maximum for odd and even numbers of rounds", () => {
		expect(figure([3, 1, 2])).toEqual({ median: 2, low: 1, high: 3 });
		expect(figure([4, 1, 2, 3])).toEqual({ median: 2.5, low: 1, high: 4 });
	});

	it("ratios() divides one program's figure by the other's for each round, and does not divide the medians", () => {
		// In the second round, both values are high, as after a disturbance that affects both compared programs.
		expect(ratios([10, 100, 12], [10, 100, 10])).toEqual({ median: 1, low: 1, high: 1.2 });
	});

	it("quantile() returns the value at the given quantile", () => {
		expect(quantile([5, 1, 4, 2, 3], 0.5)).toBe(3);
		expect(quantile([5, 1, 4, 2, 3], 0.99)).toBe(5);
	});
});

it("rotated() rotates the list, so that each round begins with another program", () => {
	expect([0, 1, 2, 3].map((round) => rotated(["a", "b", "c"], round).join(""))).toEqual(["abc", "bca", "cab", "abc"]);
});

it("peak() returns the largest number of events within any time window, both ends of the window included", () => {
	expect(peak([0, 10, 20, 21, 25, 31], 10)).toBe(3);
	expect(peak([], 10)).toBe(0);
});

describe("a target of the benchmark", () => {
	it("holds() returns true for a median at the limit of the target, and false for a median beyond the limit", () => {
		expect(holds(verdict(1.15, { atMost: 1.15 }))).toBe(true);
		expect(holds(verdict({ median: 1.16, low: 1, high: 2 }, { atMost: 1.15 }))).toBe(false);
		expect(holds(verdict(4, { atLeast: 4 }))).toBe(true);
		expect(holds(verdict(3, { atLeast: 4 }))).toBe(false);
	});

	it("holds() returns undefined if a row has no target or no figure", () => {
		expect(holds(verdict(undefined, { atMost: 1 }))).toBeUndefined();
		expect(holds(verdict(1, undefined))).toBeUndefined();
	});

	it('tableOf() shows "no" in a row that missed its target, and "not run" in a row without a figure', () => {
		const measure = { id: "x", about: "About.", boundMs: 1, run: async () => [] };
		const verdicts = [verdict(2, { atMost: 1 }), { ...verdict(undefined, undefined), note: "not run: why" }];
		const table = tableOf([{ measure, verdicts }]);
		expect(table).toContain("| m | 1 | 2 | 2.00 x | ≤ 1 x | **no** |");
		expect(table).toContain("| m | 1 | 2 | not run: why |  | not run |");
	});
});

describe("a compared program that fails in the benchmark", () => {
	const play = async (rounds: Rounds<"ours" | "theirs", { ms: number }>) => {
		for (const ms of [1, 2, 3]) {
			await rounds.play("ours", async () => ({ ms }));
			await rounds.play("theirs", async () => {
				if (ms === 2) throw new Error("it broke | here\nand more");
				return { ms: ms * 10 };
			});
		}
	};
	const line = { measure: "m", mine: "ours", theirs: "theirs", what: "ms", unit: "ms", target: 1 } as const;

	it("Rounds.line shows the error of a program that failed, and the figures of the other program", async () => {
		const rounds = new Rounds<"ours" | "theirs", { ms: number }>(new AbortController().signal);
		await play(rounds);
		expect(rounds.line(line)).toMatchObject({
			ours: "2.00 ms (1.00 to 3.00)",
			against: "theirs: failed",
			figure: undefined,
			note: "failed: it broke / here",
		});
	});

	it("Rounds.play does not run a program again after it has failed", async () => {
		const rounds = new Rounds<"ours" | "theirs", { ms: number }>(new AbortController().signal);
		await play(rounds);
		await rounds.play("theirs", () => expect.fail("it was played"));
		expect(rounds.of("theirs", "ms")).toEqual([]);
	});

	it("attempt() returns the error that ended a child process, in one line", async () => {
		const { fault } = await attempt(() => Child.start("/nowhere/at-all.ts", "x"));
		expect(fault).toContain("Cannot find module");
		expect(fault).not.toContain("\n");
	});

	it("reasonOf() shortens an error text to 160 characters", () => {
		expect(reasonOf(new Error("x".repeat(500)))).toHaveLength(160);
	});
});

it("Rounds.play runs no program once the deadline of the measure has passed", async () => {
	const cut = new AbortController();
	const rounds = new Rounds<"ours", { ms: number }>(cut.signal);
	cut.abort();
	await expect(rounds.play("ours", () => expect.fail("it was played"))).rejects.toThrow();
});

it("requireOpenFiles throws when the limit of open files is too low, and names the command that raises it", () => {
	expect(() => requireOpenFiles(3_500, 1_024)).toThrow('run "ulimit -n 3500"');
	expect(() => requireOpenFiles(3_500, 3_500)).not.toThrow();
	expect(() => requireOpenFiles(10)).not.toThrow();
});

it("groups() makes one group of neighbouring measures that may run at the same time, and a separate group of each other measure", () => {
	const measure = (id: string, overlaps?: boolean): Measure => ({
		id,
		about: "",
		boundMs: 1,
		run: async () => [],
		...(overlaps === undefined ? {} : { overlaps }),
	});
	const all = [measure("a"), measure("b"), measure("c", true), measure("d", true), measure("e")];
	expect(groups(all).map((group) => group.map(({ id }) => id).join(""))).toEqual(["a", "b", "cd", "e"]);
});
