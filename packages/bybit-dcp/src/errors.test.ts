import { expect, it } from "vitest";
import { BybitError } from "./index.ts";

it.each([
	["no answer", "Try again", "@x/bybit-dcp: no answer. Try again."],
	["no answer.", "Try again.", "@x/bybit-dcp: no answer. Try again."],
	["is the clock right?", undefined, "@x/bybit-dcp: is the clock right?"],
])(
	"the message of a BybitError has one punctuation mark after each sentence when the problem is %j and todo %j",
	(problem, todo, message) => {
		expect(new BybitError("timeout", problem, { todo }).message).toBe(message);
	},
);
