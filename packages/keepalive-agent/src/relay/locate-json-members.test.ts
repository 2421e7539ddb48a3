import { describe, expect, it } from "vitest";
import { membersOf } from "./locate-json-members.ts";

/** Makes a generator of pseudo-random numbers from 0 to 1. The numbers are the same in every run. */
function* seeded(seed: number): Generator<number, never> {
	for (let state = seed; ; ) {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		yield state / 2 ** 32;
	}
}

describe("membersOf", () => {
	it("membersOf finds the place of each value in the text of an object", () => {
		const text = ' { "a" : 1.50 , "b\\"\\\\":"x,}\\"", "c":[{"d":"]"}],"\\u0065":null} ';
		const found = membersOf(text).map(({ key, start, end }) => [key, text.slice(start, end)]);
		expect(found).toEqual([
			["a", "1.50"],
			['b"\\', '"x,}\\""'],
			["c", '[{"d":"]"}]'],
			["e", "null"],
		]);
	});

	it("membersOf finds both of two members with the same name, and no member in an empty object", () => {
		expect(membersOf('{"a":1,"a":2}').map(({ key }) => key)).toEqual(["a", "a"]);
		expect(membersOf("{ }")).toEqual([]);
	});

	it("membersOf finds every member of 2 000 random objects", () => {
		const random = seeded(17);
		const next = (below: number): number => Math.floor(random.next().value * below);
		const texts = ['"', "\\", "{", "}", "[", "]", ",", ":", "\n", "é", "\u2028", "x", " "];
		const text = (): string => Array.from({ length: next(6) }, () => texts[next(texts.length)]).join("");
		const value = (depth: number): unknown => {
			const kind = next(depth > 3 ? 4 : 6);
			if (kind === 0) return text();
			if (kind === 1) return next(1e6) / 7;
			if (kind === 2) return next(2) === 0;
			if (kind === 3) return null;
			if (kind === 4) return Array.from({ length: next(4) }, () => value(depth + 1));
			return Object.fromEntries(Array.from({ length: next(4) }, () => [text(), value(depth + 1)]));
		};
		for (let round = 0; round < 2_000; round += 1) {
			const object = Object.fromEntries(Array.from({ length: next(5) }, () => [text(), value(0)]));
			const json = JSON.stringify(object, undefined, next(3));
			const found = membersOf(json).map(({ key, start, end }) => [
				key,
				JSON.stringify(JSON.parse(json.slice(start, end))),
			]);
			// JSON.parse does not give the expected members: after an object with the name "\n", V8 14 reads this name as "\\".
			expect(found).toEqual(Object.entries(object).map(([key, each]) => [key, JSON.stringify(each)]));
		}
	});
});
