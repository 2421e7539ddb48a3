import { expect, it, vi } from "vitest";
import { rollingBudget } from "../../budget.ts";
import { Calls } from "./limits.ts";
import { failure, useFakeClock } from "./testing/harness.ts";

useFakeClock();

it("all sessions of a process together make 300 calls to a host in ten seconds, and the next when the first is that old", async () => {
	const way = {};
	const [one, other] = [new Calls(way, "a"), new Calls(way, "a")];
	for (let calls = 0; calls < 150; calls += 1) {
		expect(await one.ask(async () => calls)).toBe(calls);
		await other.ask(async () => calls);
	}
	let made = 0;
	const call = async (): Promise<void> => {
		made += 1;
	};
	const refused = await failure(other.ask(call));
	expect(refused.disposition).toEqual({ action: "wait", forMs: 10_000 });
	expect(refused.message).toMatch(/this process has made as many calls as it may, and makes none for another 10000 ms/);
	await vi.advanceTimersByTimeAsync(9_999);
	await failure(one.ask(call));
	expect(made).toBe(0);
	await vi.advanceTimersByTimeAsync(1);
	await one.ask(call);
	expect(made).toBe(1);
});

it("another host, and another way out of this machine, count by themselves", async () => {
	const way = {};
	for (let calls = 0; calls < 300; calls += 1) await new Calls(way, "a").ask(async () => undefined);
	await failure(new Calls(way, "a").ask(async () => undefined));
	await new Calls(way, "b").ask(async () => undefined);
	await new Calls({}, "a").ask(async () => undefined);
});

it("those who are refused get a place each, so that they do not all come back for the first", async () => {
	const budget = rollingBudget(3, 1_000);
	for (let at = 0; at < 3; at += 1) {
		expect(budget.spend("a")).toBe(0);
		await vi.advanceTimersByTimeAsync(100);
	}
	expect([1, 2, 3, 4].map(() => budget.spend("a"))).toEqual([700, 800, 900, 700]);
	await vi.advanceTimersByTimeAsync(700);
	expect(budget.spend("a")).toBe(0);
	// Two places are promised to others still; the one that was just taken is free a second later.
	expect(budget.spend("a")).toBe(1_000);
});
