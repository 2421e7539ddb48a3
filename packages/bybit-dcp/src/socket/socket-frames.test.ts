import { BybitVenue, Link, memoryWebSocket, serve } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import type { BybitTopicMessage, BybitUnexpectedMessage } from "../options.ts";
import { apiKey, apiSecret, closers, failure, startSocket, useFakeClock } from "../testing/harness.ts";
import { connectBybit } from "./connect.ts";
import type { BybitConnection } from "./private-socket.ts";

useFakeClock();

describe("frames that cannot be used", () => {
	it.each([
		["not-json", "{"],
		["unknown-form", "[]"],
		["unknown-form", "1"],
		["unknown-form", "null"],
		["unknown-form", '{"op":"auth","success":"yes"}'],
		["unknown-form", '{"success":true,"ret_msg":"pong","op":"ping"}'],
		["unknown-form", '{"topic":7}'],
		["unasked", '{"op":"subscribe","success":true}'],
	])("are told as %s and are not fatal: %s", async (reason, text) => {
		const { venue, connect, strange } = startSocket();
		const socket = await connect();
		venue.faults["sendFrame"]?.({ text });
		await socket.ping();
		expect(strange.map((frame) => frame.reason)).toEqual([reason]);
		expect(socket.strangeFrames).toBe(1);
	});

	it("may be binary", async () => {
		const { strange, link } = startSocket();
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
		const onUnexpected = (frame: BybitUnexpectedMessage): void => void strange.push(frame);
		const socket = await connectBybit({ apiKey, apiSecret, WebSocket: memoryWebSocket(link), onUnexpected });
		push(new Uint8Array([1, 2, 3]));
		await socket.ping();
		expect(strange).toMatchObject([{ reason: "binary" }]);
	});

	it("do not reach anybody who did not ask, and a handler that throws harms nothing", async () => {
		const { venue, connect } = startSocket(
			{},
			{
				onUnexpected: () => {
					throw new Error("the handler is broken");
				},
			},
		);
		const socket = await connect();
		venue.faults["sendFrame"]?.({ text: "{" });
		await socket.ping();
		expect(socket.strangeFrames).toBe(1);
	});
});

describe("messages of a topic", () => {
	it("are handed on as they came, dcp topics with unknown data too, apart from the socket's own handler", async () => {
		const messages: BybitTopicMessage[] = [];
		const { venue, connect, strange } = startSocket(
			{},
			{
				onTopic: (message) => {
					messages.push(message);
					throw new Error("the handler is broken");
				},
			},
		);
		const socket = await connect();
		venue.faults["sendFrame"]?.({ text: '{"topic":"dcp.future","data":{"what":["ever"]}}' });
		await socket.ping();
		expect(messages).toEqual([{ topic: "dcp.future", frame: { topic: "dcp.future", data: { what: ["ever"] } } }]);
		expect(strange).toMatchObject([{ reason: "handler-threw", detail: "onTopic threw for a message of dcp.future" }]);
		expect(socket.ended.aborted).toBe(false);
	});

	it("tell what Disconnection Protect cancelled, on a connection that is still there", async () => {
		const messages: BybitTopicMessage[] = [];
		const { venue, connect } = startSocket({}, { onTopic: (message) => void messages.push(message) });
		const watcher = await connect();
		await watcher.subscribe("order");
		const guard = await connect();
		await guard.subscribeDcp("DERIVATIVES");
		venue.faults["place"]?.({ product: "DERIVATIVES" });
		await guard.close();
		await vi.advanceTimersByTimeAsync(10_000);
		expect(messages).toMatchObject([{ topic: "order", frame: { data: [{ cancelType: "CancelByDCP" }] } }]);
	});
});

describe("the end of a connection", () => {
	async function opened(): Promise<ReturnType<typeof startSocket> & { socket: BybitConnection }> {
		const started = startSocket();
		return { ...started, socket: await started.connect() };
	}

	it("is told at once with its reason, fails what was waiting and everything after", async () => {
		const { venue, link, socket } = await opened();
		venue.faults["withhold"]?.({ pong: true });
		const waiting = failure(socket.ping());
		await vi.advanceTimersByTimeAsync(1);
		link.drop();
		expect(await waiting).toMatchObject({ kind: "closed", closeCode: 1006 });
		expect(socket.ended.reason).toMatchObject({ kind: "closed", closeCode: 1006 });
		expect(await failure(socket.ping())).toMatchObject({ kind: "closed", attempt: "ping" });
		expect(await failure(socket.subscribeDcp("SPOT"))).toMatchObject({ kind: "closed" });
	});

	it("keeps its first reason", async () => {
		const { link, socket } = await opened();
		link.drop();
		await vi.advanceTimersByTimeAsync(1);
		const first = socket.ended.reason;
		await socket.close();
		expect(socket.ended.reason).toBe(first);
	});

	it("on purpose is acknowledged by the venue, and counts as a disconnection", async () => {
		const { venue, socket } = await opened();
		await socket.subscribeDcp("DERIVATIVES");
		expect(await socket.close()).toEqual({ acknowledged: true });
		expect(await socket.close()).toEqual({ acknowledged: true });
		expect(socket.ended.reason).toMatchObject({ kind: "closed", message: expect.stringContaining("on this side") });
		expect(venue.truth().DERIVATIVES).toMatchObject({ state: "counting", deadline: 1_700_000_010_000 });
	});

	it("on purpose over a half-open line is not waited for beyond its deadline, and not acknowledged", async () => {
		const { venue, link, socket } = await opened();
		await socket.subscribeDcp("DERIVATIVES");
		link.halfOpen();
		const closing = socket.close();
		await vi.advanceTimersByTimeAsync(1_000);
		expect(await closing).toEqual({ acknowledged: false });
		expect(venue.truth().DERIVATIVES.state).toBe("armed");
	});
});

it("works over a real connection to 127.0.0.1", async () => {
	vi.useRealTimers();
	const venue = new BybitVenue({ apiKey, apiSecret });
	const served = await serve(new Link(venue));
	closers.push(() => served.close());
	const socket = await connectBybit({ apiKey, apiSecret, url: `${served.ws}/v5/private` });
	await socket.subscribeDcp("DERIVATIVES");
	expect((await socket.ping()).roundTripMs).toBeGreaterThan(0);
	expect(venue.truth().DERIVATIVES.state).toBe("armed");
	expect(await socket.close()).toEqual({ acknowledged: true });
});
