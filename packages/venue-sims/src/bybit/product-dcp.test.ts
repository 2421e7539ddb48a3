import { describe, expect, it, vi } from "vitest";
import { epoch, setPath, start, useFakeClock } from "./testing/harness.ts";

useFakeClock();

describe("the countdown", () => {
	it("cancels the product's orders, and no other's, when the last subscribed connection is gone for the window", async () => {
		const { subscribed, trigger, venue, state, get } = start();
		const connection = await subscribed();
		for (const product of ["DERIVATIVES", "SPOT", "OPTIONS"]) trigger("place", { product });
		await connection.close();
		expect(venue.truth().DERIVATIVES).toMatchObject({
			state: "counting",
			deadline: epoch + 10_000,
			liveConnections: 0,
		});
		await vi.advanceTimersByTimeAsync(9_999);
		expect(venue.orders().map((order) => order.state)).toEqual(["open", "open", "open"]);
		await vi.advanceTimersByTimeAsync(1);
		expect(venue.orders().map((order) => order.state)).toEqual(["cancelled", "open", "open"]);
		expect(state()).toBe("triggered");
		expect(await get("/v5/order/history", "category=linear")).toMatchObject({
			result: { list: [{ orderStatus: "Cancelled", cancelType: "CancelByDCP" }] },
		});
	});

	it("does not start while another subscribed connection lives, and one that is not subscribed does not help", async () => {
		const { subscribed, connect, state } = start();
		const [a, b, c] = [await subscribed(), await connect(), await subscribed()];
		await b.auth();
		await a.close();
		expect(state()).toBe("armed");
		await c.close();
		expect(state()).toBe("counting");
	});

	it("never starts without a subscription", async () => {
		const { connect, state, trigger, open } = start();
		const connection = await connect();
		await connection.auth();
		trigger("place");
		await connection.close();
		await vi.advanceTimersByTimeAsync(600_000);
		expect([state(), open()]).toEqual(["idle", 1]);
	});

	it("stops when somebody comes back, subscribes and pings, and runs anew at the next loss", async () => {
		const { subscribed, state, trigger, open } = start();
		await (await subscribed()).close();
		trigger("place");
		await vi.advanceTimersByTimeAsync(9_000);
		const back = await subscribed();
		expect(state()).toBe("counting");
		await back.ping();
		expect(state()).toBe("armed");
		await vi.advanceTimersByTimeAsync(5_000);
		await back.close();
		await vi.advanceTimersByTimeAsync(9_999);
		expect(open()).toBe(1);
		await vi.advanceTimersByTimeAsync(1);
		expect(open()).toBe(0);
	});

	it("fires once in an outage: orders placed after it stay until the next loss", async () => {
		const { subscribed, trigger, open, state } = start();
		await (await subscribed()).close();
		await vi.advanceTimersByTimeAsync(10_000);
		trigger("place");
		await vi.advanceTimersByTimeAsync(60_000);
		expect([open(), state()]).toEqual([1, "triggered"]);
		await subscribed();
		expect(state()).toBe("armed");
	});

	it("starts when the last subscribed connection leaves the topic, and not when it leaves another", async () => {
		const { subscribed, state } = start();
		const connection = await subscribed();
		await connection.subscribe("dcp.spot");
		await connection.send({ op: "unsubscribe", args: ["dcp.spot"] });
		expect(state()).toBe("armed");
		await connection.send({ op: "unsubscribe", args: ["dcp.future"] });
		expect(state()).toBe("counting");
	});

	it("is not stopped or put off by set calls: the setting is no heartbeat", async () => {
		const { subscribed, post, trigger, open } = start();
		const connection = await subscribed();
		trigger("place", {});
		await connection.close();
		for (let seconds = 0; seconds < 9; seconds += 1) {
			await post(setPath, { product: "DERIVATIVES", timeWindow: 10 });
			await vi.advanceTimersByTimeAsync(1_000);
		}
		expect(open()).toBe(1);
		await vi.advanceTimersByTimeAsync(1_000);
		expect(open()).toBe(0);
	});

	it("of a window that was set while it ran is the old one; the next has the new", async () => {
		const { subscribed, post, venue } = start({ settleMs: 0 });
		const connection = await subscribed();
		await connection.close();
		await post(setPath, { product: "DERIVATIVES", timeWindow: 60 });
		expect(venue.truth().DERIVATIVES.deadline).toBe(epoch + 10_000);
		const back = await subscribed();
		await back.ping();
		await back.close();
		expect(venue.truth().DERIVATIVES.deadline).toBe(epoch + 60_000);
	});

	it("pushes what it cancelled to live connections that follow the order topic", async () => {
		const { subscribed, connect, trigger } = start();
		const watcher = await connect();
		await watcher.auth();
		await watcher.subscribe("order");
		trigger("place");
		await (await subscribed()).close();
		await vi.advanceTimersByTimeAsync(10_000);
		expect(watcher.frames.at(-1)).toMatchObject({ topic: "order", data: [{ cancelType: "CancelByDCP" }] });
	});

	it("does not run for a product that is not enabled, although its topic is acknowledged", async () => {
		const { subscribed, trigger, open, state } = start({ enabled: ["SPOT"] });
		const connection = await subscribed();
		expect(connection.frames.at(-1)).toMatchObject({ success: true });
		trigger("place", { product: "DERIVATIVES" });
		await connection.close();
		await vi.advanceTimersByTimeAsync(60_000);
		expect([state(), open()]).toEqual(["not-enabled", 1]);
	});
});

describe("points that the venue leaves open can be switched", () => {
	it("countdownStartsWith first: one of two losses is enough", async () => {
		const { subscribed, state } = start({ countdownStartsWith: "first" });
		const first = await subscribed();
		await subscribed();
		await first.close();
		expect(state()).toBe("counting");
	});

	it("countedPer account: a subscription to another product's topic keeps this one alive", async () => {
		const { subscribed, connect, state } = start({ countedPer: "account" });
		const future = await subscribed();
		const option = await connect();
		await option.auth();
		await option.subscribe("dcp.option");
		await future.close();
		expect(state()).toBe("armed");
		await option.close();
		expect(state()).toBe("counting");
	});

	it("resetNeedsPing false: the subscription alone stops the countdown", async () => {
		const { subscribed, state } = start({ resetNeedsPing: false });
		await (await subscribed()).close();
		await subscribed();
		expect(state()).toBe("armed");
	});

	it("resetNeedsSubscribe false: auth and a ping stop the countdown", async () => {
		const { subscribed, connect, state } = start({ resetNeedsSubscribe: false });
		await (await subscribed()).close();
		const back = await connect();
		await back.auth();
		await back.ping();
		expect(state()).toBe("armed");
	});

	it("leavingCounts false: a clean close starts nothing, a lost line does", async () => {
		const { subscribed, link, state } = start({ leavingCounts: false });
		await (await subscribed()).close();
		expect(state()).toBe("idle");
		await subscribed();
		link.drop();
		expect(state()).toBe("counting");
	});

	it("setAppliesWhileCounting: a set call moves the deadline", async () => {
		for (const [setAppliesWhileCounting, deadline] of [
			[false, epoch + 10_000],
			[true, epoch + 60_000],
		] as const) {
			vi.setSystemTime(epoch);
			const { subscribed, post, venue } = start({ setAppliesWhileCounting });
			await (await subscribed()).close();
			await post(setPath, { product: "DERIVATIVES", timeWindow: 60 });
			expect(venue.truth().DERIVATIVES.deadline).toBe(deadline);
		}
	});

	it("idleLimitOverrideMs: a venue that misses pings sooner than the address asked for", async () => {
		const { subscribed, state } = start({ idleLimitOverrideMs: 5_000, idleScanMs: 1_000 });
		const connection = await subscribed("?max_active_time=600s");
		await vi.advanceTimersByTimeAsync(4_999);
		expect(state()).toBe("armed");
		await vi.advanceTimersByTimeAsync(1);
		expect([state(), connection.closed]).toEqual(["counting", [1006]]);
	});

	it("accountMode: on a unified account 1.0 inverse orders stay, on a classic one all do, and it cannot be set", async () => {
		for (const [accountMode, left, retCode] of [
			["uta2", [], 0],
			["uta1", ["BTCUSD"], 0],
			["classic", ["BTCUSDT", "BTCUSD"], 10028],
		] as const) {
			const { subscribed, trigger, venue, post } = start({ accountMode });
			expect(await post(setPath, { product: "DERIVATIVES", timeWindow: 10 })).toMatchObject({ retCode });
			for (const instrument of ["BTCUSDT", "BTCUSD"]) trigger("place", { product: "DERIVATIVES", instrument });
			await (await subscribed()).close();
			await vi.advanceTimersByTimeAsync(10_000);
			const open = venue.orders().filter(({ state }) => state === "open");
			expect(open.map(({ instrument }) => instrument)).toEqual(left);
		}
	});

	it("conditionalOrders: those that wait for their price are cancelled too, or kept", async () => {
		for (const [conditionalOrders, open] of [
			["cancelled", 0],
			["kept", 1],
		] as const) {
			const started = start({ conditionalOrders });
			const body = { category: "linear", symbol: "BTCUSDT" };
			await started.post("/v5/order/create", body);
			await started.post("/v5/order/create", { ...body, triggerPrice: "1" });
			expect(await started.get("/v5/order/realtime", "category=linear&settleCoin=USDT")).toMatchObject({
				result: { list: [{ orderStatus: "Untriggered" }, { orderStatus: "New" }] },
			});
			await (await started.subscribed()).close();
			await vi.advanceTimersByTimeAsync(10_000);
			expect(started.open()).toBe(open);
		}
	});

	it("afterTrigger: new orders are refused, or cancelled at once", async () => {
		for (const afterTrigger of ["block", "sweep"] as const) {
			const { subscribed, post, open } = start({ afterTrigger });
			await (await subscribed()).close();
			await vi.advanceTimersByTimeAsync(10_000);
			const reply = await post("/v5/order/create", { category: "linear", symbol: "BTCUSDT" });
			expect([reply["retCode"], open()]).toEqual([afterTrigger === "block" ? 10027 : 0, 0]);
		}
	});
});
