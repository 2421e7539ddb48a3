import { neverAborted } from "@x/base/clock";
import { describe, expect, it, vi } from "vitest";
import { keepalive } from "../../keeper.ts";
import type { StatusRecord } from "../../status/status.ts";
import type { IbkrRepair } from "./index.ts";
import { Stage, settled, useFakeClock } from "./testing/stage.ts";

useFakeClock();

const inits = (stage: Stage) => stage.venue.truth().inits;

describe("a repair", () => {
	it("starts at the first reply that denies the session, and only once for fifty concurrent callers", async () => {
		const stage = new Stage();
		const keeper = keepalive([stage.session], { random: () => 0 });
		const records: StatusRecord[] = [];
		keeper.onStatus((record) => records.push(record));
		await vi.advanceTimersByTimeAsync(5_000);
		stage.trigger("idle");
		const { handle } = stage.session;
		const asked = Promise.allSettled(Array.from({ length: 50 }, () => handle?.accounts()));
		await vi.advanceTimersByTimeAsync(10_000);
		await asked;
		expect(records.filter(({ status }) => status.state === "lost")).toHaveLength(1);
		expect(keeper.snapshot()["ibkr"]).toMatchObject({
			status: { state: "alive" },
			tally: { losses: 1, recoveries: 1 },
		});
		expect(inits(stage)).toBe(1);
		await keeper.stop({ orders: "keep" });
	});

	it("starts when check() finds the session lost; concurrent checks share one call", async () => {
		const stage = new Stage();
		const keeper = keepalive([stage.session], { random: () => 0 });
		await vi.advanceTimersByTimeAsync(5_000);
		const before = stage.venue.received.length;
		expect(await settled(Promise.all([1, 2, 3].map(() => stage.session.check())), 0)).toEqual([true, true, true]);
		expect(stage.paths(before)).toEqual(["/iserver/auth/status"]);
		stage.trigger("idle");
		expect(await settled(Promise.all([1, 2, 3].map(() => stage.session.check())), 0)).toEqual([false, false, false]);
		await vi.advanceTimersByTimeAsync(5_000);
		expect(keeper.snapshot()["ibkr"]).toMatchObject({ status: { state: "alive" }, tally: { losses: 1 } });
		expect(inits(stage)).toBe(1);
		await keeper.stop({ orders: "keep" });
	});

	it("does not start after empty accounts, a 503 or a refused init", async () => {
		const stage = new Stage();
		await stage.open();
		const lease = await settled(stage.session.beat(neverAborted), 1_250);
		stage.trigger("answer", { path: "/iserver/accounts", status: 200, body: "{}" });
		await stage.session.handle?.accounts();
		stage.trigger("answer", { path: "/iserver/auth/status", status: 503 });
		expect(await stage.session.check()).toBe(false);
		stage.trigger("answer", { path: "/iserver/auth/ssodh/init", status: 200, body: '{"passed":false}' });
		await stage.session.handle?.init();
		expect(lease.ended?.aborted).toBe(false);
	});

	it("does not start after a reply to the handle of an earlier session", async () => {
		const stage = new Stage();
		await stage.open();
		const old = stage.session.handle;
		const lease = await stage.open();
		stage.trigger("answer", { path: "/iserver/accounts", status: 401, body: "not authenticated" });
		await old?.accounts();
		expect(lease.ended?.aborted).toBe(false);
	});

	it("starts when the program logs out over the handle", async () => {
		const stage = new Stage();
		const lease = await stage.open();
		await stage.session.handle?.logout();
		expect(lease.ended?.reason).toMatchObject({ message: expect.stringContaining("the program logged out") });
	});

	it("does not start, and check() is false, without an open session", async () => {
		expect(await new Stage().session.check()).toBe(false);
	});
});

describe("onRepair", () => {
	it("is called with what has to be redone: accounts are done, questions and the order list are not", async () => {
		const told: IbkrRepair[] = [];
		const stage = new Stage({}, { onRepair: (repair) => told.push(repair) });
		await stage.open();
		expect(told).toEqual([]);
		stage.trigger("idle");
		await stage.beatError(0);
		const lostAt = Date.now();
		await vi.advanceTimersByTimeAsync(1_000);
		await stage.open();
		expect(told).toEqual([
			{
				at: expect.any(Number),
				lostAt,
				reason: expect.stringContaining("the brokerage session has ended"),
				expected: false,
				redo: [
					{ what: "accounts", call: "GET /iserver/accounts", done: true },
					{ what: "suppressed-questions", call: "POST /iserver/questions/suppress", done: false },
					{ what: "order-list", call: "GET /iserver/account/orders", done: false },
				],
			},
		]);
		expect(stage.session.repairs).toEqual(told);
		expect(structuredClone(told)).toEqual(told);
	});

	it("may throw or reject without harm", async () => {
		let told = 0;
		const onRepair = () => {
			told += 1;
			if (told === 1) throw new Error("the program is broken");
			return Promise.reject(new Error("the program is broken"));
		};
		const stage = new Stage({}, { onRepair });
		await stage.open();
		for (let loss = 0; loss < 2; loss++) {
			stage.trigger("idle");
			await stage.beatError();
			await vi.advanceTimersByTimeAsync(700_000);
			await stage.open();
		}
		expect(told).toBe(2);
		expect(stage.session.layers.alive).toBe(true);
	});

	it("is called with the first reason, however many attempts the repair took", async () => {
		const stage = new Stage();
		await stage.open();
		stage.trigger("reset");
		await stage.beatError();
		for (let attempt = 0; attempt < 3; attempt++) await stage.openError(60_000);
		stage.trigger("login");
		await stage.open();
		expect(stage.session.repairs).toHaveLength(1);
		expect(stage.session.repairs[0]?.reason).toContain("there is no Web API session");
	});
});
