import { describe, expect, it } from "vitest";
import { kept, laptop, onLaptop, pass, stop } from "../testing/on-laptop.ts";
import { lease } from "../testing/scripted.ts";

onLaptop();

describe("when the wall clock is set back by an hour while a session is alive", () => {
	it("its deadlines do not move: it is beaten as before, and lost when no beat is answered", async () => {
		let isDead = false;
		const { keeper, session, states } = kept({
			beat: async () => (isDead ? Promise.reject(new Error("no line")) : lease),
		});
		await pass(10_000);
		laptop.setClock(-3_600_000);
		expect(keeper.isArmed("venue")).toBe(true);
		await pass(10_002);
		expect(session.asked.at(-1)?.at).toBeGreaterThanOrEqual(20_000);
		expect(session.asked.at(-1)?.at).toBeLessThan(20_002);
		isDead = true;
		await pass(20_000);
		expect(keeper.isArmed("venue")).toBe(false);
		await pass(40_000);
		expect(states().slice(0, 4)).toEqual(["opening", "alive", "late", "lost"]);
		await stop(keeper);
	});

	it("a program at a gate is judged by the clock that does not step", async () => {
		const { keeper, states } = kept({}, { gate: { toleranceMs: 5_000 } });
		await pass(1_000);
		laptop.setClock(-3_600_000);
		keeper.pulse();
		await pass(4_900);
		expect(states()).toEqual(["opening", "alive"]);
		await pass(200);
		expect(states().at(-1)).toBe("gated");
		await stop(keeper);
	});

	it("a lease that ran out during a block is not shown as alive for that", async () => {
		const { keeper } = kept();
		await pass(10_000);
		const blocked = laptop.block(61_000);
		laptop.setClock(-3_600_000);
		await blocked;
		await pass(0);
		expect(keeper.current("venue").tally.beats).toBe(2);
		await stop(keeper);
	});
});

describe("when the wall clock is set forward by an hour, which looks like a sleep", () => {
	it("the venue is asked before anything is called armed", async () => {
		const { keeper, states } = kept();
		await pass(10_000);
		laptop.setClock(3_600_000);
		expect(keeper.isArmed("venue")).toBe(false);
		await pass(30_000);
		expect(states()).toEqual(["opening", "alive", "late", "alive"]);
		expect(keeper.isArmed("venue")).toBe(true);
		await stop(keeper);
	});
});

describe.each([-3_600_000, 540_000])("when the wall clock is moved by %i ms between a beat and its lateness", (ms) => {
	it("the end of the lease is told by the clock as it is now, both in the record and when asked", async () => {
		const { keeper, told } = kept({ beat: () => Promise.reject(new Error("no line")) }, { stallMs: 1e9 });
		await pass(10_000);
		laptop.setClock(ms);
		await pass(10_001);
		const late = told.at(-1);
		expect(late?.state === "late" && late.lostAt - Date.now()).toBe(39_999);
		await stop(keeper);
	});

	it("and one that is overdue unknown to the loop is told by it too", async () => {
		const { keeper } = kept({}, { stallMs: 1e9 });
		await pass(10_000);
		const blocked = laptop.block(61_000, true);
		laptop.setClock(ms);
		let leftMs = 0;
		laptop.deliver(() => {
			const { status } = keeper.current("venue");
			if (status.state === "late") leftMs = status.lostAt - Date.now();
		});
		await blocked;
		expect(leftMs).toBe(-11_000);
		await stop(keeper);
	});
});

describe("while nothing is tried", () => {
	it("and the machine sleeps, the instant of the next try is told anew", async () => {
		let count = 0;
		const { keeper, told } = kept(
			{ open: async () => (++count === 1 ? Promise.reject(new Error("refused")) : lease) },
			{ random: () => 0.5, backoff: { baseMs: 200_000, capMs: 200_000 } },
		);
		await pass(10_000);
		await laptop.sleep(3_600_000);
		await pass(30_000);
		const waits = told.flatMap((status) => (status.state === "waiting" ? [status.until] : []));
		expect(waits).toHaveLength(2);
		expect((waits[1] ?? 0) - (waits[0] ?? 0)).toBeGreaterThan(3_599_000);
		await pass(71_000);
		expect(keeper.current("venue").status.state).toBe("alive");
		await stop(keeper);
	});
});
