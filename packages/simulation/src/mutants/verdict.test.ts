import { expect, it } from "vitest";
import type { Mutant } from "./mutant.ts";
import { verdict } from "./verdict.ts";

const mutant = (name: string, hidden?: string): Mutant => {
	return { name, within: "a.ts", pattern: "a", fix: "b", ...(hidden === undefined ? {} : { hidden }) };
};

const caught = { caught: true, by: "seed 7", rules: ["a-false-armed (deribit)"] } as const;
const missed = { caught: false, by: "30 seeds" } as const;

it("verdict lists the mutants in groups: caught, expected to stay uncaught, not caught, and no longer applicable", () => {
	const { lines, isGood } = verdict([
		[mutant("one"), caught],
		[mutant("two", "another guard stands behind it"), missed],
		[mutant("three"), missed],
		[mutant("four"), new Error('"four" does not apply any more')],
	]);
	expect(lines.filter((line) => line.startsWith("  "))).toEqual([
		"  one: seed 7, a-false-armed (deribit)",
		"  two: another guard stands behind it",
		"  three: not caught by 30 seeds",
		'  "four" does not apply any more',
	]);
	expect(lines.at(-1)).toBe("4 mutants, 1 caught, 1 not caught, 1 hidden as expected, 1 stale");
	expect(isGood).toBe(false);
});

it.each([
	[
		"is true when every mutant has the expected outcome",
		[[mutant("one"), caught] as const, [mutant("two", "why"), missed] as const],
		true,
	],
	["is false when nothing caught a mutant", [[mutant("one"), missed] as const], false],
	["is false when a mutant no longer applies", [[mutant("one"), new Error("stale")] as const], false],
	["is false when a mutant was not played", [[mutant("one"), undefined] as const], false],
])("verdict.isGood %s", (_, outcomes, isGood) => {
	expect(verdict(outcomes).isGood).toBe(isGood);
});
