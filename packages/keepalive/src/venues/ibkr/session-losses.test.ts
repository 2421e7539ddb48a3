import { neverAborted } from "@x/base/clock";
import { describe, expect, it, vi } from "vitest";
import { keepalive } from "../../keeper.ts";
import type { StatusRecord } from "../../status/status.ts";
import type { IbkrLoss } from "./index.ts";
import { Stage, settled, useFakeClock } from "./testing/simulated-gateway-session.ts";

useFakeClock();

const inits = (stage: Stage) => stage.venue.truth().inits;

describe("the end of an IbkrSession, after which the keeper opens it again", () => {
	it("a session is lost and reopened only once, even if fifty concurrent calls get a reply that says that it is gone", async () => {
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

	it("a session is reopened if check() finds it gone, and concurrent calls of check() share one request", async () => {
		const stage = new Stage();
		const keeper = keepalive([stage.session], { random: () => 0 });
		await vi.advanceTimersByTimeAsync(5_000);
		const before = stage.venue.received.length;
		expect(await settled(Promise.all([1, 2, 3].map(() => stage.session.check())), 0)).toEqual([true, true, true]);
		expect(stage.paths(before)).toEqual(["/iserver/auth/status"]);
		stage.trigger("idle");
		expect(await settled(Promise.all([1, 2, 3].map(() => stage.session.check())), 2_000)).toEqual([
			false,
			false,
			false,
		]);
		await vi.advanceTimersByTimeAsync(5_000);
		expect(keeper.snapshot()["ibkr"]).toMatchObject({ status: { state: "alive" }, tally: { losses: 1 } });
		expect(inits(stage)).toBe(1);
		await keeper.stop({ orders: "keep" });
	});

	it("a session does not end after an empty reply with the accounts, after a 503 or after a refused init", async () => {
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

	it("a session does not end after a reply over the handle of an earlier session", async () => {
		const stage = new Stage();
		await stage.open();
		const old = stage.session.handle;
		const lease = await stage.open();
		stage.trigger("answer", { path: "/iserver/accounts", status: 401, body: "not authenticated" });
		await old?.accounts();
		expect(lease.ended?.aborted).toBe(false);
	});

	it("a session ends if the program logs out over session.handle", async () => {
		const stage = new Stage();
		const lease = await stage.open();
		await stage.session.handle?.logout();
		expect(lease.ended?.reason).toMatchObject({ message: expect.stringContaining("the program logged out") });
	});

	it("check() returns false without an open session", async () => {
		expect(await new Stage().session.check()).toBe(false);
	});
});

describe("the option onOpen of an IbkrSession", () => {
	/** Makes a session whose onOpen records the losses that it gets at each open. */
	const recording = (onOpen: () => unknown = () => undefined) => {
		const opens: (readonly IbkrLoss[])[] = [];
		const stage = new Stage(
			{},
			{
				onOpen: ({ handle, losses, signal }) => {
					expect(signal.aborted).toBe(false);
					expect(handle.tickle).toBeTypeOf("function");
					opens.push(losses);
					return onOpen();
				},
			},
		);
		return { stage, opens };
	};

	it("onOpen is called at every open, including the first, and gets each loss with a list of what is already redone and what is not", async () => {
		const { stage, opens } = recording();
		await stage.open();
		expect(opens).toEqual([[]]);
		expect(stage.session.recovery).toEqual({ losses: [] });
		stage.trigger("idle");
		await stage.beatError(1_250);
		const redo = [
			{ what: "accounts", call: "GET /iserver/accounts", done: false },
			{ what: "suppressed-questions", call: "POST /iserver/questions/suppress", done: false },
			{ what: "order-list", call: "GET /iserver/account/orders", done: false },
		];
		const loss = {
			lostAt: expect.any(Number),
			reason: expect.stringContaining("the brokerage session has ended"),
			expected: false,
		};
		expect(stage.session.recovery).toEqual({ losses: [{ ...loss, redo }] });
		await vi.advanceTimersByTimeAsync(1_000);
		await stage.open();
		const done = redo.map((each) => ({ ...each, done: each.what === "accounts" }));
		expect(opens).toEqual([[], [{ ...loss, redo: done }]]);
		expect(stage.session.recovery.losses).toEqual(opens[1]);
		expect(structuredClone(opens)).toEqual(opens);
		// close() is not a loss, so onOpen gets no losses after it.
		await stage.session.close("keep");
		await stage.open(10_000);
		expect(opens[2]).toEqual([]);
	});

	it("if onOpen rejects, the open fails, and the next open calls onOpen again with the same losses", async () => {
		let calls = 0;
		const { stage, opens } = recording(() => {
			calls += 1;
			return calls === 2 ? Promise.reject(new Error("the program is broken")) : undefined;
		});
		await stage.open();
		stage.trigger("idle");
		await stage.beatError();
		const error = await stage.openError(60_000);
		expect(error).toMatchObject({ disposition: { action: "retry" }, message: expect.stringContaining("onOpen") });
		expect(stage.session.handle).toBeUndefined();
		await stage.open(60_000);
		expect(opens[1]).toHaveLength(1);
		expect(opens[2]).toHaveLength(1);
	});

	it("open() sends a tickle after onOpen, because onOpen may have taken long", async () => {
		const { stage } = recording(() => new Promise((resolve) => setTimeout(resolve, 100_000)));
		const opening = stage.open(110_000);
		await vi.advanceTimersByTimeAsync(0);
		expect(await opening).toMatchObject({ ageMs: expect.closeTo(0, -5) });
		expect(stage.paths().slice(-2)).toEqual(["/tickle", "/tickle"]);
	});

	it("onOpen gets the original reason of a loss, even if several attempts to open failed after the loss", async () => {
		const { stage, opens } = recording();
		await stage.open();
		stage.trigger("reset");
		await stage.beatError();
		for (let attempt = 0; attempt < 3; attempt++) await stage.openError(60_000);
		stage.trigger("login");
		await stage.open();
		expect(opens[1]).toMatchObject([{ reason: expect.stringContaining("there is no Web API session") }]);
	});

	it("onOpen gets the error of the latest beat() as the reason if the session was lost because beat() kept failing", async () => {
		const { stage, opens } = recording();
		await stage.open();
		stage.trigger("restart", { forMs: 60_000 });
		await stage.beatError(0);
		stage.trigger("login");
		await vi.advanceTimersByTimeAsync(60_000);
		await stage.open();
		expect(opens[1]).toMatchObject([{ expected: false, reason: expect.stringContaining("the connection failed") }]);
	});
});
