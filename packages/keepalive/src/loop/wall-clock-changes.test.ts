import { describe, expect, it } from "vitest";
import { lease } from "../testing/scripted-session.ts";
import { machine, pass, startKeeper, stopKeeper, useTestMachine } from "../testing/stalling-machine.ts";

useTestMachine();

describe("Keeper after the wall clock was set back by an hour", () => {
	it("Keeper sends its beats as before when the wall clock is set back, and loses the session when no beat is answered", async () => {
		let isDead = false;
		const { keeper, session, states } = startKeeper({
			beat: async () => (isDead ? Promise.reject(new Error("no network")) : lease),
		});
		await pass(10_000);
		machine.moveWallClock(-3_600_000);
		expect(keeper.isArmed("venue")).toBe(true);
		await pass(10_002);
		expect(session.calls.at(-1)?.at).toBeGreaterThanOrEqual(20_000);
		expect(session.calls.at(-1)?.at).toBeLessThan(20_002);
		isDead = true;
		await pass(20_000);
		expect(keeper.isArmed("venue")).toBe(false);
		await pass(40_000);
		expect(states().slice(0, 4)).toEqual(["opening", "alive", "late", "lost"]);
		await stopKeeper(keeper);
	});

	it("Keeper measures the tolerance of the health gate on the monotonic clock, so a change of the wall clock has no effect", async () => {
		const { keeper, states } = startKeeper({}, { gate: { toleranceMs: 5_000 } });
		await pass(1_000);
		machine.moveWallClock(-3_600_000);
		keeper.pulse();
		await pass(4_900);
		expect(states()).toEqual(["opening", "alive"]);
		await pass(200);
		expect(states().at(-1)).toBe("gated");
		await stopKeeper(keeper);
	});

	it("Keeper sends another beat when the lease expired while the event loop was blocked, even if the wall clock was set back", async () => {
		const { keeper } = startKeeper();
		await pass(10_000);
		const blocked = machine.block(61_000);
		machine.moveWallClock(-3_600_000);
		await blocked;
		await pass(0);
		expect(keeper.current("venue").tally.beats).toBe(2);
		await stopKeeper(keeper);
	});
});

describe("Keeper after the wall clock was set forward by an hour", () => {
	it("Keeper sends another beat when the wall clock was set forward, because that looks like a suspension", async () => {
		const { keeper, states } = startKeeper();
		await pass(10_000);
		machine.moveWallClock(3_600_000);
		expect(keeper.isArmed("venue")).toBe(false);
		await pass(30_000);
		expect(states()).toEqual(["opening", "alive", "late", "alive"]);
		expect(keeper.isArmed("venue")).toBe(true);
		await stopKeeper(keeper);
	});
});

describe.each([-3_600_000, 540_000])("the status `late` after the wall clock was moved by %i ms", (ms) => {
	it("lostAt in the status `late` is a time on the changed wall clock", async () => {
		const { keeper, statuses } = startKeeper({ beat: () => Promise.reject(new Error("no network")) }, { stallMs: 1e9 });
		await pass(10_000);
		machine.moveWallClock(ms);
		await pass(10_001);
		const late = statuses.at(-1);
		expect(late?.state === "late" && late.lostAt - Date.now()).toBe(39_999);
		await stopKeeper(keeper);
	});

	it("lostAt in the status `late` is a time on the changed wall clock, even before the session loop has noticed the stall", async () => {
		const { keeper } = startKeeper({}, { stallMs: 1e9 });
		await pass(10_000);
		const blocked = machine.block(61_000, true);
		machine.moveWallClock(ms);
		let leftMs = 0;
		machine.deliver(() => {
			const { status } = keeper.current("venue");
			if (status.state === "late") leftMs = status.lostAt - Date.now();
		});
		await blocked;
		expect(leftMs).toBe(-11_000);
		await stopKeeper(keeper);
	});
});

describe("the status `waiting`", () => {
	it("the status `waiting` is published again after a suspension, with the new end of the wait", async () => {
		let count = 0;
		const { keeper, statuses } = startKeeper(
			{ open: async () => (++count === 1 ? Promise.reject(new Error("refused")) : lease) },
			{ random: () => 0.5, backoff: { baseMs: 200_000, capMs: 200_000 } },
		);
		await pass(10_000);
		await machine.suspend(3_600_000);
		await pass(30_000);
		const waits = statuses.flatMap((status) => (status.state === "waiting" ? [status.until] : []));
		expect(waits).toHaveLength(2);
		expect((waits[1] ?? 0) - (waits[0] ?? 0)).toBeGreaterThan(3_599_000);
		await pass(71_000);
		expect(keeper.current("venue").status.state).toBe("alive");
		await stopKeeper(keeper);
	});
});

describe("Keeper after the wall clock was set forward by 1.5 s between two beats", () => {
	it("after the wall clock jumps forward, a session sends a beat at once, and is armed again only when that beat is acknowledged", async () => {
		const { keeper, session, states } = startKeeper();
		await pass(10_000);
		const beats = session.calls.length;
		machine.moveWallClock(1_500);
		expect(keeper.isArmed("venue")).toBe(false);
		expect(keeper.snapshot().venue.status).toMatchObject({ state: "late", protection: { state: "unknown" } });
		await pass(0);
		expect(states()).toEqual(["opening", "alive", "late", "alive"]);
		expect(session.calls).toHaveLength(beats + 1);
		expect([keeper.isArmed("venue"), keeper.snapshot().venue.status.state]).toEqual([true, "alive"]);
		await stopKeeper(keeper);
	});
});

describe("Lease of a beat with ageMs", () => {
	it("a lease with ageMs counts from when the acknowledged message was sent, even if that was before the call of beat()", async () => {
		const { keeper } = startKeeper({ beat: async () => ({ ...lease, ageMs: 15_000 }) });
		await pass(25_000);
		const { lastBeatAt = 0 } = keeper.current("venue").tally;
		expect(lastBeatAt).toBeLessThanOrEqual(Date.now() - 15_000);
		await stopKeeper(keeper);
	});
});
