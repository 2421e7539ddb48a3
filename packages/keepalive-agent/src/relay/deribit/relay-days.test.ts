import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { playRelayDay } from "../testing/relay-day.ts";

/** The first and the last random seed; each seed is one simulated day. `RELAY_DAYS=1..1000` simulates other days. */
const [first = 1, last = first] = (process.env["RELAY_DAYS"] ?? "1..24").split("..").map(Number);

beforeEach(() => {
	vi.useFakeTimers({ now: Date.UTC(2026, 10, 9) });
});
afterEach(() => {
	vi.useRealTimers();
});

it("the relay sends no order unless the session is armed, and answers every call, although bots flood, hang and die", async () => {
	let [orders, deaths, losses] = [0, 0, 0];
	for (let seed = first; seed <= last; seed += 1) {
		const day = await playRelayDay(seed);
		expect(day.violations, `seed ${seed}`).toEqual([]);
		orders += day.orders;
		deaths += day.deaths;
		losses += day.losses;
	}
	// On a few days there may be no order, no death of a bot or no loss of the session. So this check needs more than 20 days.
	if (last - first >= 20) expect([orders > 100, deaths > 0, losses > 0]).toEqual([true, true, true]);
}, 600_000);
