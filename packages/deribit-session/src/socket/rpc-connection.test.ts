import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { hold } from "../testing/held-socket.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const settled = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);
const testRequest = { params: { type: "test_request" }, method: "heartbeat", jsonrpc: "2.0" };
const notification = { params: { channel: "a", data: 1 }, method: "subscription", jsonrpc: "2.0" };

describe("a test_request", () => {
	it("is answered inside the socket's event, ahead of the handlers of earlier notifications", async () => {
		const handler = vi.fn();
		const { socket } = await hold({ onNotification: handler });
		socket.hear(notification);
		socket.hear(testRequest);
		expect(socket.sent).toMatchObject([{ method: "public/test", jsonrpc: "2.0", params: {} }]);
		expect(handler).not.toHaveBeenCalled();
		await settled();
		expect(handler).toHaveBeenCalledOnce();
	});

	it("is answered while calls wait and whatever the replies do", async () => {
		const { connection, socket } = await hold();
		const call = connection.request("public/get_time");
		socket.hear(testRequest);
		expect(socket.sent.map(({ method }) => method)).toEqual(["public/get_time", "public/test"]);
		// Replies may overtake each other.
		socket.hear({ id: 2, result: { version: "1" } });
		socket.hear({ id: 1, result: 5 });
		expect(await call).toBe(5);
	});

	it("is not answered over a connection that was given up, and its news is not delivered", async () => {
		const handler = vi.fn();
		const { connection, socket } = await hold({ onNotification: handler });
		socket.close = () => undefined;
		const leaving = connection.disconnect();
		await vi.advanceTimersByTimeAsync(3_000);
		await leaving;
		socket.hear(testRequest);
		socket.hear(notification);
		await settled();
		expect(socket.sent).toEqual([]);
		expect(handler).not.toHaveBeenCalled();
	});
});

describe("a reply", () => {
	it("goes to the call with its id and no other; an id of another type is not it", async () => {
		const { connection, socket, strange } = await hold();
		const call = connection.request("public/get_time");
		socket.hear({ id: "1", result: 4 });
		socket.hear({ id: 9, result: 4 });
		socket.hear({ id: 1, result: 5 });
		socket.hear({ id: 1, result: 6 });
		expect(await call).toBe(5);
		await settled();
		expect(strange.map(({ type }) => type)).toEqual(Array(3).fill("reply-to-nothing"));
	});

	it("without an id is reported with the refusal it carries, text as data and all", async () => {
		const { socket, strange } = await hold();
		socket.hear({ error: { message: "bad_request", data: "invalid json", code: 11050 } });
		await settled();
		expect(strange).toMatchObject([{ type: "reply-without-id", cause: { venueCode: 11050, data: "invalid json" } }]);
	});

	it("after the deadline is a reply to nothing", async () => {
		const { connection, socket, strange } = await hold();
		const call = expect(connection.request("public/test", {}, { timeoutMs: 5 })).rejects.toMatchObject({
			kind: "timeout",
		});
		await vi.advanceTimersByTimeAsync(5);
		await call;
		socket.hear({ id: 1, result: { version: "1" } });
		await settled();
		expect(strange).toMatchObject([{ type: "reply-to-nothing" }]);
	});

	it.each([
		["a wrong type", { result: "5" }, "/result"],
		["no result", {}, "/"],
		["an error without a code", { error: "secret" }, "/error"],
		["an error of null", { error: null }, "/error"],
	])("with %s is an error that names the place and quotes nothing", async (_, body, path) => {
		const { connection, socket } = await hold();
		const call = connection.request("public/get_time").catch((error: unknown) => error);
		socket.hear({ id: 1, ...body });
		const error = await call;
		expect(error).toMatchObject({ kind: "reply", call: "public/get_time", path });
		expect(String(error)).not.toContain("secret");
	});

	it("to any other call has to have a result", async () => {
		const { connection, socket } = await hold();
		const calls = [connection.call("private/x"), connection.call("private/x")];
		const outcomes = Promise.allSettled(calls);
		socket.hear({ id: 1 });
		socket.hear({ id: 2, result: null });
		expect(await outcomes).toMatchObject([{ reason: { kind: "reply" } }, { value: null }]);
	});

	it("whose refusal quotes a secret shows none of it", async () => {
		const { connection, socket } = await hold();
		const credentials = { clientId: "my-key-id", clientSecret: "my-key-secret" };
		const call = connection.authenticate(credentials).catch((error: unknown) => error);
		const data = { reason: "my-key-secret", param: "client_secret", client_id: "my-key-id", "my-key-id": 1 };
		socket.hear({ id: 1, error: { code: 13004, message: "invalid my-key-id", data } });
		const error = await call;
		expect(error).toMatchObject({ venueCode: 13004, venueMessage: "invalid [redacted]" });
		expect(`${String(error)} ${JSON.stringify(error)}`).not.toMatch(/my-key/);
	});
});

describe("a frame that cannot be read", () => {
	it("is reported and ends nothing", async () => {
		const { connection, socket, strange } = await hold();
		socket.hear("{");
		socket.hear(new ArrayBuffer(3));
		socket.hear({ method: "unheard_of" });
		await settled();
		expect(strange.map(({ type }) => type)).toEqual(["not-json", "binary-frame", "unknown-frame"]);
		expect(connection.ended.aborted).toBe(false);
	});
});

describe("an end", () => {
	it("is explained by the first reason alone", async () => {
		const { connection, socket } = await hold();
		socket.end(1006);
		const reason = connection.ended.reason;
		socket.end(4000);
		expect(connection.ended.reason).toBe(reason);
		expect(reason).toMatchObject({ why: "network" });
	});

	it("is reported as the venue's when the close code says nothing", async () => {
		const { connection, socket } = await hold();
		socket.end(1000);
		expect(connection.ended.reason).toMatchObject({
			why: "venue",
			closeCode: 1000,
			cancelOnDisconnectFired: "unknown",
		});
	});

	it.each([11051, 13028, 13503])(
		"does not blame %i, which one method may answer on any day, once another call was answered",
		async (code) => {
			const { connection, socket } = await hold();
			const call = connection.call("private/x").catch(() => undefined);
			socket.hear({ id: 1, error: { code, message: "unavailable" } });
			await call;
			const next = connection.call("private/y");
			socket.hear({ id: 2, result: "ok" });
			await next;
			socket.end(1006);
			expect(connection.ended.reason).toMatchObject({ why: "network" });
		},
	);

	it("does not blame an error that was long ago", async () => {
		const { connection, socket } = await hold();
		socket.hear({ error: { code: 10028, message: "too_many_requests" } });
		await vi.advanceTimersByTimeAsync(10_001);
		socket.end(1006);
		expect(connection.ended.reason).toMatchObject({ why: "network" });
	});

	it("does not call armed what a later, unanswered disable may have switched off", async () => {
		const { connection, socket } = await hold();
		const enabling = connection.request("private/enable_cancel_on_disconnect");
		socket.hear({ id: 1, result: "ok" });
		await enabling;
		const disabling = connection.request("private/disable_cancel_on_disconnect").catch(() => undefined);
		socket.end(1006);
		await disabling;
		expect(connection.ended.reason).toMatchObject({ cancelOnDisconnectFired: "unknown" });
	});

	it.each([
		["connection", "no"],
		["account", "likely"],
	] as const)("takes what was read back with scope %s as about that alone", async (scope, cancelOnDisconnectFired) => {
		const { connection, socket } = await hold();
		const enabling = connection.request("private/enable_cancel_on_disconnect");
		socket.hear({ id: 1, result: "ok" });
		await enabling;
		const reading = connection.request("private/get_cancel_on_disconnect", { scope });
		socket.hear({ id: 2, result: { scope, enabled: false } });
		await reading;
		socket.end(1006);
		expect(connection.ended.reason).toMatchObject({ cancelOnDisconnectFired });
	});

	it("does not call an unanswered enable armed", async () => {
		const { connection, socket } = await hold();
		const call = connection.request("private/enable_cancel_on_disconnect").catch(() => undefined);
		socket.end(1006);
		await call;
		expect(connection.ended.reason).toMatchObject({ cancelOnDisconnectFired: "unknown" });
	});
});

it.each(["/private/disable_cancel_on_disconnect", "Private/buy", "private/buy ", "buy", "", "private/", "a/b"])(
	"the method name %j is refused: the venue may take it, and what it does would go by unseen",
	async (method) => {
		const { connection, socket } = await hold();
		await expect(connection.call(method)).rejects.toMatchObject({ kind: "request" });
		expect(socket.sent).toEqual([]);
	},
);

it("a socket that throws when closing ends all the same", async () => {
	const { connection, socket } = await hold();
	socket.close = () => {
		throw new DOMException("no", "InvalidAccessError");
	};
	const leaving = connection.disconnect();
	await vi.advanceTimersByTimeAsync(3_000);
	expect(await leaving).toMatchObject({ confirmed: false, why: "disconnect" });
});

it("a socket that throws when sending fails that call alone", async () => {
	const { connection, socket } = await hold();
	const send = socket.send.bind(socket);
	socket.send = () => {
		throw new DOMException("no", "InvalidStateError");
	};
	await expect(connection.request("public/test")).rejects.toMatchObject({ kind: "network" });
	socket.send = send;
	const call = connection.request("public/get_time");
	socket.hear({ id: 2, result: 1 });
	expect(await call).toBe(1);
	expect(vi.getTimerCount()).toBe(0);
});
