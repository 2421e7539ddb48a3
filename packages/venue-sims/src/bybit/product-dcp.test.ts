import { describe, expect, it, vi } from "vitest";
import { epoch, restingOrder, setPath, start, useFakeClock } from "./testing/harness.ts";

useFakeClock();

describe("the countdown of Disconnection Protect", () => {
	it("the Disconnection Protect countdown cancels only its product's orders, one time window after the last subscribed connection has ended", async () => {
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

	it("the Disconnection Protect countdown starts when the last subscribed connection ends, even if unsubscribed connections stay open", async () => {
		const { subscribed, connect, state } = start();
		const [a, b, c] = [await subscribed(), await connect(), await subscribed()];
		await b.auth();
		await a.close();
		expect(state()).toBe("armed");
		await c.close();
		expect(state()).toBe("counting");
	});

	it("the Disconnection Protect countdown never starts if no connection has ever subscribed", async () => {
		const { connect, state, trigger, open } = start();
		const connection = await connect();
		await connection.auth();
		trigger("place");
		await connection.close();
		await vi.advanceTimersByTimeAsync(600_000);
		expect([state(), open()]).toEqual(["idle", 1]);
	});

	it("the Disconnection Protect countdown stops when a new connection subscribes and pings, and starts again when this connection ends", async () => {
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

	it("the Disconnection Protect countdown cancels orders once per outage: later orders stay open until a connection is lost again", async () => {
		const { subscribed, trigger, open, state } = start();
		await (await subscribed()).close();
		await vi.advanceTimersByTimeAsync(10_000);
		trigger("place");
		await vi.advanceTimersByTimeAsync(60_000);
		expect([open(), state()]).toEqual([1, "triggered"]);
		await subscribed();
		expect(state()).toBe("armed");
	});

	it("the Disconnection Protect countdown starts when the last subscribed connection unsubscribes from the product's dcp topic, not from another topic", async () => {
		const { subscribed, state } = start();
		const connection = await subscribed();
		await connection.subscribe("dcp.spot");
		await connection.send({ op: "unsubscribe", args: ["dcp.spot"] });
		expect(state()).toBe("armed");
		await connection.send({ op: "unsubscribe", args: ["dcp.future"] });
		expect(state()).toBe("counting");
	});

	it("the Disconnection Protect countdown is neither stopped nor delayed by calls that set the time window", async () => {
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

	it("the Disconnection Protect countdown ignores a time window that is set while it runs; the next countdown uses the new window", async () => {
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

	it("the Disconnection Protect countdown pushes the orders that it cancels to connections that are subscribed to the order topic", async () => {
		const { subscribed, connect, trigger } = start();
		const watcher = await connect();
		await watcher.auth();
		await watcher.subscribe("order");
		trigger("place");
		await (await subscribed()).close();
		await vi.advanceTimersByTimeAsync(10_000);
		expect(watcher.frames.at(-1)).toMatchObject({ topic: "order", data: [{ cancelType: "CancelByDCP" }] });
	});

	it("the Disconnection Protect countdown never starts for a product that is not enabled, although the subscription is acknowledged", async () => {
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
	it("BybitVenue option countdownStartsWith=first starts the countdown when the first of two subscribed connections is lost", async () => {
		const { subscribed, state } = start({ countdownStartsWith: "first" });
		const first = await subscribed();
		await subscribed();
		await first.close();
		expect(state()).toBe("counting");
	});

	it("BybitVenue option countedPer=account: a subscription to the topic of one product protects the other products too", async () => {
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

	it("BybitVenue option resetNeedsPing=false: a new subscription stops the Disconnection Protect countdown without a ping", async () => {
		const { subscribed, state } = start({ resetNeedsPing: false });
		await (await subscribed()).close();
		await subscribed();
		expect(state()).toBe("armed");
	});

	it("BybitVenue option resetNeedsSubscribe=false: a login and a ping stop the countdown without a subscription", async () => {
		const { subscribed, connect, state } = start({ resetNeedsSubscribe: false });
		await (await subscribed()).close();
		const back = await connect();
		await back.auth();
		await back.ping();
		expect(state()).toBe("armed");
	});

	it("BybitVenue option leavingCounts=false: a lost connection starts the countdown, a clean close does not", async () => {
		const { subscribed, link, state } = start({ leavingCounts: false });
		await (await subscribed()).close();
		expect(state()).toBe("idle");
		await subscribed();
		link.drop();
		expect(state()).toBe("counting");
	});

	it("BybitVenue option setAppliesWhileCounting=true: a call that sets the time window moves the deadline of a running countdown", async () => {
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

	it("BybitVenue option setAppliesWhileCounting=true: a ping stops the countdown even on a connection that subscribed before the window was set", async () => {
		const { subscribed, post, state } = start({ setAppliesWhileCounting: true });
		await (await subscribed()).close();
		const back = await subscribed();
		await post(setPath, { product: "DERIVATIVES", timeWindow: 60 });
		expect(state()).toBe("counting");
		await back.ping();
		expect(state()).toBe("armed");
	});

	it("BybitVenue option idleLimitOverrideMs drops an idle connection earlier than the max_active_time in its URL", async () => {
		const { subscribed, state } = start({ idleLimitOverrideMs: 5_000, idleScanMs: 1_000 });
		const connection = await subscribed("?max_active_time=600s");
		await vi.advanceTimersByTimeAsync(4_999);
		expect(state()).toBe("armed");
		await vi.advanceTimersByTimeAsync(1);
		expect([state(), connection.closed]).toEqual(["counting", [1006]]);
	});

	it("BybitVenue option accountMode=uta1 protects no inverse orders; accountMode=classic protects no orders and refuses a new time window", async () => {
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

	it("BybitVenue option conditionalOrders decides whether Disconnection Protect cancels conditional orders", async () => {
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

	it("after the countdown has cancelled orders, BybitVenue option afterTrigger=block refuses new orders, and afterTrigger=sweep cancels new orders", async () => {
		for (const afterTrigger of ["block", "sweep"] as const) {
			const { subscribed, post, open } = start({ afterTrigger });
			await (await subscribed()).close();
			await vi.advanceTimersByTimeAsync(10_000);
			const reply = await post("/v5/order/create", restingOrder);
			expect([reply["retCode"], open()]).toEqual([afterTrigger === "block" ? 10027 : 0, 0]);
		}
	});
});
