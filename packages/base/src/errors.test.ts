import { expect, it } from "vitest";
import { clause, OptionError, sentence } from "./errors.ts";

it.each([
	["nobody is logged in", "nobody is logged in."],
	["nobody is logged in.", "nobody is logged in."],
	["it is not known. Did you mean url?", "it is not known. Did you mean url?"],
	["a text that was cut off…", "a text that was cut off…"],
	["", "."],
])("sentence(%j) ends with exactly one punctuation mark", (text, expected) => {
	expect(sentence(text)).toBe(expected);
});

it.each([
	["nobody is logged in.", "nobody is logged in"],
	["nobody is logged in", "nobody is logged in"],
	["is it running?", "is it running?"],
])("clause(%j) has no full stop at its end", (text, expected) => {
	expect(clause(text)).toBe(expected);
});

it.each([
	["must be a number, got 1", "@x/p: option url must be a number, got 1."],
	["is not known. Did you mean url?", "@x/p: option url is not known. Did you mean url?"],
])("OptionError ends its message with exactly one punctuation mark when the problem is %j", (problem, message) => {
	expect(new OptionError("@x/p", "url", problem).message).toBe(message);
});
