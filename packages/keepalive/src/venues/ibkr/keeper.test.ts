import { createIbkrPenaltyBox } from "@x/ibkr-session";
import { memoryFetch } from "@x/venue-sims";
import { describe, expect, expectTypeOf, it, vi } from "vitest";
import { keepalive } from "../../keeper.ts";
import type { StatusRecord } from "../../status/status.ts";
import { ibkr } from "./index.ts";
import { Stage, useFakeClock } from "./testing/simulated-gateway-session.ts";

useFakeClock();

describe("a keeper of an IbkrSession", () => {
	it("a keeper keeps a session alive for a day, and opens it again after the nightly reset once a person has logged in", async () => {
		const stage = new Stage();
		const records: StatusRecord[] = [];
		const keeper = keepalive([stage.session], { random: () => 0 });
		keeper.onStatus((record) => records.push(record));
		await vi.advanceTimersByTimeAsync(12 * 3_600_000);
		stage.trigger("place");
		stage.trigger("reset");
		await vi.advanceTimersByTimeAsync(60_000);
		expect(keeper.snapshot()["ibkr"]?.status).toMatchObject({
			state: "blocked",
			todo: expect.stringContaining("Log in at"),
		});
		await vi.advanceTimersByTimeAsync(600_000);
		stage.trigger("login");
		await vi.advanceTimersByTimeAsync(70_000);
		expect(keeper.snapshot()["ibkr"]).toMatchObject({
			status: { state: "alive" },
			tally: { losses: 1, recoveries: 1 },
		});
		expect(stage.venue.truth()).toMatchObject({ brokerage: "live", openOrders: 1 });
		expect(stage.venue.received.every(({ status }) => status !== 429)).toBe(true);
		expect(records.map(({ status }) => status.state)).not.toContain("stopped");
		await keeper.stop({ orders: "keep" });
	});

	it("a keeper opens the session again after the brokerage session timed out", async () => {
		const stage = new Stage();
		const keeper = keepalive([stage.session], { random: () => 0 });
		await vi.advanceTimersByTimeAsync(5_000);
		stage.trigger("idle");
		await vi.advanceTimersByTimeAsync(70_000);
		expect(keeper.snapshot()["ibkr"]).toMatchObject({ status: { state: "alive" }, tally: { losses: 1 } });
		expect(stage.venue.truth()).toMatchObject({ brokerage: "live", inits: 1 });
		await keeper.stop({ orders: "keep" });
	});

	it("a keeper reports its session as late, and not as lost, during a network partition of four minutes", async () => {
		const stage = new Stage();
		const keeper = keepalive([stage.session], { random: () => 0 });
		await vi.advanceTimersByTimeAsync(62_000);
		stage.trigger("partition", { forMs: 240_000 });
		await vi.advanceTimersByTimeAsync(120_000);
		expect(keeper.snapshot()["ibkr"]?.status.state).toBe("late");
		await vi.advanceTimersByTimeAsync(180_000);
		expect(keeper.snapshot()["ibkr"]).toMatchObject({ status: { state: "alive" }, tally: { losses: 0 } });
		await keeper.stop({ orders: "keep" });
	});
});

it("ibkr() keeps the literal type of the session's name for the keeper, even if the name is the default", async () => {
	const client = { fetch: memoryFetch(new Stage().link), penaltyBox: createIbkrPenaltyBox() };
	const usual = ibkr({ client });
	const named = ibkr({ name: "main", client });
	expectTypeOf(usual.name).toEqualTypeOf<"ibkr">();
	expectTypeOf(named.name).toEqualTypeOf<"main">();
	const keeper = keepalive([usual, named]);
	expect(keeper.snapshot()).toMatchObject({ ibkr: {}, main: {} });
	expect(keeper.isArmed("main")).toBe(false);
	// @ts-expect-error: no session has this name.
	expect(() => keeper.isArmed("man")).toThrow("man");
	expect([usual.name, named.name]).toEqual(["ibkr", "main"]);
	await keeper.stop({ orders: "keep" });
});
