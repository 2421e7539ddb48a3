import { describe, expect, it, vi } from "vitest";
import { epoch, restingOrder, setPath, start, useFakeClock } from "./testing/harness.ts";

useFakeClock();

describe("the countdown of Disconnection Protect", () => {
	it("cancels the orders of its product, and no others, when no connection was subscribed for one time window", async () => {
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

	it("starts only when the last subscribed connection ends, whether or not unsubscribed connections are open", async () => {
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

	it("stops when a connection subscribes and pings again, and restarts at the next loss", async () => {
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

	it("cancels orders once per outage: orders placed afterwards stay open until the next loss", async () => {
		const { subscribed, trigger, open, state } = start();
		await (await subscribed()).close();
		await vi.advanceTimersByTimeAsync(10_000);
		trigger("place");
		await vi.advanceTimersByTimeAsync(60_000);
		expect([open(), state()]).toEqual([1, "triggered"]);
		await subscribed();
		expect(state()).toBe("armed");
	});

	it("starts when the last subscribed connection unsubscribes from the dcp topic, not from another topic", async () => {
		const { subscribed, state } = start();
		const connection = await subscribed();
		await connection.subscribe("dcp.spot");
		await connection.send({ op: "unsubscribe", args: ["dcp.spot"] });
		expect(state()).toBe("armed");
		await connection.send({ op: "unsubscribe", args: ["dcp.future"] });
		expect(state()).toBe("counting");
	});

	it("is not stopped or delayed by calls that set the window", async () => {
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

	it("keeps its window when a new window is set meanwhile; the next countdown uses the new window", async () => {
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

	it("pushes cancelled orders to connections that are subscribed to the order topic", async () => {
		const { subscribed, connect, trigger } = start();
		const watcher = await connect();
		await watcher.auth();
		await watcher.subscribe("order");
		trigger("place");
		await (await subscribed()).close();
		await vi.advanceTimersByTimeAsync(10_000);
		expect(watcher.frames.at(-1)).toMatchObject({ topic: "order", data: [{ cancelType: "CancelByDCP" }] });
	});

	it("does not run for a product that is not enabled, even though the subscription is acknowledged", async () => {
		const { subscribed, trigger, open, state } = start({ enabled: ["SPOT"] });
		const connection = await subscribed();
		expect(connection.frames.at(-1)).toMatchObject({ success: true });
		trigger("place", { product: "DERIVATIVES" });
		await connection.close();
		await vi.advanceTimersByTimeAsync(60_000);
		expect([state(), open()]).toEqual(["not-enabled", 1]);
	});
});

describe("options of BybitVenue for undocumented behaviour", () => {
	it("countdownStartsWith=first starts the countdown when the first of two subscribed connections is lost", async () => {
		const { subscribed, state } = start({ countdownStartsWith: "first" });
		const first = await subscribed();
		await subscribed();
		await first.close();
		expect(state()).toBe("counting");
	});

	it("countedPer=account lets a subscription to one product's topic protect the other products", async () => {
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

	it("resetNeedsPing=false lets a subscription stop the countdown without a ping", async () => {
		const { subscribed, state } = start({ resetNeedsPing: false });
		await (await subscribed()).close();
		await subscribed();
		expect(state()).toBe("armed");
	});

	it("resetNeedsSubscribe=false lets auth and a ping stop the countdown without a subscription", async () => {
		const { subscribed, connect, state } = start({ resetNeedsSubscribe: false });
		await (await subscribed()).close();
		const back = await connect();
		await back.auth();
		await back.ping();
		expect(state()).toBe("armed");
	});

	it("leavingCounts=false starts the countdown after a lost connection but not after a clean close", async () => {
		const { subscribed, link, state } = start({ leavingCounts: false });
		await (await subscribed()).close();
		expect(state()).toBe("idle");
		await subscribed();
		link.drop();
		expect(state()).toBe("counting");
	});

	it("setAppliesWhileCounting=true lets a call that sets the window move the deadline of a running countdown", async () => {
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

	it("setAppliesWhileCounting=true lets a ping stop the countdown if a connection subscribed before the window was set", async () => {
		const { subscribed, post, state } = start({ setAppliesWhileCounting: true });
		await (await subscribed()).close();
		const back = await subscribed();
		await post(setPath, { product: "DERIVATIVES", timeWindow: 60 });
		expect(state()).toBe("counting");
		await back.ping();
		expect(state()).toBe("armed");
	});

	it("idleLimitOverrideMs drops idle connections earlier than the URL of the connection asked for", async () => {
		const { subscribed, state } = start({ idleLimitOverrideMs: 5_000, idleScanMs: 1_000 });
		const connection = await subscribed("?max_active_time=600s");
		await vi.advanceTimersByTimeAsync(4_999);
		expect(state()).toBe("armed");
		await vi.advanceTimersByTimeAsync(1);
		expect([state(), connection.closed]).toEqual(["counting", [1006]]);
	});

	it("accountMode=uta1 protects no inverse orders; accountMode=classic protects no orders and lets no call set the window", async () => {
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

	it("conditionalOrders decides whether the countdown cancels conditional orders", async () => {
		for (const [conditionalOrders, open] of [
			["cancelled", 0],
			["kept", 1],
		] as const) {
			const started = start({ conditionalOrders });
			const body = restingOrder;
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

	it("afterTrigger decides whether orders that are placed after the countdown are refused or cancelled immediately", async () => {
		for (const afterTrigger of ["block", "sweep"] as const) {
			const { subscribed, post, open } = start({ afterTrigger });
			await (await subscribed()).close();
			await vi.advanceTimersByTimeAsync(10_000);
			const reply = await post("/v5/order/create", restingOrder);
			expect([reply["retCode"], open()]).toEqual([afterTrigger === "block" ? 10027 : 0, 0]);
		}
	});
});
