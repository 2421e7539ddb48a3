import { describe, expect, it } from "vitest";
import { hold } from "../testing/held-socket.ts";

const enable = "private/enable_cancel_on_disconnect";
const disable = "private/disable_cancel_on_disconnect";
const read = "private/get_cancel_on_disconnect";
const said = (enabled: boolean, scope = "connection") => ({ scope, enabled });

/** Sends calls in one order and hears the replies in another; failures of calls do not matter here. */
async function heldSwitch() {
	const { connection, socket } = await hold();
	const call = (method: string, params = {}, timeoutMs = 10_000): number => {
		void connection.call(method, params, undefined, { timeoutMs }).catch(() => undefined);
		return socket.sent.at(-1)?.id ?? 0;
	};
	const hear = (id: number, result: unknown): void => socket.hear({ id, result });
	const armed = () => connection.cancelOnDisconnect;
	return { connection, socket, call, hear, armed };
}

describe("cancelOnDisconnect of a connection", () => {
	it("is unknown until it is read back: an ok alone proves nothing", async () => {
		const { call, hear, armed } = await heldSwitch();
		expect(armed()).toBeUndefined();
		hear(call(enable), "ok");
		expect(armed()).toBeUndefined();
		hear(call(read), said(true));
		expect(armed()).toBe(true);
		hear(call(read), said(false));
		expect(armed()).toBe(false);
	});

	it("is unknown from the moment a change is sent, whatever the ok says, until it is read back", async () => {
		const { call, hear, armed } = await heldSwitch();
		hear(call(read), said(true));
		const change = call(disable);
		expect(armed()).toBeUndefined();
		hear(change, "ok");
		hear(call(enable), "ok");
		expect(armed()).toBeUndefined();
		hear(call(read), said(true));
		expect(armed()).toBe(true);
	});

	it("is not what was read before a change, even when that reply comes after the change's own", async () => {
		const { call, hear, armed } = await heldSwitch();
		const [reading, change] = [call(read), call(disable)];
		hear(change, "ok");
		hear(reading, said(true));
		expect(armed()).toBeUndefined();
	});

	it("is not what was read while a change was under way", async () => {
		const { call, hear, armed } = await heldSwitch();
		const [change, reading] = [call(disable), call(read)];
		hear(reading, said(true));
		expect(armed()).toBeUndefined();
		hear(change, "ok");
		expect(armed()).toBeUndefined();
	});

	it("is not for ever unknown after a change that was never answered: a later question settles it", async () => {
		const { connection, call, hear, armed } = await heldSwitch();
		await expect(connection.request(disable, undefined, { timeoutMs: 1 })).rejects.toMatchObject({ kind: "timeout" });
		hear(call(read), said(true));
		expect(armed()).toBe(true);
	});

	it("stays what was read when it is switched to that again, unless the venue refuses", async () => {
		const { socket, call, hear, armed } = await heldSwitch();
		hear(call(read), said(true));
		const again = call(enable);
		expect(armed()).toBe(true);
		hear(again, "ok");
		expect(armed()).toBe(true);
		socket.hear({ id: call(enable), error: { code: 10049, message: "cancel_on_disconnect_failed" } });
		expect(armed()).toBeUndefined();
	});

	it("has nothing to do with answers about the account, or answers of another shape", async () => {
		const { call, hear, armed } = await heldSwitch();
		hear(call(read, { scope: "account" }), said(true, "account"));
		hear(call(read), said(true, "account"));
		for (const result of ["ok", null, { enabled: "true" }, { scope: "connection" }]) hear(call(read), result);
		expect(armed()).toBeUndefined();
	});

	it("is unknown again once somebody authenticates, as whomever, until it is read back; the end is explained as before", async () => {
		const { connection, socket, call, hear, armed } = await heldSwitch();
		hear(call(read), said(true));
		const reading = call(read);
		const login = call("public/auth", { grant_type: "refresh_token", refresh_token: "r" });
		expect(armed()).toBeUndefined();
		hear(reading, said(true));
		hear(login, {});
		expect(armed()).toBeUndefined();
		hear(call(read), said(true));
		expect(armed()).toBe(true);
		call("public/auth");
		socket.end(1006);
		expect(connection.ended.reason).toMatchObject({ cancelOnDisconnectFired: "likely" });
	});

	it("crossing changes leave the end unexplained rather than wrong", async () => {
		const { connection, socket, call, hear } = await heldSwitch();
		const [on, off] = [call(enable), call(disable)];
		hear(off, "ok");
		hear(on, "ok");
		socket.end(1006);
		expect(connection.ended.reason).toMatchObject({ cancelOnDisconnectFired: "unknown" });
	});
});

describe("heartbeatSeconds of a connection", () => {
	it("is what the venue acknowledged: the last interval, 0 when ended, undefined when in doubt", async () => {
		const { connection, socket, call, hear } = await heldSwitch();
		expect(connection.heartbeatSeconds).toBeUndefined();
		hear(call("public/set_heartbeat", { interval: 30 }), "ok");
		expect(connection.heartbeatSeconds).toBe(30);
		const again = call("public/set_heartbeat", { interval: 30 });
		expect(connection.heartbeatSeconds).toBe(30);
		hear(again, "ok");
		const change = call("public/set_heartbeat", { interval: 5 });
		expect(connection.heartbeatSeconds).toBeUndefined();
		socket.hear({ id: change, error: { code: -32602, message: "Invalid params" } });
		expect(connection.heartbeatSeconds).toBeUndefined();
		hear(call("public/disable_heartbeat"), "ok");
		expect(connection.heartbeatSeconds).toBe(0);
	});
});
