import { afterEach, describe, expect, it } from "vitest";
import { type Keeper, keepalive } from "../keeper.ts";
import type { Lease } from "../session.ts";
import { lease, scripted } from "../testing/scripted-session.ts";

/** Blocks the event loop for `ms` milliseconds: the thread waits. */
const block = (ms: number): void => {
	Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
};

const often = async (): Promise<Lease> => ({ ...lease, paceMs: 200 });
const keepers: Keeper[] = [];
const clocks: NodeJS.Timeout[] = [];
afterEach(async () => {
	for (const clock of clocks.splice(0)) clearInterval(clock);
	await Promise.all(keepers.splice(0).map((keeper) => keeper.stop({ orders: "keep" })));
});

describe("Keeper after the event loop was blocked for real", () => {
	it("a session is not armed right after the event loop was blocked, and is armed again after the next beat", async () => {
		const keeper = keepalive([scripted({ open: often, beat: often })], { stallMs: 300 });
		keepers.push(keeper);
		await keeper.ready();
		block(1_500);
		expect(keeper.isArmed("venue")).toBe(false);
		expect(keeper.current("venue").status).toMatchObject({ state: "late", cause: { name: "Stall" } });
		await keeper.ready();
		expect(keeper.isArmed("venue")).toBe(true);
	});

	it("Keeper closes and reopens a session if the event loop was blocked for longer than toleranceMs, even if pulse() is called right afterwards", async () => {
		const session = scripted({ open: often, beat: often });
		const keeper = keepalive([session], { gate: { toleranceMs: 2_000 } });
		keepers.push(keeper);
		clocks.push(setInterval(() => keeper.pulse(), 50));
		await keeper.ready();
		const reopened = new Promise<void>((resolve) => {
			keeper.onStatus(({ status }) => status.state === "opening" && resolve());
		});
		block(3_000);
		await reopened;
		await keeper.ready();
		const asked = session.calls.map(({ what }) => what).filter((what) => what !== "beat");
		expect(asked).toEqual(["open", "close cancel", "open"]);
	});
});
