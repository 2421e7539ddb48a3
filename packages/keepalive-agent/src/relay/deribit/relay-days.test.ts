import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { playRelayDay } from "../testing/relay-day.ts";

/** `RELAY_DAYS=1..1000` plays others. */
const [first = 1, last = first] = (process.env["RELAY_DAYS"] ?? "1..24").split("..").map(Number);

beforeEach(() => {
	vi.useFakeTimers({ now: Date.UTC(2026, 10, 9) });
});
afterEach(() => {
	vi.useRealTimers();
});

it("bots that flood, lie, hang and die get no order to the venue that the keeper would have refused, and cost nobody a reply", async () => {
	let [orders, deaths, losses] = [0, 0, 0];
	for (let seed = first; seed <= last; seed += 1) {
		const day = await playRelayDay(seed);
		expect(day.violations, `seed ${seed}`).toEqual([]);
		orders += day.orders;
		deaths += day.deaths;
		losses += day.losses;
	}
	// Something has happened, which a few days do not promise.
	if (last - first >= 20) expect([orders > 100, deaths > 0, losses > 0]).toEqual([true, true, true]);
}, 600_000);
