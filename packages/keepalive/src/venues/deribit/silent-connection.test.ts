import { describe, expect, it, vi } from "vitest";
import { keepalive } from "../../index.ts";
import { type DeribitSessionOptions, deribit } from "./index.ts";
import { lineTo } from "./testing/faulty-network.ts";
import { credentials, stage, useFakeClock } from "./testing/session-with-venue.ts";

useFakeClock();

/** Returns pseudo-random numbers from 0 to below 1, in the same sequence in every run. */
function sequence(): () => number {
	let state = 1;
	return () => {
		state = (state * 48_271) % 2_147_483_647;
		return state / 2_147_483_647;
	};
}

/** Starts a keeper with a session that has default options, an open order, and a network that can fail. */
async function kept(random = sequence(), options: Pick<DeribitSessionOptions, "pingMs" | "verifyEveryMs"> = {}) {
	const { link, venue, trigger } = stage();
	const { line, WebSocket } = lineTo(link);
	const session = deribit({ client: { credentials, WebSocket }, ...options });
	const keeper = keepalive([session], { random });
	const states: string[] = [];
	keeper.onStatus(({ status }) => {
		states.push(status.state === "alive" ? `alive ${status.protection.state}` : status.state);
	});
	await vi.advanceTimersByTimeAsync(100);
	trigger("place");
	const isArmed = (): boolean => keeper.isArmed("deribit");
	/** Waits in steps of 10 ms until `isArmed` is `value`. Returns the milliseconds; fails after 60 s. */
	const untilArmed = async (value: boolean): Promise<number> => {
		for (let ms = 0; ms <= 60_000; ms += 10) {
			if (isArmed() === value) return ms;
			await vi.advanceTimersByTimeAsync(10);
		}
		return expect.fail(`isArmed was not ${value} within 60 s; ${states.join()}`);
	};
	const stop = async (): Promise<void> => {
		line.silent = undefined;
		line.delayMs = 0;
		const stopping = keeper.stop({ orders: "cancel" });
		await vi.advanceTimersByTimeAsync(30_000);
		await stopping;
	};
	const open = (): number => venue.orders().filter(({ state }) => state === "open").length;
	return { link, venue, line, session, keeper, states, isArmed, untilArmed, stop, open };
}

describe("a Deribit session whose network carries no data in one or both directions", () => {
	it.each(["both", "in", "out"] as const)(
		"a session stops being armed within 2.2 s after its network falls silent, however long ago the last ping was (silent direction: %s)",
		async (silent) => {
			for (let sinceMs = 0; sinceMs < 1_300; sinceMs += 100) {
				const { line, states, untilArmed, stop } = await kept();
				await vi.advanceTimersByTimeAsync(10_000 + sinceMs);
				line.silent = silent;
				expect(await untilArmed(false)).toBeLessThanOrEqual(2_200);
				expect(states.at(-1)).toBe("late");
				await stop();
			}
		},
	);

	it.each([500, 1_200, 6_000])(
		"a keeper has published the session as not armed whenever isArmed() is false, with pings every %i ms",
		async (pingMs) => {
			// Every second beat() reads cancel-on-disconnect back before it pings, so the pings are not sent at equal intervals.
			const { line, states, isArmed, stop } = await kept(sequence(), { pingMs, verifyEveryMs: 2 * pingMs });
			line.delayMs = 50;
			for (let round = 0; round < 20; round += 1) {
				line.silent = undefined;
				await vi.advanceTimersByTimeAsync(10 * pingMs + round * 370);
				line.silent = "both";
				for (let ms = 0; ms < 2 * pingMs + 4_000; ms += 10) {
					const wasArmed = isArmed();
					await vi.advanceTimersByTimeAsync(10);
					const isPublished = states.at(-1) !== "alive armed";
					if (!wasArmed) expect(isPublished, `round ${round}, ${ms} ms`).toBe(true);
				}
			}
			await stop();
		},
	);

	it("after a stall of this process, a session whose network falls silent stops being armed as soon as usual, because a stall is not taken for a slow network", async () => {
		for (let sinceMs = 0; sinceMs < 1_300; sinceMs += 50) {
			const { line, untilArmed, stop } = await kept();
			line.delayMs = 50;
			await vi.advanceTimersByTimeAsync(10_000 + sinceMs);
			// Advances the clocks without firing a timer, as in a stall.
			const clock = performance.now.bind(performance);
			const stalled = vi.spyOn(performance, "now").mockImplementation(() => clock() + 4_000);
			vi.setSystemTime(Date.now() + 4_000);
			await untilArmed(false);
			await untilArmed(true);
			await vi.advanceTimersByTimeAsync(3_000);
			line.silent = "both";
			expect(await untilArmed(false), `stalled ${sinceMs} ms later`).toBeLessThanOrEqual(2_300);
			await stop();
			stalled.mockRestore();
		}
	});

	it("a session is armed again within 6 s if only its connection is dead", async () => {
		const { link, keeper, untilArmed, stop } = await kept();
		for (let round = 0; round < 20; round += 1) {
			await vi.advanceTimersByTimeAsync(40_000 + round * 90);
			link.halfOpen();
			const deafMs = await untilArmed(false);
			const backMs = await untilArmed(true);
			expect(deafMs).toBeLessThanOrEqual(2_200);
			expect(deafMs + backMs).toBeLessThanOrEqual(6_000);
		}
		expect(keeper.snapshot().deribit.tally.losses).toBe(20);
		await stop();
	});

	it.each([3_000, 5_000, 10_000, 19_000, 30_000, 60_000, 90_000])(
		"a session is armed again within 6 s after the end of a network outage of %i ms",
		async (outageMs) => {
			const { link, untilArmed, stop } = await kept();
			await vi.advanceTimersByTimeAsync(40_000);
			link.partition();
			await vi.advanceTimersByTimeAsync(outageMs);
			link.heal();
			expect(await untilArmed(true)).toBeLessThanOrEqual(6_000);
			await stop();
		},
	);

	it.each([1_000, 3_000, 5_000, 15_000])(
		"a session keeps its connection and its orders if data arrives again after a silence of %i ms",
		async (outageMs) => {
			const { line, states, isArmed, untilArmed, stop, open } = await kept();
			await vi.advanceTimersByTimeAsync(40_000);
			const { connections } = line;
			line.silent = "both";
			await vi.advanceTimersByTimeAsync(outageMs);
			expect(isArmed()).toBe(outageMs < 2_000);
			line.silent = undefined;
			expect(await untilArmed(true)).toBeLessThanOrEqual(1_000);
			expect([open(), states.includes("lost")]).toEqual([1, false]);
			// At most one connection at a time was opened to find out whether the first one is dead.
			expect(line.connections - connections).toBeLessThanOrEqual(Math.ceil(outageMs / 4_000));
			await stop();
		},
	);
});

describe("a Deribit session over a slow network", () => {
	it("a session keeps its connection for 5 minutes with 3 s of delay in each direction; it is late at first, and armed once it waits longer for pongs", async () => {
		const { line, states, isArmed, untilArmed, stop, open, venue } = await kept();
		await vi.advanceTimersByTimeAsync(40_000);
		line.delayMs = 3_000;
		expect(await untilArmed(false)).toBeLessThanOrEqual(2_200);
		expect(await untilArmed(true)).toBeLessThanOrEqual(7_000);
		let armed = 0;
		for (let second = 0; second < 300; second += 1) {
			await vi.advanceTimersByTimeAsync(1_000);
			if (isArmed()) armed += 1;
		}
		expect(armed).toBe(300);
		line.delayMs = 0;
		await vi.advanceTimersByTimeAsync(70_000);
		expect(states).toEqual(["opening", "alive armed", "late", "alive armed"]);
		expect([open(), venue.truth().connections.length, isArmed()]).toEqual([1, 1, true]);
		// The network is fast again, so the session notices a silent network as soon as at the beginning.
		line.silent = "both";
		expect(await untilArmed(false)).toBeLessThanOrEqual(2_200);
		await stop();
	});

	it("a session keeps its connection after one lost pong, or two in a row", async () => {
		const { line, states, isArmed, stop, open } = await kept();
		for (let round = 0; round < 100; round += 1) {
			line.lostPongs = 1 + (round % 2);
			await vi.advanceTimersByTimeAsync(10_000);
			expect(isArmed()).toBe(true);
		}
		expect(new Set(states)).toEqual(new Set(["opening", "alive armed", "late"]));
		expect(open()).toBe(1);
		await stop();
	});
});

describe("a Deribit session whose connection is lost again and again", () => {
	it.each([
		["with a close that both sides notice", (link: { drop(): void }) => link.drop(), 20_000, 3_500],
		["with a half-open connection", (link: { halfOpen(): void }) => link.halfOpen(), 20_000, 8_500],
	] as const)(
		"a session is armed again within 9 s after each of 300 connection losses 20 s apart (%s), with at most six open connections",
		async (_, drop, everyMs, mostMs) => {
			const { link, line, venue, untilArmed, stop } = await kept();
			const waits: number[] = [];
			let most = 0;
			for (let round = 0; round < 300; round += 1) {
				await vi.advanceTimersByTimeAsync(everyMs - (waits.at(-1) ?? 0));
				drop(link as never);
				await vi.advanceTimersByTimeAsync(10);
				waits.push((await untilArmed(false)) + (await untilArmed(true)));
				most = Math.max(most, venue.truth().connections.length);
			}
			waits.sort((a, b) => a - b);
			expect(waits.at(-1)).toBeLessThanOrEqual(mostMs);
			// Six connections are well below the 32 that the venue allows at a time.
			expect(most).toBeLessThanOrEqual(6);
			expect(line.connections).toBeLessThanOrEqual(2 * 300 + 1);
			await stop();
		},
	);
});
