import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { connectFake } from "../testing/fake-socket.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const settled = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);
const testRequest = { params: { type: "test_request" }, method: "heartbeat", jsonrpc: "2.0" };
const notification = { params: { channel: "a", data: 1 }, method: "subscription", jsonrpc: "2.0" };

describe("a test_request of the venue", () => {
	it("a test_request is answered synchronously, before the handlers of earlier notifications run", async () => {
		const handler = vi.fn();
		const { socket } = await connectFake({ onNotification: handler });
		socket.receive(notification);
		socket.receive(testRequest);
		expect(socket.sent).toMatchObject([{ method: "public/test", jsonrpc: "2.0", params: {} }]);
		expect(handler).not.toHaveBeenCalled();
		await settled();
		expect(handler).toHaveBeenCalledOnce();
	});

	it("a test_request is answered while other calls are pending", async () => {
		const { connection, socket } = await connectFake();
		const call = connection.request("public/get_time");
		socket.receive(testRequest);
		expect(socket.sent.map(({ method }) => method)).toEqual(["public/get_time", "public/test"]);
		// The replies arrive in another order than the order in which the calls were sent.
		socket.receive({ id: 2, result: { version: "1" } });
		socket.receive({ id: 1, result: 5 });
		expect(await call).toBe(5);
	});

	it("a test_request or a notification is ignored after disconnect() has given up waiting for the close frame", async () => {
		const handler = vi.fn();
		const { connection, socket } = await connectFake({ onNotification: handler });
		socket.close = () => undefined;
		const closing = connection.disconnect();
		await vi.advanceTimersByTimeAsync(3_000);
		await closing;
		socket.receive(testRequest);
		socket.receive(notification);
		await settled();
		expect(socket.sent).toEqual([]);
		expect(handler).not.toHaveBeenCalled();
	});
});

describe("a reply of the venue", () => {
	it("a reply settles only a call whose id has the same value and type", async () => {
		const { connection, socket, unexpected } = await connectFake();
		const call = connection.request("public/get_time");
		socket.receive({ id: "1", result: 4 });
		socket.receive({ id: 9, result: 4 });
		socket.receive({ id: 1, result: 5 });
		socket.receive({ id: 1, result: 6 });
		expect(await call).toBe(5);
		await settled();
		expect(unexpected.map(({ type }) => type)).toEqual(Array(3).fill("reply-to-nothing"));
	});

	it("a reply that is too long makes the call fail with kind reply, and the connection stays open", async () => {
		const { connection, socket, unexpected } = await connectFake();
		const call = connection.call("private/get_open_orders").catch((error: unknown) => error);
		socket.receive(`{"jsonrpc":"2.0","id":1,"result":"secret${" ".repeat(8_000_000)}"}`);
		const error = await call;
		expect(error).toMatchObject({ kind: "reply", call: "private/get_open_orders" });
		expect(String(error)).toMatch(/it is a frame of \d+ characters \(at most 8000000 are read\)\.$/);
		expect(unexpected).toEqual([]);
		socket.receive(`{"result":"secret${" ".repeat(8_000_000)}"}`);
		await settled();
		expect(unexpected).toMatchObject([{ type: "long-frame" }]);
		expect(connection.ended.aborted).toBe(false);
	});

	it("a reply without an id is reported as `reply-without-id` with the venue's error", async () => {
		const { socket, unexpected } = await connectFake();
		socket.receive({ error: { message: "bad_request", data: "invalid json", code: 11050 } });
		await settled();
		expect(unexpected).toMatchObject([{ type: "reply-without-id", cause: { venueCode: 11050, data: "invalid json" } }]);
	});

	it("a reply is reported as `reply-to-nothing` when it arrives after the deadline of its call", async () => {
		const { connection, socket, unexpected } = await connectFake();
		const call = expect(connection.request("public/test", {}, { timeoutMs: 5 })).rejects.toMatchObject({
			kind: "timeout",
		});
		await vi.advanceTimersByTimeAsync(5);
		await call;
		socket.receive({ id: 1, result: { version: "1" } });
		await settled();
		expect(unexpected).toMatchObject([{ type: "reply-to-nothing" }]);
	});

	it.each([
		["a wrong type", { result: "5" }, "/result"],
		["no result", {}, "/"],
		["an error without a code", { error: "secret" }, "/error"],
		["an error of null", { error: null }, "/error"],
	])("a reply with %s fails its call; the error shows only the path of the mismatch", async (_, body, path) => {
		const { connection, socket } = await connectFake();
		const call = connection.request("public/get_time").catch((error: unknown) => error);
		socket.receive({ id: 1, ...body });
		const error = await call;
		expect(error).toMatchObject({ kind: "reply", call: "public/get_time", path });
		expect(String(error)).not.toContain("secret");
	});

	it("a reply without a result makes an untyped call fail", async () => {
		const { connection, socket } = await connectFake();
		const calls = [connection.call("private/x"), connection.call("private/x")];
		const outcomes = Promise.allSettled(calls);
		socket.receive({ id: 1 });
		socket.receive({ id: 2, result: null });
		expect(await outcomes).toMatchObject([{ reason: { kind: "reply" } }, { value: null }]);
	});

	it("a reply leads to an error without secrets when the venue's error quotes a secret", async () => {
		const { connection, socket } = await connectFake();
		const credentials = { clientId: "my-key-id", clientSecret: "my-key-secret" };
		const call = connection.authenticate(credentials).catch((error: unknown) => error);
		const data = { reason: "my-key-secret", param: "client_secret", client_id: "my-key-id", "my-key-id": 1 };
		socket.receive({ id: 1, error: { code: 13004, message: "invalid my-key-id", data } });
		const error = await call;
		expect(error).toMatchObject({ venueCode: 13004, venueMessage: "invalid [redacted]" });
		expect(`${String(error)} ${JSON.stringify(error)}`).not.toMatch(/my-key/);
	});
});

describe("an unreadable frame", () => {
	it("an unreadable frame is reported to onUnexpected and leaves the connection open", async () => {
		const { connection, socket, unexpected } = await connectFake();
		socket.receive("{");
		socket.receive(new ArrayBuffer(3));
		socket.receive({ method: "unheard_of" });
		await settled();
		expect(unexpected.map(({ type }) => type)).toEqual(["not-json", "binary-frame", "unknown-frame"]);
		expect(connection.ended.aborted).toBe(false);
	});
});

describe("the end of a connection", () => {
	it("the end of a connection keeps its first reason when a second close event arrives", async () => {
		const { connection, socket } = await connectFake();
		socket.end(1006);
		const reason = connection.ended.reason;
		socket.end(4000);
		expect(connection.ended.reason).toBe(reason);
		expect(reason).toMatchObject({ why: "network" });
	});

	it("the end of a connection has reason `venue` when the close code is 1000", async () => {
		const { connection, socket } = await connectFake();
		socket.end(1000);
		expect(connection.ended.reason).toMatchObject({
			why: "venue",
			closeCode: 1000,
			cancelOnDisconnectFired: "unknown",
		});
	});

	it.each([11051, 13028, 13503])(
		"the end of a connection is not attributed to maintenance when a call succeeded after maintenance error %i",
		async (code) => {
			const { connection, socket } = await connectFake();
			const call = connection.call("private/x").catch(() => undefined);
			socket.receive({ id: 1, error: { code, message: "unavailable" } });
			await call;
			const next = connection.call("private/y");
			socket.receive({ id: 2, result: "ok" });
			await next;
			socket.end(1006);
			expect(connection.ended.reason).toMatchObject({ why: "network" });
		},
	);

	it("the end of a connection is not attributed to the rate limit when error 10028 was more than 10 s ago", async () => {
		const { connection, socket } = await connectFake();
		socket.receive({ error: { code: 10028, message: "too_many_requests" } });
		await vi.advanceTimersByTimeAsync(10_001);
		socket.end(1006);
		expect(connection.ended.reason).toMatchObject({ why: "network" });
	});

	it("a lost connection reports cancelOnDisconnectFired `unknown` when a call to switch cancel-on-disconnect off was not acknowledged", async () => {
		const { connection, socket } = await connectFake();
		const enabling = connection.request("private/enable_cancel_on_disconnect");
		socket.receive({ id: 1, result: "ok" });
		await enabling;
		const disabling = connection.request("private/disable_cancel_on_disconnect").catch(() => undefined);
		socket.end(1006);
		await disabling;
		expect(connection.ended.reason).toMatchObject({ cancelOnDisconnectFired: "unknown" });
	});

	it.each([
		["connection", "no"],
		["account", "likely"],
	] as const)(
		"the error of a lost connection uses only those read-backs of cancel-on-disconnect whose scope is `connection`: %s",
		async (scope, cancelOnDisconnectFired) => {
			const { connection, socket } = await connectFake();
			const enabling = connection.request("private/enable_cancel_on_disconnect");
			socket.receive({ id: 1, result: "ok" });
			await enabling;
			const reading = connection.request("private/get_cancel_on_disconnect", { scope });
			socket.receive({ id: 2, result: { scope, enabled: false } });
			await reading;
			socket.end(1006);
			expect(connection.ended.reason).toMatchObject({ cancelOnDisconnectFired });
		},
	);

	it("a lost connection reports cancelOnDisconnectFired `unknown` when a call to switch cancel-on-disconnect on was not acknowledged", async () => {
		const { connection, socket } = await connectFake();
		const call = connection.request("private/enable_cancel_on_disconnect").catch(() => undefined);
		socket.end(1006);
		await call;
		expect(connection.ended.reason).toMatchObject({ cancelOnDisconnectFired: "unknown" });
	});
});

it.each(["/private/disable_cancel_on_disconnect", "Private/buy", "private/buy ", "buy", "", "private/", "a/b"])(
	"DeribitConnection.call rejects the method name %j, because the effect of the call could not be tracked",
	async (method) => {
		const { connection, socket } = await connectFake();
		await expect(connection.call(method)).rejects.toMatchObject({ kind: "request" });
		expect(socket.sent).toEqual([]);
	},
);

it("DeribitConnection.disconnect ends the connection when the socket throws on close", async () => {
	const { connection, socket } = await connectFake();
	socket.close = () => {
		throw new DOMException("no", "InvalidAccessError");
	};
	const closing = connection.disconnect();
	await vi.advanceTimersByTimeAsync(3_000);
	expect(await closing).toMatchObject({ confirmed: false, why: "disconnect" });
});

it("DeribitConnection.request fails and leaves the connection open when the socket throws on send", async () => {
	const { connection, socket } = await connectFake();
	const send = socket.send.bind(socket);
	socket.send = () => {
		throw new DOMException("no", "InvalidStateError");
	};
	await expect(connection.request("public/test")).rejects.toMatchObject({ kind: "network" });
	socket.send = send;
	const call = connection.request("public/get_time");
	socket.receive({ id: 2, result: 1 });
	expect(await call).toBe(1);
	expect(vi.getTimerCount()).toBe(0);
});
