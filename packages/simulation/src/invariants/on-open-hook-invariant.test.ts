import type { Status, StatusRecord } from "@x/keepalive";
import { describe, expect, it } from "vitest";
import { Journal } from "../journal.ts";
import { OpenHookInvariant } from "./on-open-hook-invariant.ts";

const opening: Status = { state: "opening", attempt: 1 };
const alive: Status = { state: "alive", protection: { state: "unknown", reason: "" }, ttlMs: 1_000 };
const lost: Extract<Status, { state: "lost" }> = {
	state: "lost",
	protection: { state: "unknown", reason: "" },
	cause: { name: "Error", message: "gone" },
};
const lostUnarmed: Status = { ...lost, protection: { state: "unarmed", reason: "" } };
const tally = { beats: 0, losses: 0, recoveries: 0 };
const record = (status: Status): StatusRecord => ({ type: "status", at: 0, session: "deribit", status, tally });

/**
 * The rules that a sequence of statuses and calls of `onOpen` violates. A number stands for a call that gets this many losses (times at
 * which orders may have been cancelled). A call with a positive number returns, a call with a negative number throws.
 */
function rulesOf(sequence: readonly (Status | number)[], isLoss?: (cause: string) => boolean): string[] {
	const journal = new Journal(() => 0);
	const invariant = new OpenHookInvariant("deribit", journal, isLoss);
	for (const step of sequence) {
		if (typeof step === "number") {
			invariant.called(Math.abs(step));
			if (step > 0) invariant.returned(step);
		} else invariant.recorded(record(step));
	}
	return journal.violations.map(({ rule }) => rule);
}

describe("OpenHookInvariant", () => {
	it.each([
		["accepts one call of onOpen for each open", [opening, 0, alive, lost, opening, 1, alive], []],
		["accepts one call of onOpen for each attempt", [opening, 0, opening, 1, alive], []],
		[
			"accepts a call of onOpen without losses (possible cancels) if an earlier call got these losses and returned",
			[opening, 0, alive, lost, opening, 1, opening, 0, alive],
			[],
		],
		[
			"reports a call of onOpen without losses (possible cancels) if an earlier call got these losses and threw",
			[opening, 0, alive, lost, opening, -1, opening, 0, alive],
			["k-hook-losses"],
		],
		[
			"accepts a call of onOpen without losses (possible cancels) if the venue has cancelled nothing",
			[opening, 0, alive, lostUnarmed, opening, 0, alive],
			[],
		],
		["reports an open during which onOpen was not called", [opening, alive], ["k-hook-count"]],
		[
			"reports an open without a call of onOpen, even if onOpen was called in the previous attempt",
			[opening, 0, opening, alive],
			["k-hook-count"],
		],
		["reports two calls of onOpen for one open", [opening, 0, 0, alive], ["k-hook-count"]],
		["reports a call of onOpen after the session is alive", [opening, 0, alive, 0], ["k-hook-outside"]],
		["reports a call with losses (possible cancels) at the first open", [opening, 1, alive], ["k-hook-losses"]],
		[
			"reports a call of onOpen without losses (possible cancels) after the session was lost",
			[opening, 0, alive, lost, opening, 0, alive],
			["k-hook-losses"],
		],
	])("OpenHookInvariant %s", (_, sequence, rules) => {
		expect(rulesOf(sequence)).toEqual(rules);
	});

	it("OpenHookInvariant requires that onOpen gets losses (possible cancels) if the cause of any lost session since the last open names a possible cancel", () => {
		const isLoss = (cause: string): boolean => cause !== lost.cause.message;
		const countdown: Status = { ...lost, cause: { name: "Error", message: "the countdown runs" } };
		expect(rulesOf([opening, 0, alive, lost, opening, 0, alive], isLoss)).toEqual([]);
		expect(rulesOf([opening, 0, alive, countdown, opening, 0, alive], isLoss)).toEqual(["k-hook-losses"]);
		expect(rulesOf([opening, 0, alive, countdown, lost, opening, 0, alive], isLoss)).toEqual(["k-hook-losses"]);
		expect(rulesOf([opening, 0, alive, countdown, opening, 1, alive], isLoss)).toEqual([]);
	});

	it("OpenHookInvariant lets the first call of onOpen get losses (possible cancels) only if an earlier attempt to open began the venue's countdown", () => {
		const isLoss = (cause: string): boolean => cause === "the countdown runs";
		const waiting = (message: string): Status => {
			return { state: "waiting", why: "backoff", until: 0, cause: { name: "Error", message } };
		};
		expect(rulesOf([opening, waiting("the countdown runs"), opening, 1, alive], isLoss)).toEqual([]);
		expect(rulesOf([opening, waiting("no route"), opening, 1, alive], isLoss)).toEqual(["k-hook-losses"]);
		expect(rulesOf([opening, waiting("the countdown runs"), opening, 1, alive])).toEqual(["k-hook-losses"]);
		const gated = (orders: "unknown" | "kept"): Status => {
			return { state: "gated", closed: { orders, detail: "" }, cause: { name: "Gate", message: "no health signal" } };
		};
		expect(rulesOf([opening, gated("unknown"), opening, 1, alive], isLoss)).toEqual([]);
		expect(rulesOf([opening, gated("kept"), opening, 1, alive], isLoss)).toEqual(["k-hook-losses"]);
		expect(rulesOf([opening, gated("unknown"), opening, 1, alive])).toEqual(["k-hook-losses"]);
	});
});
