import { expect, it } from "vitest";
import { DeribitError } from "./index.ts";

it.each([
	["no answer", "@x/deribit-session: connect: no answer."],
	["no answer.", "@x/deribit-session: connect: no answer."],
	["no answer. Is the host right?", "@x/deribit-session: connect: no answer. Is the host right?"],
])(
	"the message of a DeribitError ends with exactly one punctuation mark when the problem is %j",
	(problem, message) => {
		expect(new DeribitError(problem, { kind: "timeout", call: "connect" }).message).toBe(message);
	},
);
