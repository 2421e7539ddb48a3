import { expect, it } from "vitest";
import { World } from "../world/world.ts";
import { TriggerTruth } from "./trigger-truth.ts";

const windowMs = 10_000;

/** A process that was protected, and a fetch with which it reads its orders. */
function protectedProcess() {
	const world = new World(1_000_000_000);
	const triggers = new TriggerTruth(world, windowMs);
	const fetch = triggers.watching(async () => new Response());
	triggers.processStarted();
	triggers.armed(true);
	return { world, triggers, read: () => fetch("https://venue/v5/order/realtime?category=linear") };
}

it("TriggerTruth wants the orders to be read after each trigger, once", async () => {
	const { world, triggers, read } = protectedProcess();
	await read();
	for (const at of [1_000, 2_000]) {
		expect(triggers.unreadReason()).toBeUndefined();
		await world.run(at);
		triggers.triggered();
		triggers.armed(true);
		expect(triggers.unreadReason()).toMatch(/have not been read since/);
		await world.run(at + 500);
		await read();
	}
	expect(triggers.unreadReason()).toBeUndefined();
});

it("TriggerTruth counts one trigger as long as the venue says so, and none that the session cannot know of", async () => {
	const { world, triggers, read } = protectedProcess();
	triggers.triggered();
	await world.run(10);
	await read();
	await world.run(20);
	triggers.triggered();
	expect(triggers.unreadReason()).toBeUndefined();
	triggers.armed(true);
	triggers.triggered(false);
	triggers.triggered();
	expect(triggers.unreadReason()).toBeUndefined();
	triggers.armed(true);
	triggers.left();
	triggers.triggered();
	expect(triggers.unreadReason()).toBeUndefined();
	triggers.processStarted();
	triggers.armed(false);
	triggers.triggered();
	expect(triggers.unreadReason()).toBeUndefined();
});

it("TriggerTruth excuses a countdown that ran during a suspension which a step of the clock hides", async () => {
	const triggeredAfterWakingBy = async (ms: number, stepMs: number): Promise<string | undefined> => {
		const { world, triggers } = protectedProcess();
		await world.run(1_000);
		world.machine.suspend(60_000);
		if (stepMs !== 0) world.machine.step(stepMs);
		await world.run(61_000 + ms);
		triggers.triggered();
		triggers.armed(true);
		return triggers.unreadReason();
	};
	expect(await triggeredAfterWakingBy(windowMs, -60_000)).toBeUndefined();
	expect(await triggeredAfterWakingBy(windowMs + 1, -60_000)).toMatch(/have not been read since/);
	expect(await triggeredAfterWakingBy(0, 0)).toMatch(/have not been read since/);
});
