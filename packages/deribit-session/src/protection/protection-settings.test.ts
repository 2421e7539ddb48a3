import { describe, expect, it, vi } from "vitest";
import { connectFake } from "../testing/fake-socket.ts";

const enable = "private/enable_cancel_on_disconnect";
const disable = "private/disable_cancel_on_disconnect";
const read = "private/get_cancel_on_disconnect";
const setting = (enabled: boolean, scope = "connection") => ({ scope, enabled });

/**
 * Opens a connection over which a test sends calls and delivers their replies in any order. Failed calls are ignored.
 */
async function setup() {
	const { connection, socket } = await connectFake();
	const call = (method: string, params = {}, timeoutMs = 10_000): number => {
		void connection.call(method, params, undefined, { timeoutMs }).catch(() => undefined);
		return socket.sent.at(-1)?.id ?? 0;
	};
	const reply = (id: number, result: unknown): void => socket.receive({ id, result });
	const armed = () => connection.cancelOnDisconnect;
	return { connection, socket, call, reply, armed };
}

describe("DeribitConnection.cancelOnDisconnect", () => {
	it("cancelOnDisconnect is undefined until the setting is read back from the venue", async () => {
		const { call, reply, armed } = await setup();
		expect(armed()).toBeUndefined();
		reply(call(enable), "ok");
		expect(armed()).toBeUndefined();
		reply(call(read), setting(true));
		expect(armed()).toBe(true);
		reply(call(read), setting(false));
		expect(armed()).toBe(false);
	});

	it("cancelOnDisconnect is undefined from the moment a change is sent until the setting is read back", async () => {
		const { call, reply, armed } = await setup();
		reply(call(read), setting(true));
		const change = call(disable);
		expect(armed()).toBeUndefined();
		reply(change, "ok");
		reply(call(enable), "ok");
		expect(armed()).toBeUndefined();
		reply(call(read), setting(true));
		expect(armed()).toBe(true);
	});

	it("cancelOnDisconnect ignores a read-back that was sent before a change", async () => {
		const { call, reply, armed } = await setup();
		const [reading, change] = [call(read), call(disable)];
		reply(change, "ok");
		reply(reading, setting(true));
		expect(armed()).toBeUndefined();
	});

	it("cancelOnDisconnect ignores a read-back that was sent while a change was pending", async () => {
		const { call, reply, armed } = await setup();
		const [change, reading] = [call(disable), call(read)];
		reply(reading, setting(true));
		expect(armed()).toBeUndefined();
		reply(change, "ok");
		expect(armed()).toBeUndefined();
	});

	it("cancelOnDisconnect has a value again once the setting is read back after a change that was not acknowledged", async () => {
		const { connection, call, reply, armed } = await setup();
		await expect(connection.request(disable, undefined, { timeoutMs: 1 })).rejects.toMatchObject({ kind: "timeout" });
		reply(call(read), setting(true));
		expect(armed()).toBe(true);
	});

	it("cancelOnDisconnect keeps its value when the same value is set again, unless the venue refuses", async () => {
		const { socket, call, reply, armed } = await setup();
		reply(call(read), setting(true));
		const again = call(enable);
		expect(armed()).toBe(true);
		reply(again, "ok");
		expect(armed()).toBe(true);
		socket.receive({ id: call(enable), error: { code: 10049, message: "cancel_on_disconnect_failed" } });
		expect(armed()).toBeUndefined();
	});

	it("cancelOnDisconnect ignores replies that are malformed, or whose scope is account", async () => {
		const { call, reply, armed } = await setup();
		reply(call(read, { scope: "account" }), setting(true, "account"));
		reply(call(read), setting(true, "account"));
		for (const result of ["ok", null, { enabled: "true" }, { scope: "connection" }]) reply(call(read), result);
		expect(armed()).toBeUndefined();
	});

	it("cancelOnDisconnect is undefined from a login until the next read-back; a loss meanwhile still reports cancelOnDisconnectFired `likely` if the setting was on", async () => {
		const { connection, socket, call, reply, armed } = await setup();
		reply(call(read), setting(true));
		const reading = call(read);
		const login = call("public/auth", { grant_type: "refresh_token", refresh_token: "r" });
		expect(armed()).toBeUndefined();
		reply(reading, setting(true));
		reply(login, {});
		expect(armed()).toBeUndefined();
		reply(call(read), setting(true));
		expect(armed()).toBe(true);
		call("public/auth");
		socket.end(1006);
		expect(connection.ended.reason).toMatchObject({ cancelOnDisconnectFired: "likely" });
	});

	it("cancelOnDisconnectFired is `unknown` for a lost connection when replies to changes arrived out of order", async () => {
		const { connection, socket, call, reply } = await setup();
		const [on, off] = [call(enable), call(disable)];
		reply(off, "ok");
		reply(on, "ok");
		socket.end(1006);
		expect(connection.ended.reason).toMatchObject({ cancelOnDisconnectFired: "unknown" });
	});
});

describe("DeribitConnection.heartbeatSeconds", () => {
	it("heartbeatSeconds is the acknowledged interval, 0 when heartbeats are off, and undefined while a change is unconfirmed", async () => {
		const { connection, socket, call, reply } = await setup();
		expect(connection.heartbeatSeconds).toBeUndefined();
		reply(call("public/set_heartbeat", { interval: 30 }), "ok");
		expect(connection.heartbeatSeconds).toBe(30);
		const again = call("public/set_heartbeat", { interval: 30 });
		expect(connection.heartbeatSeconds).toBe(30);
		reply(again, "ok");
		const change = call("public/set_heartbeat", { interval: 5 });
		expect(connection.heartbeatSeconds).toBeUndefined();
		socket.receive({ id: change, error: { code: -32602, message: "Invalid params" } });
		expect(connection.heartbeatSeconds).toBeUndefined();
		reply(call("public/disable_heartbeat"), "ok");
		expect(connection.heartbeatSeconds).toBe(0);
	});
});

describe("the option onProtectionChanged", () => {
	it.each<[string, string, object, unknown]>([
		["cancel-on-disconnect is switched off", disable, {}, "ok"],
		["the connection is authenticated again", "public/auth", {}, {}],
		["heartbeats are switched off", "public/disable_heartbeat", {}, "ok"],
		["the heartbeat interval is changed", "public/set_heartbeat", { interval: 60 }, "ok"],
	])("onProtectionChanged is called as soon as %s", async (_, method, params, result) => {
		const onProtectionChanged = vi.fn();
		const { connection, socket } = await connectFake({ onProtectionChanged });
		const send = (name: string, values: object): number => {
			void connection.call(name, { ...values }).catch(() => undefined);
			return socket.sent.at(-1)?.id ?? 0;
		};
		socket.receive({ id: send("public/set_heartbeat", { interval: 30 }), result: "ok" });
		socket.receive({ id: send(read, {}), result: setting(true) });
		await Promise.resolve();
		onProtectionChanged.mockClear();
		const id = send(method, params);
		await Promise.resolve();
		expect(onProtectionChanged).toHaveBeenCalled();
		expect(connection.cancelOnDisconnect === true && connection.heartbeatSeconds === 30).toBe(false);
		socket.receive({ id, result });
	});

	it("onProtectionChanged is not called when nothing has changed", async () => {
		const onProtectionChanged = vi.fn();
		const { connection, socket } = await connectFake({ onProtectionChanged });
		const exchange = (name: string, values: object, result: unknown): void => {
			void connection.call(name, { ...values }).catch(() => undefined);
			socket.receive({ id: socket.sent.at(-1)?.id, result });
		};
		exchange("public/set_heartbeat", { interval: 30 }, "ok");
		exchange(read, {}, setting(true));
		await Promise.resolve();
		onProtectionChanged.mockClear();
		exchange("public/set_heartbeat", { interval: 30 }, "ok");
		exchange(read, {}, setting(true));
		exchange("public/test", {}, { version: "1" });
		exchange("private/get_open_orders", {}, []);
		await Promise.resolve();
		expect(onProtectionChanged).not.toHaveBeenCalled();
	});

	it("an exception of the handler onProtectionChanged is reported to onUnexpected", async () => {
		const thrown = new Error("user's");
		const { connection, socket, unexpected } = await connectFake({
			onProtectionChanged: () => {
				throw thrown;
			},
		});
		void connection.call("public/set_heartbeat", { interval: 30 });
		socket.receive({ id: 1, result: "ok" });
		await new Promise((resolve) => setTimeout(resolve, 1));
		expect(unexpected[0]).toEqual({
			type: "handler-failed",
			detail: "onProtectionChanged threw or rejected",
			cause: thrown,
		});
	});
});

describe("DeribitConnection.areTokensRejected", () => {
	const refused = { code: 13009, data: { reason: "invalid_token" }, message: "unauthorized" };

	it("areTokensRejected becomes true when a private call is refused as unauthorized, and false when a login or private call is accepted", async () => {
		const onProtectionChanged = vi.fn();
		const { connection, socket } = await connectFake({ onProtectionChanged });
		const exchange = (method: string, params: Record<string, unknown>, reply: object): void => {
			void connection.call(method, params).catch(() => undefined);
			socket.receive({ id: socket.sent.at(-1)?.id, ...reply });
		};
		exchange("private/buy", { access_token: "another" }, { error: refused });
		exchange("public/auth", {}, { error: refused });
		exchange("private/buy", {}, { error: { ...refused, code: 13021 } });
		expect(connection.areTokensRejected).toBe(false);
		exchange("private/buy", {}, { error: refused });
		expect(connection.areTokensRejected).toBe(true);
		await Promise.resolve();
		expect(onProtectionChanged).toHaveBeenCalledOnce();
		exchange("public/auth", {}, { error: { ...refused, code: 13004 } });
		expect(connection.areTokensRejected).toBe(true);
		exchange("public/test", {}, { result: { version: "1" } });
		exchange("private/get_open_orders", { access_token: "another" }, { result: [] });
		expect(connection.areTokensRejected).toBe(true);
		exchange("public/auth", {}, { result: {} });
		expect(connection.areTokensRejected).toBe(false);
		exchange("private/buy", {}, { error: refused });
		exchange("private/get_open_orders", {}, { result: [] });
		expect(connection.areTokensRejected).toBe(false);
	});
});
