import { createIbkrPenaltyBox } from "@x/ibkr-session";
import { IbkrVenue, Link } from "@x/venue-sims";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { keepalive } from "../../keeper.ts";
import { ibkr } from "./index.ts";
import { RequestRecorder } from "./testing/request-recorder.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

beforeEach(() => {
	vi.useFakeTimers();
});

afterEach(() => {
	vi.useRealTimers();
});

/** Hours from the first midnight to each nightly reset, alternately at 00:00 and 01:00. Daylight saving time begins in the fourth night. */
const forward = [0, 25, 48, 73, 95, 120, 143];
const backward = [0, 25, 48, 73, 97, 122, 145];
const none = [0, 25, 48, 73, 96, 121, 144];
const weeks = [
	["america", "2026-03-05T05:00:00Z", forward],
	["america", "2026-10-29T04:00:00Z", backward],
	["europe", "2026-03-25T23:00:00Z", forward],
	["europe", "2026-10-21T22:00:00Z", backward],
	["asia", "2026-03-05T16:00:00Z", none],
] as const;

it.each((["gateway", "oauth1"] as const).flatMap((mode) => weeks.map((week) => [mode, ...week] as const)))(
	"a keeper with mode %s in region %s exceeds no limit of IBKR in the week that begins at %s",
	async (mode, region, midnight, resets) => {
		const first = Date.parse(midnight);
		const begin = first - 12 * hourMs;
		vi.setSystemTime(begin);
		const venue = new IbkrVenue({ pacing: true, mode, start: "live", loadMs: 2_000, loginMs: 30 * 24 * hourMs });
		const link = new Link(venue);
		const recorder = new RequestRecorder(link);
		const { fetch } = recorder;
		const proof = mode === "oauth1" ? { authorize: () => ({ authorization: "OAuth x" }) } : {};
		const session = ibkr({
			mode,
			client: { fetch, penaltyBox: createIbkrPenaltyBox(), ...proof },
			region,
			maxInitsPerDay: 30,
			// A third of the default number of tickles, so that the simulation of ten weeks takes only seconds.
			tickleMs: minuteMs,
		});
		const keeper = keepalive([session]);
		const losses: string[] = [];
		keeper.onStatus(({ status }) => {
			if (status.state === "lost") losses.push(status.cause.message);
		});
		const trigger = (fault: keyof typeof link.faults, args: Record<string, unknown> = {}) => link.faults[fault](args);
		const until = (instant: number) => vi.advanceTimersByTimeAsync(instant - Date.now());
		const outages: [number, number][] = [];
		/** The longest time so far from when the venue was available again until the session was alive again. */
		let slowestMs = 0;
		const aliveAgain = async () => {
			const able = Date.now();
			while (keeper.snapshot()["ibkr"]?.status.state !== "alive" || venue.truth().brokerage !== "live") {
				await vi.advanceTimersByTimeAsync(500);
				if (Date.now() - able > 10 * minuteMs) break;
			}
			slowestMs = Math.max(slowestMs, Date.now() - able);
			expect(session.layers.alive).toBe(true);
		};
		trigger("place");

		for (const [night, hours] of resets.entries()) {
			const reset = first + hours * hourMs;
			if (mode === "gateway") {
				trigger("reset", { at: reset });
				// A person logs in half an hour after the reset.
				await until(reset + 30 * minuteMs);
				trigger("login");
			} else {
				// For two minutes, the venue answers the calls of the brokerage session with 503.
				trigger("reset", { at: reset, forMs: 2 * minuteMs });
				await until(reset + 2 * minuteMs);
			}
			await aliveAgain();
			const noon = reset + 11 * hourMs;
			await until(noon);
			if (night === 1) {
				trigger("compete", { forMs: hourMs });
				await until(noon + hourMs);
			} else if (night === 2) {
				trigger("penalty", { forMs: 15 * minuteMs });
				outages.push([noon, noon + 17 * minuteMs]);
				await until(noon + 15 * minuteMs);
			} else if (night === 3) {
				trigger("partition", { forMs: 6 * hourMs });
				outages.push([noon, noon + 6 * hourMs + minuteMs]);
				await until(noon + 6 * hourMs);
			} else if (night === 4) {
				trigger("restart", { forMs: 3 * minuteMs });
				outages.push([noon, noon + 4 * minuteMs]);
				await until(noon + 13 * minuteMs);
				trigger("login");
			}
			await aliveAgain();
		}
		await until(begin + 7 * 24 * hourMs);
		expect(keeper.snapshot()["ibkr"]?.status.state).toBe("alive");

		expect(slowestMs).toBeLessThan(2 * minuteMs);
		recorder.expectInitLimits(30);
		recorder.expectPenalties(1);
		recorder.expectTickles(outages);
		expect(losses.filter((cause) => /expected: the (nightly reset|weekend maintenance)/.test(cause))).toHaveLength(7);
		expect(losses.filter((cause) => cause.includes("ALARM")).length).toBeGreaterThanOrEqual(2);
		// The order stayed open during the whole week.
		expect(venue.truth()).toMatchObject({ openOrders: 1 });
		await keeper.stop({ orders: "keep" });
		link.close();
	},
);
