import { createPenaltyBox } from "@x/ibkr-session";
import { IbkrVenue, Link, memoryFetch } from "@x/venue-sims";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { keepalive } from "../../keeper.ts";
import { ibkr } from "./index.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

beforeEach(() => {
	vi.useFakeTimers();
});

afterEach(() => {
	vi.useRealTimers();
});

it.each([
	["america", "2026-03-05T05:00:00Z", [0, 24, 48, 72, 95, 119, 143]],
	["europe", "2026-03-25T23:00:00Z", [0, 24, 48, 72, 95, 119, 143]],
	["asia", "2026-03-05T16:00:00Z", [0, 24, 48, 72, 96, 120, 144]],
] as const)(
	"a week in %s, with resets at its midnights across a change of the clock, keeps every limit",
	async (region, midnight, resets) => {
		const begin = Date.parse(midnight) - 12 * hourMs;
		vi.setSystemTime(begin);
		const venue = new IbkrVenue({ loadMs: 2_000 });
		const link = new Link(venue);
		const sent: { at: number; path: string; status: number }[] = [];
		const inner = memoryFetch(link);
		const fetch: typeof globalThis.fetch = async (input, init) => {
			const response = await inner(input, init);
			sent.push({ at: Date.now(), path: new URL(String(input)).pathname, status: response.status });
			return response;
		};
		const keeper = keepalive([ibkr({ fetch, region, penaltyBox: createPenaltyBox() })], { random: () => 0 });
		const losses: string[] = [];
		keeper.onStatus(({ status }) => {
			if (status.state === "lost") losses.push(status.cause.message);
		});
		const alive = () => keeper.snapshot()["ibkr"]?.status.state === "alive";
		const until = async (instant: number) => vi.advanceTimersByTimeAsync(instant - Date.now());
		venue.levers["place"]?.({});

		for (const [night, hours] of resets.entries()) {
			const reset = Date.parse(midnight) + hours * hourMs;
			await until(reset);
			venue.levers["reset"]?.({});
			// Somebody logs in half an hour later.
			await until(reset + 30 * minuteMs);
			venue.levers["login"]?.({});
			await until(reset + 32 * minuteMs);
			expect(alive()).toBe(true);
			if (night === 1) {
				await until(reset + 6 * hourMs);
				venue.levers["compete"]?.({ forMs: hourMs });
				await until(reset + 7 * hourMs + 2 * minuteMs);
			} else if (night === 2) {
				await until(reset + 6 * hourMs);
				venue.levers["penalty"]?.({ forMs: 15 * minuteMs });
				await until(reset + 6 * hourMs + 19 * minuteMs);
			} else if (night === 3) {
				await until(reset + 6 * hourMs);
				link.levers["partition"]?.({ forMs: 6 * hourMs });
				await until(reset + 12 * hourMs + 2 * minuteMs);
			}
			expect(alive()).toBe(true);
		}
		await until(begin + 7 * 24 * hourMs);
		expect(alive()).toBe(true);

		expect(losses.filter((cause) => cause.includes("expected: the nightly reset"))).toHaveLength(7);
		expect(venue.truth()).toMatchObject({ openOrders: 1 });
		expect(venue.truth().inits).toBeLessThan(20);
		const boxed = sent.filter(({ status }) => status === 429);
		// The one call that met the box; none after it.
		expect(boxed).toHaveLength(1);
		const tickles = sent.filter(({ path }) => path.endsWith("/tickle"));
		const gaps = tickles
			.map(({ at }, index) => at - (tickles[index - 1]?.at ?? at))
			.filter((gap) => gap >= 5 * minuteMs);
		// The box, the outage, the rival, and the nights: nobody is logged in, so validation asks in place of a tickle.
		expect(gaps.length).toBeLessThanOrEqual(10);
		await keeper.stop({ orders: "keep" });
		link.close();
	},
	60_000,
);
