import { expect, it } from "vitest";
import { ibkrOddAnswers } from "./single-wrong-answers.ts";

it("ibkrOddAnswers marks a /tickle answer that contradicts the others as harmless unless the previous such answer is under two minutes old", () => {
	let now = 0;
	const context = { keepsSocket: false, ownAccounts: [], otherAccounts: [], now: () => now };
	const fault = ibkrOddAnswers(() => 0, context).find(({ name }) => name === "one tickle contradicts the others");
	const harmlessAt = (at: number): unknown => {
		now = at;
		return fault?.inject(() => 0)?.isHarmless;
	};
	expect([1_000, 120_999, 240_998, 360_998].map(harmlessAt)).toEqual([true, false, false, true]);
});
