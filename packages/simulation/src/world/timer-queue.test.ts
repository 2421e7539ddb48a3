import { describe, expect, it } from "vitest";
import { seeded } from "./seeded-random.ts";
import { TimerQueue } from "./timer-queue.ts";

describe("TimerQueue", () => {
	it("TimerQueue returns the earliest timer first, and of two timers with the same time the one that was added first", () => {
		const agenda = new TimerQueue();
		const random = seeded(1);
		const asked = Array.from({ length: 500 }, (_, index) => ({ at: Math.floor(random() * 50), index }));
		const run: typeof asked = [];
		for (const one of asked) agenda.add(one.at, () => run.push(one));
		for (let next = agenda.take(); next; next = agenda.take()) next();
		expect(run).toEqual(asked.toSorted((a, b) => a.at - b.at || a.index - b.index));
	});

	it("TimerQueue skips cancelled timers and counts the others", () => {
		const agenda = new TimerQueue();
		const entries = [1, 2, 3].map((at) => agenda.add(at, () => undefined));
		for (const entry of entries.slice(0, 2)) agenda.cancel(entry);
		expect([agenda.size, agenda.next]).toEqual([1, 3]);
		agenda.take();
		expect([agenda.size, agenda.next, agenda.take()]).toEqual([0, Number.POSITIVE_INFINITY, undefined]);
	});
});
