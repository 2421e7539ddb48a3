import { describe, expect, it } from "vitest";
import { installWorld } from "./replace-platform-globals.ts";
import { seeded } from "./seeded-random.ts";
import { World } from "./world.ts";

/** Runs a test while the world's clocks replace those of the platform. */
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
	it("World fires a timer at its time, and runs all code that the timer causes before time advances", () =>
		inWorld(async (world) => {
			const seen: number[] = [];
			setTimeout(() => void Promise.resolve().then(() => seen.push(world.now)), 250);
			await world.run(249);
			expect(seen).toEqual([]);
			await world.run(250);
			expect(seen).toEqual([250]);
		}));

	it("when a stall ends, Machine first runs the timers that are due and then the network events", () =>
		inWorld(async (world) => {
			const seen: string[] = [];
			setTimeout(() => seen.push(`timer ${world.now}`), 100);
			world.machine.stall(1_000, false);
			world.after(50, () => world.machine.deliver(() => seen.push(`news ${world.now}`)));
			await world.run(2_000);
			expect(seen).toEqual(["timer 1000", "news 1000"]);
		}));

	it("Machine stops its monotonic clock, but not its wall clock, while it is suspended", () =>
		inWorld(async (world) => {
			const [monotonic, wall] = [performance.now(), Date.now()];
			world.machine.suspend(60_000);
			await world.run(61_000);
			expect(Math.round(performance.now() - monotonic)).toBeCloseTo(1_000, -1);
			expect(Date.now() - wall).toBe(61_000);
		}));

	it("Machine ignores timers that code of an ended process sets after the power was cut", () =>
		inWorld(async (world) => {
			void Promise.resolve().then(() => setTimeout(() => expect.fail("it is gone"), 10));
			world.machine.powerOff();
			await world.run(20);
			world.machine.powerOn();
			const ran: string[] = [];
			setTimeout(() => ran.push("after power on"), 10);
			await world.run(40);
			expect(ran).toEqual(["after power on"]);
		}));

	it("Machine runs no code of a killed process once the next process has started", () =>
		inWorld(async (world) => {
			const { promise, resolve } = Promise.withResolvers<void>();
			void promise.then(() => setTimeout(() => expect.fail("it is gone"), 10));
			// In a simulation, this happens if asking the keeper wakes its scheduling loop, and the process is killed before that loop runs.
			world.after(100, resolve);
			world.after(100, () => world.machine.powerOff());
			world.after(200, () => world.machine.powerOn());
			await world.run(400);
			expect(world.machine.timers).toBe(0);
		}));

	it("World calls onSettled with hasRun true after the machine's clock was set, because that may change what the clients answer", () =>
		inWorld(async (world) => {
			const ran: number[] = [];
			world.onSettled = (hasRun) => hasRun && ran.push(world.now);
			await world.run(0);
			world.after(100, () => world.machine.step(3_600_000));
			world.after(200, () => undefined);
			await world.run(300);
			expect(ran).toEqual([0, 0, 100]);
		}));

	it("Machine drops its timers when the power is cut, and World.run rejects when simulated time does not advance", () =>
		inWorld(async (world) => {
			setTimeout(() => expect.fail("it is gone"), 10);
			world.machine.powerOff();
			await world.run(20);
			const again = (): void => void world.after(0, again);
			again();
			await expect(world.run(30)).rejects.toThrow("simulated time does not advance");
		}));
});
