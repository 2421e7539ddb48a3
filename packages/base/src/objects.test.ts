import { describe, expect, test } from "vitest";
import { isObject, isRecord, withoutUndefined } from "./objects.ts";

describe("isObject", () => {
	test("isObject accepts an object and an array, and nothing else", () => {
		expect([{}, [], null, undefined, "text", 1, () => 1].map(isObject)).toEqual([
			true,
			true,
			false,
			false,
			false,
			false,
			false,
		]);
	});
});

describe("isRecord", () => {
	test("isRecord accepts an object, and refuses an array and null", () => {
		expect([{}, Object.create(null), [], null].map(isRecord)).toEqual([true, true, false, false]);
	});
});

describe("withoutUndefined", () => {
	test("withoutUndefined leaves out only the members that are undefined", () => {
		const options = { a: undefined, b: null, c: 0, d: "" };
		expect(Object.entries(withoutUndefined(options))).toEqual([
			["b", null],
			["c", 0],
			["d", ""],
		]);
	});
});
