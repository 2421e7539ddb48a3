import { describe, expect, it } from "vitest";
import { rollingBudget, sharedBudgets } from "./budget.ts";
import { advance, fakeClock } from "./testing/scripted.ts";

fakeClock();

describe("a budget", () => {
	it("passes so many attempts in any stretch of its time, to the millisecond", async () => {
		const budget = rollingBudget(2, 1_000);
		expect(budget.spend("a")).toBe(0);
		await advance(400);
		expect([budget.spend("a"), budget.spend("a")]).toEqual([0, 600]);
		await advance(599);
		expect(rollingBudget(1, 1).spend("a")).toBe(0);
		await advance(1);
		expect(budget.spend("a")).toBe(0);
	});

	it("tells each that it refuses a place of its own, so that they do not come back at once", () => {
		const budget = rollingBudget(2, 1_000);
		budget.spend("a");
		budget.spend("a");
		expect([budget.spend("a"), budget.spend("a"), budget.spend("a")]).toEqual([1_000, 1_000, 1_000]);
	});

	it("counts each host by itself", () => {
		const budget = rollingBudget(1, 1_000);
		expect([budget.spend("a"), budget.spend("b"), budget.spend("a")]).toEqual([0, 0, 1_000]);
	});

	it.each([
		[0, 1_000],
		[1.5, 1_000],
		[Number.NaN, 1_000],
		[1, 0],
		[1, Number.NaN],
	])("of %j in %j ms is refused: it would pass all or none", (limit, perMs) => {
		expect(() => rollingBudget(limit, perMs)).toThrow(/^@x\/keepalive: rollingBudget: (limit|perMs) is a number/);
	});

	it("is one for all who leave by the same way, and a new one for who leaves by none", () => {
		const of = sharedBudgets(() => rollingBudget(1, 1_000));
		const [way, other] = [{}, {}];
		expect(of(way)).toBe(of(way));
		expect(of(way)).not.toBe(of(other));
		expect(of(undefined)).not.toBe(of(undefined));
		expect(() => of(5 as unknown as object)).not.toThrow();
	});
});
