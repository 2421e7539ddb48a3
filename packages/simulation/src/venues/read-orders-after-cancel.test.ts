import { expect, it } from "vitest";
import { World } from "../world/world.ts";
import { ReadAfterTrigger } from "./read-orders-after-cancel.ts";

const windowMs = 10_000;

/** A process that was protected, and a fetch function over which the process reads its orders. */
function protectedProcess() {
	const world = new World(1_000_000_000);
	const check = new ReadAfterTrigger(world, windowMs);
	const fetch = check.watching(async () => new Response());
	check.processStarted();
	check.armed(true);
	return { world, check, read: () => fetch("https://venue/v5/order/realtime?category=linear") };
}

it("ReadAfterTrigger requires that the orders are read once after each cancel by the venue", async () => {
	const { world, check, read } = protectedProcess();
	await read();
	for (const at of [1_000, 2_000]) {
		expect(check.unreadReason()).toBeUndefined();
		await world.run(at);
		check.triggered();
		check.armed(true);
		expect(check.unreadReason()).toMatch(/have not been read since/);
		await world.run(at + 500);
		await read();
	}
	expect(check.unreadReason()).toBeUndefined();
});

it("ReadAfterTrigger requires only one read of the orders for each cancel by the venue, and none if the session cannot know of the cancel", async () => {
	const { world, check, read } = protectedProcess();
	check.triggered();
	await world.run(10);
	await read();
	await world.run(20);
	check.triggered();
	expect(check.unreadReason()).toBeUndefined();
	check.armed(true);
	check.triggered(false);
	check.triggered();
	expect(check.unreadReason()).toBeUndefined();
	check.armed(true);
	check.left();
	check.triggered();
	expect(check.unreadReason()).toBeUndefined();
	check.processStarted();
	check.armed(false);
	check.triggered();
	expect(check.unreadReason()).toBeUndefined();
});

it("ReadAfterTrigger requires no read of the orders if the venue's countdown ran during a suspension and the clock was then set back", async () => {
	const triggeredAfterWakingBy = async (ms: number, stepMs: number): Promise<string | undefined> => {
		const { world, check } = protectedProcess();
		await world.run(1_000);
		world.machine.suspend(60_000);
		if (stepMs !== 0) world.machine.step(stepMs);
		await world.run(61_000 + ms);
		check.triggered();
		check.armed(true);
		return check.unreadReason();
	};
	expect(await triggeredAfterWakingBy(windowMs, -60_000)).toBeUndefined();
	expect(await triggeredAfterWakingBy(windowMs + 1, -60_000)).toMatch(/have not been read since/);
	expect(await triggeredAfterWakingBy(0, 0)).toMatch(/have not been read since/);
});
