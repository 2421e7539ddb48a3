import { expect, it } from "vitest";
import { startFastClock } from "./fast-clock.ts";
import { soak } from "./soak.ts";

startFastClock(3);

it("an agent whose connections fail counts every session loss exactly once in its state, metrics, history and alerts", async () => {
	const draws = [0, 0.5, 0, 0.99, 0, 0.2];
	const { counts, wrong } = await soak({
		forMs: 15_000,
		pauseMs: 3_000,
		random: () => draws.shift() ?? 0,
		report: () => undefined,
		withPage: false,
	});
	expect(wrong).toEqual([]);
	for (const { plugs, ...seen } of Object.values(counts)) {
		expect(new Set(Object.values(seen))).toEqual(new Set([plugs]));
	}
}, 240_000);
