import type { Status, StatusRecord } from "@x/keepalive";
import { describe, expect, it } from "vitest";
import { Journal } from "../journal.ts";
import { World } from "../world/world.ts";
import { RetryInvariant } from "./retry-invariant.ts";

const epoch = 1_000_000_000;
const cause = { name: "Error", message: "no" };
const waiting = (why: "backoff" | "venue"): Status => ({ state: "waiting", why, until: epoch + 60_000, cause });
const record = (status: Status): StatusRecord => {
	return { type: "status", at: epoch, session: "ibkr", status, tally: { beats: 0, losses: 0, recoveries: 0 } };
};

/** A session for which the program has called `retry` at the start, and a list of the rules that were violated so far. */
function retried(status: Status, ms: number) {
	const world = new World(epoch);
	const journal = new Journal(() => world.now);
	const invariant = new RetryInvariant("ibkr", world, journal);
	invariant.recorded(record(status));
	invariant.retried(ms, record(status));
	const checkAt = async (at: number): Promise<void> => {
		await world.run(at);
		invariant.checkDeadlines();
	};
	return { world, invariant, checkAt, rules: () => journal.violations.map(({ rule }) => rule) };
}

describe("RetryInvariant", () => {
	it("RetryInvariant reports a missing attempt to open two seconds after the due time that retry() returned", async () => {
		const { checkAt, rules } = retried(waiting("backoff"), 10_000);
		await checkAt(12_000);
		expect(rules()).toEqual([]);
		await checkAt(12_001);
		expect(rules()).toEqual(["l-retry-not-made"]);
	});

	it("RetryInvariant reports nothing when an attempt to open begins in time, or when the session enters another state", async () => {
		for (const status of [
			{ state: "opening", attempt: 2 },
			{ state: "leaving", cause },
		] as const) {
			const { invariant, checkAt, rules } = retried(waiting("backoff"), 10_000);
			await checkAt(10_000);
			invariant.recorded(record(status));
			await checkAt(100_000);
			expect(rules()).toEqual([]);
		}
	});

	it("RetryInvariant reports an attempt to open that begins before the due time that retry() returned", async () => {
		const { invariant, checkAt, rules } = retried(waiting("backoff"), 10_000);
		await checkAt(7_000);
		invariant.recorded(record({ state: "opening", attempt: 2 }));
		expect(rules()).toEqual(["l-retry-too-soon"]);
	});

	it.each([
		["backoff", 0, []],
		["venue", 58_000, []],
		["venue", 57_999, ["l-retry-too-soon"]],
	] as const)(
		"during a wait (why: %s) with 60 s left, RetryInvariant checks that the result of retry() is not too short: %i ms",
		(why, ms, rules) => {
			expect(retried(waiting(why), ms).rules()).toEqual(rules);
		},
	);

	it("RetryInvariant does not compare the result of retry() with the remaining time of the wait if the wall clock was set during the wait", () => {
		const { world, invariant, rules } = retried(waiting("backoff"), 0);
		world.machine.step(-600_000);
		invariant.retried(0, record(waiting("venue")));
		expect(rules()).toEqual([]);
	});
});
