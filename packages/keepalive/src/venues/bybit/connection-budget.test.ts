import { BybitVenue, Link, memoryWebSocket } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import { budgetOf, bybitConnectionBudget } from "./connection-budget.ts";
import { bybit } from "./index.ts";
import { failure, start, useFakeClock } from "./testing/harness.ts";

useFakeClock();

describe("a connection budget", () => {
	it("passes 500 attempts to a host in five minutes, and the next when the first is ten seconds past them", async () => {
		const budget = bybitConnectionBudget();
		for (let attempts = 0; attempts < 500; attempts += 1) expect(budget.spend("a")).toBe(0);
		expect(budget.spend("a")).toBe(310_000);
		await vi.advanceTimersByTimeAsync(309_999);
		expect(budget.spend("a")).toBe(1);
		await vi.advanceTimersByTimeAsync(1);
		expect(budget.spend("a")).toBe(0);
	});

	it("counts each host by itself", () => {
		const budget = bybitConnectionBudget({ connections: 1, perMs: 1_000 });
		expect([budget.spend("a"), budget.spend("b"), budget.spend("a")]).toEqual([0, 0, 1_000]);
	});

	it("stays within the venue's own count, although attempts arrive up to ten seconds late", async () => {
		const budget = bybitConnectionBudget();
		const arrived: number[] = [];
		for (let tick = 0; tick < 4_000; tick += 1) {
			// The first attempts arrive late and later ones at once: the pattern that squeezes the venue's window.
			if (budget.spend("a") === 0) arrived.push(performance.now() + (arrived.length < 500 ? 9_999 : 0));
			await vi.advanceTimersByTimeAsync(200);
		}
		const most = arrived.map((at) => arrived.filter((other) => other > at - 300_000 && other <= at).length);
		expect(Math.max(...most)).toBeLessThanOrEqual(500);
	});

	it.each([{ connections: 0 }, { connections: 1.5 }, { perMs: 0 }, { perMs: Number.NaN }])(
		"of %j is refused",
		(options) => {
			expect(() => bybitConnectionBudget(options)).toThrow(
				/connectionBudget: (connections|perMs) must be an integer from 1/,
			);
		},
	);

	it("is one for all sessions of a WebSocket class unless another is handed in", () => {
		const link = new Link(new BybitVenue());
		const [one, other] = [memoryWebSocket(link), memoryWebSocket(link)];
		expect(budgetOf(one)).toBe(budgetOf(one));
		expect(budgetOf(one)).not.toBe(budgetOf(other));
		link.close();
	});
});

describe("a session whose budget is spent", () => {
	it("waits until an attempt passes, without making one", async () => {
		const { session, signal, venue, link } = start(
			{},
			{ connectionBudget: bybitConnectionBudget({ connections: 2, perMs: 60_000 }) },
		);
		await session.open(signal);
		link.drop();
		await vi.advanceTimersByTimeAsync(1_000);
		await session.open(signal);
		link.drop();
		await vi.advanceTimersByTimeAsync(1_000);
		const upgrades = vi.spyOn(venue, "upgrade");
		const error = await failure(session.open(signal));
		expect(error.disposition).toEqual({ action: "wait", forMs: 58_000 });
		expect(error.message).toMatch(/no connection to stream\.bybit\.com for another 58000 ms.*will cancel the orders/s);
		expect(upgrades).not.toHaveBeenCalled();
		await vi.advanceTimersByTimeAsync(58_000);
		expect((await session.open(signal)).protection.state).toBe("armed");
	});

	it("shares it with every session that was handed the same", async () => {
		const budget = bybitConnectionBudget({ connections: 1, perMs: 60_000 });
		const [one, two] = [start({}, { connectionBudget: budget }), start({}, { connectionBudget: budget })];
		await one.session.open(one.signal);
		expect((await failure(two.session.open(two.signal))).disposition.action).toBe("wait");
	});

	it("an option of another form is refused at once", () => {
		const wrong = { apiKey: "k", apiSecret: "s", products: ["SPOT"], connectionBudget: {} } as never;
		expect(() => bybit(wrong)).toThrow(/option connectionBudget must be made by bybitConnectionBudget\(\)/);
	});
});
