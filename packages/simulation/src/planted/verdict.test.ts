import { expect, it } from "vitest";
import type { Planted } from "./planted.ts";
import { verdict } from "./verdict.ts";

const fault = (name: string, hidden?: string): Planted => {
	return { name, within: "a.ts", pattern: "a", fix: "b", ...(hidden === undefined ? {} : { hidden }) };
};

const caught = { caught: true, seed: 7, rules: ["a-false-armed (deribit)"] } as const;
const missed = { caught: false, seeds: 30 } as const;

it("verdict lists what caught each mistake, why it stays hidden, that nothing caught it, or that it does not apply", () => {
	const { lines, isGood } = verdict([
		[fault("one"), caught],
		[fault("two", "another guard stands behind it"), missed],
		[fault("three"), missed],
		[fault("four"), new Error('"four" does not apply any more')],
	]);
	expect(lines.filter((line) => line.startsWith("  "))).toEqual([
		"  one: seed 7, a-false-armed (deribit)",
		"  two: another guard stands behind it",
		"  three: not by 30 seeds",
		'  "four" does not apply any more',
	]);
	expect(lines.at(-1)).toBe("4 faults planted, 1 caught, 1 not caught, 1 hidden as expected, 1 stale");
	expect(isGood).toBe(false);
});

it.each([
	["what was expected", [[fault("one"), caught] as const, [fault("two", "why"), missed] as const], true],
	["one that nothing caught", [[fault("one"), missed] as const], false],
	["one that does not apply", [[fault("one"), new Error("stale")] as const], false],
	["one that nobody hunted", [[fault("one"), undefined] as const], false],
])("verdict.isGood is right when %s", (_, outcomes, isGood) => {
	expect(verdict(outcomes).isGood).toBe(isGood);
});
