import { describe, expect, it, vi } from "vitest";
import { keepalive } from "../../index.ts";
import { start, useFakeClock } from "./testing/start-with-venue.ts";

useFakeClock();

/** Returns pseudo-random numbers from 0 to below 1, in the same sequence in every run. */
function sequence(): () => number {
	let state = 1;
	return () => {
		state = (state * 48_271) % 2_147_483_647;
		return state / 2_147_483_647;
	};
}

/**
 * Runs a keeper with an open order, drops the connection `drops` times, and measures how long the session takes to be armed again after
 * each drop.
 */
async function afterDrops(drops: number, everyMs: number, windowSeconds = 10) {
	const { venue, link, session, inject } = start({ windowSeconds }, { windowSeconds });
	const keeper = keepalive([session], { random: sequence() });
	const waitsMs: number[] = [];
	let droppedAt: number | undefined;
	keeper.onStatus(({ status }) => {
		if (status.state !== "alive" || status.protection.state !== "armed" || droppedAt === undefined) return;
		waitsMs.push(Date.now() - droppedAt);
		droppedAt = undefined;
	});
	inject("place", { product: "DERIVATIVES" });
	await vi.advanceTimersByTimeAsync(everyMs);
	for (let drop = 0; drop < drops; drop += 1) {
		droppedAt ??= Date.now();
		link.drop();
		await vi.advanceTimersByTimeAsync(everyMs);
	}
	// The orders are counted before the keeper stops, because the venue cancels them after the stop.
	const open = venue.orders().filter(({ state }) => state === "open").length;
	const stopping = keeper.stop({ orders: "keep" });
	await vi.advanceTimersByTimeAsync(11_000);
	await stopping;
	return { waitsMs: waitsMs.toSorted((a, b) => a - b), open };
}

describe("a Bybit session whose connection drops again and again", () => {
	it("a session is armed again before its cancel window of 10 s ends, after each of 500 drops that are 20 s apart", async () => {
		const { waitsMs, open } = await afterDrops(500, 20_000);
		expect(waitsMs).toHaveLength(500);
		expect(waitsMs.at(-1)).toBeLessThan(10_000 / 3 + 100);
		expect(open).toBe(1);
	});

	it("a session is armed again before its cancel window of 3 s ends, after each of 500 drops that are 7 s apart", async () => {
		const { waitsMs, open } = await afterDrops(500, 7_000, 3);
		expect(waitsMs).toHaveLength(500);
		expect(waitsMs.at(-1)).toBeLessThan(1_100);
		expect(open).toBe(1);
	});

	it("a session is armed again within 0.6 s after each of 200 drops that are 60 s apart", async () => {
		const { waitsMs, open } = await afterDrops(200, 60_000);
		expect(waitsMs).toHaveLength(200);
		expect(waitsMs[100]).toBeLessThanOrEqual(300);
		expect(waitsMs.at(-1)).toBeLessThanOrEqual(600);
		expect(open).toBe(1);
	});
});
