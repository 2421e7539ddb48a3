import { describe, expect, it } from "vitest";
import { installWorld } from "./platform.ts";
import { seeded } from "./seeded.ts";
import { World } from "./world.ts";

/** Plays what a test sets up with the world's clocks in place of the platform's. */
async function inWorld(play: (world: World) => Promise<void>): Promise<void> {
	const world = new World(1_000_000);
	const restore = installWorld(world, seeded(1), () => undefined);
	try {
		await play(world);
	} finally {
		restore();
	}
}

describe("the simulated machine", () => {
	it("lets timers fire at their instant, with all that follows from them, before time goes on", () =>
		inWorld(async (world) => {
			const seen: number[] = [];
			setTimeout(() => void Promise.resolve().then(() => seen.push(world.now)), 250);
			await world.run(249);
			expect(seen).toEqual([]);
			await world.run(250);
			expect(seen).toEqual([250]);
		}));

	it("stands still in a stall: then the timers that fell due come first, and what the network brought after them", () =>
		inWorld(async (world) => {
			const seen: string[] = [];
			setTimeout(() => seen.push(`timer ${world.now}`), 100);
			world.machine.stall(1_000, false);
			world.after(50, () => world.machine.deliver(() => seen.push(`news ${world.now}`)));
			await world.run(2_000);
			expect(seen).toEqual(["timer 1000", "news 1000"]);
		}));

	it("loses the time it slept on its monotonic clock, and not on the wall clock", () =>
		inWorld(async (world) => {
			const [monotonic, wall] = [performance.now(), Date.now()];
			world.machine.suspend(60_000);
			await world.run(61_000);
			expect(Math.round(performance.now() - monotonic)).toBeCloseTo(1_000, -1);
			expect(Date.now() - wall).toBe(61_000);
		}));

	it("forgets its timers with the power, and time that stands still is an error", () =>
		inWorld(async (world) => {
			setTimeout(() => expect.fail("it is gone"), 10);
			world.machine.powerOff();
			await world.run(20);
			const again = (): void => void world.after(0, again);
			again();
			await expect(world.run(30)).rejects.toThrow("time stands still");
		}));
});
