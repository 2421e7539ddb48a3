import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { playRelayDay } from "../testing/relay-day.ts";

/** The seeds of the simulated days. `RELAY_DAYS=1..1000` simulates other days. */
const [first = 1, last = first] = (process.env["RELAY_DAYS"] ?? "1..24").split("..").map(Number);

beforeEach(() => {
	vi.useFakeTimers({ now: Date.UTC(2026, 10, 9) });
});
afterEach(() => {
	vi.useRealTimers();
});

it("the relay sends no order unless the keeper is armed, and answers every call, although bots flood, hang and die", async () => {
	let [orders, deaths, losses] = [0, 0, 0];
	for (let seed = first; seed <= last; seed += 1) {
		const day = await playRelayDay(seed);
		expect(day.violations, `seed ${seed}`).toEqual([]);
		orders += day.orders;
		deaths += day.deaths;
		losses += day.losses;
	}
	// A few days alone may have no order, death or loss, so the check that all of them happened needs more than 20 days.
	if (last - first >= 20) expect([orders > 100, deaths > 0, losses > 0]).toEqual([true, true, true]);
}, 600_000);
