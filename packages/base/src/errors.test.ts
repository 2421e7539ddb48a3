import { expect, it } from "vitest";
import { sentence } from "./errors.ts";

it.each([
	["nobody is logged in", "nobody is logged in."],
	["nobody is logged in.", "nobody is logged in."],
	["", "."],
])("sentence(%j) ends with one full stop", (text, expected) => {
	expect(sentence(text)).toBe(expected);
});
