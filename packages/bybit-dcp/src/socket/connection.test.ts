import { BybitVenue, Link, memoryWebSocket, serve } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import type { BybitUnexpectedMessage, TopicMessage } from "../options.ts";
import { apiKey, apiSecret, closers, failure, startSocket, useFakeClock } from "../testing/start-client.ts";
import { connectBybit } from "./connect.ts";
import type { BybitConnection } from "./connection.ts";

useFakeClock();

describe("unexpected messages from the venue", () => {
	it.each([
		["not-json", "{"],
		["too-long", `{"topic":"${"x".repeat(1_000_000)}"}`],
		["unknown-form", "[]"],
		["unknown-form", "1"],
		["unknown-form", "null"],
		["unknown-form", '{"op":"auth","success":"yes"}'],
		["unknown-form", '{"success":true,"ret_msg":"pong","op":"ping"}'],
		["unknown-form", '{"topic":7}'],
		["unasked", '{"op":"subscribe","success":true}'],
	])("onUnexpected gets reason %s, and the connection stays open, when the venue sends %.60s", async (reason, text) => {
		const { venue, connect, unexpected } = startSocket();
		const socket = await connect();
		venue.faults["sendFrame"]?.({ text });
		await socket.ping();
		expect(unexpected.map((frame) => frame.reason)).toEqual([reason]);
		expect(socket.unexpectedCount).toBe(1);
	});

	it("onUnexpected gets reason `binary` when the venue sends a binary frame", async () => {
		const { unexpected, link } = startSocket();
		let push: (data: Uint8Array) => void = () => undefined;
		const upgrade = link.upgrade.bind(link);
		link.upgrade = (request) => {
			const accepted = upgrade(request);
			if (accepted.kind !== "accept") return accepted;
			return {
				kind: "accept",
				attach: (wire) => {
					push = (data) => wire.send(data);
					return accepted.attach(wire);
				},
			};
		};
		const onUnexpected = (frame: BybitUnexpectedMessage): void => void unexpected.push(frame);
		const socket = await connectBybit({ apiKey, apiSecret, WebSocket: memoryWebSocket(link), onUnexpected });
		push(new Uint8Array([1, 2, 3]));
		await socket.ping();
		expect(unexpected).toMatchObject([{ reason: "binary" }]);
	});

	it("a BybitConnection stays open when the venue sends unexpected messages and onUnexpected throws", async () => {
		const { venue, connect } = startSocket(
			{},
			{
				onUnexpected: () => {
					throw new Error("a broken callback");
				},
			},
		);
		const socket = await connect();
		venue.faults["sendFrame"]?.({ text: "{" });
		await socket.ping();
		expect(socket.unexpectedCount).toBe(1);
	});
});

describe("the callbacks of a connection", () => {
	const fault = new Error("a broken callback");
	it.each([
		[
			"throw",
			() => {
				throw fault;
			},
		],
		["reject", () => Promise.reject(fault)],
	])("callbacks that %s do not end the process or the connection", async (_how, callback) => {
		const callbacks = { onConnected: callback, onTopicsChange: callback, onTopic: callback, onUnexpected: callback };
		const { venue, connect } = startSocket({}, callbacks);
		const socket = await connect();
		await socket.subscribeDcp("SPOT");
		venue.faults["sendFrame"]?.({ text: '{"topic":"dcp.spot","data":{}}' });
		venue.faults["sendFrame"]?.({ text: "{" });
		await socket.ping();
		await vi.advanceTimersByTimeAsync(0);
		expect(socket.unexpectedCount).toBe(2);
		expect(socket.ended.aborted).toBe(false);
	});
});

describe("messages of subscribed topics", () => {
	it("topic messages are passed to onTopic unchanged, and leave the connection open when onTopic throws", async () => {
		const messages: TopicMessage[] = [];
		const { venue, connect, unexpected } = startSocket(
			{},
			{
				onTopic: (message) => {
					messages.push(message);
					throw new Error("a broken callback");
				},
			},
		);
		const socket = await connect();
		venue.faults["sendFrame"]?.({ text: '{"topic":"dcp.future","data":{"what":["ever"]}}' });
		await socket.ping();
		expect(messages).toEqual([{ topic: "dcp.future", frame: { topic: "dcp.future", data: { what: ["ever"] } } }]);
		expect(unexpected).toMatchObject([
			{ reason: "handler-threw", detail: "onTopic threw for a message of dcp.future" },
		]);
		expect(socket.ended.aborted).toBe(false);
	});

	it("messages of the topic `order`, received over another connection, show the orders that Disconnection Protect cancelled", async () => {
		const messages: TopicMessage[] = [];
		const { venue, connect } = startSocket({}, { onTopic: (message) => void messages.push(message) });
		const watcher = await connect();
		await watcher.subscribe("order");
		const guard = await connect();
		await guard.subscribeDcp("DERIVATIVES");
		venue.faults["place"]?.({ product: "DERIVATIVES" });
		await guard.close();
		await vi.advanceTimersByTimeAsync(10_000);
		expect(messages).toMatchObject([
			{ topic: "order", frame: { data: [{ orderStatus: "New" }] } },
			{ topic: "order", frame: { data: [{ cancelType: "CancelByDCP" }] } },
		]);
	});
});

describe("a BybitConnection that ends", () => {
	async function opened(): Promise<ReturnType<typeof startSocket> & { socket: BybitConnection }> {
		const started = startSocket();
		return { ...started, socket: await started.connect() };
	}

	it("a connection that ends aborts its signal `ended` with the reason, and makes pending and later requests fail", async () => {
		const { venue, link, socket } = await opened();
		venue.faults["withhold"]?.({ pong: true });
		const waiting = failure(socket.ping());
		await vi.advanceTimersByTimeAsync(1);
		link.drop();
		expect(await waiting).toMatchObject({ kind: "closed", closeCode: 1006 });
		expect(socket.ended.reason).toMatchObject({ kind: "closed", closeCode: 1006 });
		expect(await failure(socket.ping())).toMatchObject({ kind: "closed", call: "ping" });
		expect(await failure(socket.subscribeDcp("SPOT"))).toMatchObject({ kind: "closed" });
	});

	it("a connection that ends keeps the first reason when another reason follows", async () => {
		const { link, socket } = await opened();
		link.drop();
		await vi.advanceTimersByTimeAsync(1);
		const first = socket.ended.reason;
		await socket.close();
		expect(socket.ended.reason).toBe(first);
	});

	it("a connection that this program closes counts as lost: the venue begins its countdown to the cancel of the orders", async () => {
		const { venue, socket } = await opened();
		await socket.subscribeDcp("DERIVATIVES");
		expect(await socket.close()).toEqual({ acknowledged: true });
		expect(await socket.close()).toEqual({ acknowledged: true });
		expect(socket.ended.reason).toMatchObject({
			kind: "closed",
			message: expect.stringContaining("closed by this program"),
		});
		expect(venue.truth().DERIVATIVES).toMatchObject({ state: "counting", deadline: 1_700_000_010_000 });
	});

	it("close() of a half-open connection resolves with acknowledged false after closeTimeoutMs", async () => {
		const { venue, link, socket } = await opened();
		await socket.subscribeDcp("DERIVATIVES");
		link.halfOpen();
		const closing = socket.close();
		await vi.advanceTimersByTimeAsync(1_000);
		expect(await closing).toEqual({ acknowledged: false });
		expect(venue.truth().DERIVATIVES.state).toBe("armed");
	});
});

it("BybitConnection logs in, subscribes, pings and closes over a real connection to 127.0.0.1", async () => {
	vi.useRealTimers();
	const venue = new BybitVenue({ apiKey, apiSecret });
	const served = await serve(new Link(venue));
	closers.push(() => served.close());
	const socket = await connectBybit({ apiKey, apiSecret, wsUrl: `${served.ws}/v5/private` });
	await socket.subscribeDcp("DERIVATIVES");
	expect((await socket.ping()).roundTripMs).toBeGreaterThan(0);
	expect(venue.truth().DERIVATIVES.state).toBe("armed");
	expect(await socket.close()).toEqual({ acknowledged: true });
});
