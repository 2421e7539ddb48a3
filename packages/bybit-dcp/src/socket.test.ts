import { BybitVenue, type BybitVenueOptions, Link, memoryWebSocket, serve } from "@x/venue-sims";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { BybitPrivateSocket } from "./bybit-private-socket.ts";
import { connectBybitPrivate } from "./connect.ts";
import { type BybitError, isBybitError } from "./errors.ts";
import type { BybitSocketSettings, StrangeFrame, TopicMessage } from "./options.ts";

const apiKey = "test_api_key";
const apiSecret = "test_secret";
const closers: (() => unknown)[] = [];

function start(venueOptions: BybitVenueOptions = {}, settings: BybitSocketSettings = {}) {
	const venue = new BybitVenue({ apiKey, apiSecret, ...venueOptions });
	const link = new Link(venue);
	closers.push(() => link.close());
	const strange: StrangeFrame[] = [];
	const options = {
		apiKey,
		apiSecret,
		WebSocket: memoryWebSocket(link),
		onStrange: (frame: StrangeFrame) => void strange.push(frame),
		...settings,
	};
	return { venue, link, strange, connect: (signal?: AbortSignal) => connectBybitPrivate(options, signal) };
}

async function failure(call: Promise<unknown>): Promise<BybitError> {
	const error = await call.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	if (!isBybitError(error)) throw new Error(`expected a BybitError, got ${String(error)}`);
	return error;
}

/** Fails at `ms` exactly: nothing a millisecond earlier. */
async function failsAt(ms: number, call: Promise<unknown>): Promise<BybitError> {
	let settled = false;
	const watched = failure(call).finally(() => {
		settled = true;
	});
	await vi.advanceTimersByTimeAsync(ms - 1);
	expect(settled).toBe(false);
	await vi.advanceTimersByTimeAsync(1);
	return watched;
}

beforeEach(() => {
	vi.useFakeTimers({ now: 1_700_000_000_000 });
});

afterEach(async () => {
	for (const close of closers.splice(0)) await close();
	vi.useRealTimers();
});

describe("connecting", () => {
	it("asks for the idle limit in the address and resolves when authentication is acknowledged", async () => {
		const urls: string[] = [];
		const { venue, link, connect } = start({}, { maxActiveTimeSeconds: 45 });
		const Memory = memoryWebSocket(link);
		class Watched extends Memory {
			constructor(url: string | URL) {
				super(url);
				urls.push(String(url));
			}
		}
		const socket = await connectBybitPrivate({ apiKey, apiSecret, WebSocket: Watched, maxActiveTimeSeconds: 45 });
		expect(urls).toEqual(["wss://stream.bybit.com/v5/private?max_active_time=45s"]);
		expect(venue.received).toMatchObject([
			{
				kind: "frame",
				frame: {
					op: "auth",
					args: [apiKey, 1_700_000_010_000, expect.stringMatching(/^[0-9a-f]{64}$/)],
				},
			},
		]);
		await socket.close();
		await (await connect()).close();
	});

	it("fails at its deadline when nothing answers the handshake", async () => {
		const { link, connect } = start();
		link.partition();
		expect(await failsAt(5_000, connect())).toMatchObject({ kind: "timeout", attempt: "connect" });
	});

	it("fails as a network failure when the handshake is refused", async () => {
		const { venue, connect } = start();
		venue.levers["ban"]?.({});
		expect(await failure(connect())).toMatchObject({ kind: "network", attempt: "connect", closeCode: 1006 });
	});

	it("fails at the deadline of authentication when its answer does not come, and leaves no connection", async () => {
		const { venue, link, connect } = start();
		venue.levers["withhold"]?.({ auth: true });
		expect(await failsAt(5_000, connect())).toMatchObject({ kind: "timeout", attempt: "auth" });
		await vi.advanceTimersByTimeAsync(1_000);
		expect(link.connections).toBe(0);
		expect(vi.getTimerCount()).toBeLessThanOrEqual(1); // the venue's own scan
	});

	it("fails when authentication is refused, although the venue leaves the connection open", async () => {
		const { venue, link, connect } = start();
		venue.levers["refuse"]?.({ auth: "Params Error" });
		const error = await failure(connect());
		expect(error).toMatchObject({ kind: "auth", venueMessage: "Params Error" });
		await vi.advanceTimersByTimeAsync(1);
		expect(link.connections).toBe(0);
	});

	it("is refused when this clock is more than ten seconds late, and not when it is told the venue's", async () => {
		const { connect, link } = start({ skewMs: 10_000 });
		expect((await failure(connect())).kind).toBe("auth");
		const now = (): number => Date.now() + 10_000;
		await (await connectBybitPrivate({ apiKey, apiSecret, WebSocket: memoryWebSocket(link), now })).close();
	});

	it("tells a key of another environment", async () => {
		const { link } = start();
		const connecting = connectBybitPrivate({ apiKey: "other", apiSecret, WebSocket: memoryWebSocket(link) });
		expect((await failure(connecting)).kind).toBe("environment");
	});

	it("ends with the caller's signal, before or during", async () => {
		const { venue, link, connect } = start();
		expect((await failure(connect(AbortSignal.abort()))).kind).toBe("aborted");
		expect(venue.received).toEqual([]);
		venue.levers["withhold"]?.({ auth: true });
		const during = new AbortController();
		const connecting = failure(connect(during.signal));
		await vi.advanceTimersByTimeAsync(10);
		during.abort();
		expect((await connecting).kind).toBe("aborted");
		await vi.advanceTimersByTimeAsync(1);
		expect(link.connections).toBe(0);
	});
});

it("a signer that hangs is cut off by the deadline of authentication", async () => {
	const { link } = start();
	const signer = (): Promise<string> => new Promise(() => undefined);
	const connecting = connectBybitPrivate({ apiKey, signer, WebSocket: memoryWebSocket(link) });
	expect(await failsAt(5_000, connecting)).toMatchObject({ kind: "timeout", attempt: "auth" });
});

describe("a subscription", () => {
	it("makes the connection count for its product, and for no other", async () => {
		const { venue, connect } = start();
		const socket = await connect();
		expect(await socket.subscribeDcp("OPTIONS")).toEqual({ topic: "dcp.option", already: false });
		const { DERIVATIVES, SPOT, OPTIONS } = venue.truth();
		expect([DERIVATIVES.state, SPOT.state, OPTIONS.state]).toEqual(["idle", "idle", "armed"]);
		await socket.close();
	});

	it("is sent in a request of its own for each topic, and answered by its id", async () => {
		const { venue, connect } = start();
		const socket = await connect();
		await Promise.all([socket.subscribeDcp("DERIVATIVES"), socket.subscribeDcp("SPOT"), socket.ping()]);
		const frames = venue.received.map((received) => (received.kind === "frame" ? received.frame : undefined));
		expect(frames.slice(1)).toEqual([
			{ req_id: "2", op: "subscribe", args: ["dcp.future"] },
			{ req_id: "3", op: "subscribe", args: ["dcp.spot"] },
			{ req_id: "4", op: "ping" },
		]);
	});

	it("that is already live is a success", async () => {
		const { connect } = start();
		const socket = await connect();
		await socket.subscribeDcp("SPOT");
		expect(await socket.subscribeDcp("SPOT")).toEqual({ topic: "dcp.spot", already: true });
	});

	it("refused by a host that is not the private one is told apart", async () => {
		const { venue, connect } = start();
		const socket = await connect();
		venue.levers["refuse"]?.({ subscribe: "wrong-host" });
		expect(await failure(socket.subscribeDcp("DERIVATIVES"))).toMatchObject({
			kind: "wrong-host",
			venueMessage: "error:handler not found,topic:dcp.future",
		});
	});

	it("refused for another reason is never a success", async () => {
		const { venue, connect } = start();
		const socket = await connect();
		venue.levers["refuse"]?.({ subscribe: "Request not authorized" });
		expect((await failure(socket.subscribeDcp("DERIVATIVES"))).kind).toBe("subscribe");
	});

	it("without an answer fails at its deadline and leaves the connection", async () => {
		const { venue, connect } = start();
		const socket = await connect();
		venue.levers["withhold"]?.({ subscribe: true });
		expect((await failsAt(5_000, socket.subscribeDcp("DERIVATIVES"))).kind).toBe("timeout");
		venue.levers["withhold"]?.({ subscribe: false });
		expect(socket.ended.aborted).toBe(false);
		await socket.subscribeDcp("DERIVATIVES");
	});

	it("to the topic that is no longer in use, or of a product that does not exist, is not sent", async () => {
		const { venue, connect } = start();
		const socket = await connect();
		const seen = venue.received.length;
		expect((await failure(socket.subscribe("dcp"))).kind).toBe("options");
		expect((await failure(socket.subscribeDcp("OPTION" as "OPTIONS"))).kind).toBe("options");
		expect(venue.received).toHaveLength(seen);
	});
});

describe("a ping", () => {
	it("is proved by its pong, and without one fails at its deadline", async () => {
		const { venue, connect } = start();
		const socket = await connect();
		expect(await socket.ping()).toEqual({ roundTripMs: 0 });
		venue.levers["withhold"]?.({ pong: true });
		expect(await failsAt(3_000, socket.ping())).toMatchObject({ kind: "timeout", attempt: "ping" });
		expect(socket.ended.aborted).toBe(false);
	});

	it("gets no answer over a half-open line, and is not answered by the late pong of an earlier one", async () => {
		const { venue, connect, strange } = start();
		const socket = await connect();
		venue.levers["withhold"]?.({ pong: true });
		const first = failsAt(3_000, socket.ping());
		await first;
		const second = failure(socket.ping());
		venue.levers["say"]?.({ text: '{"req_id":"2","op":"pong","args":["1"]}' });
		venue.levers["say"]?.({ text: '{"op":"pong","args":["1"]}' });
		await vi.advanceTimersByTimeAsync(3_000);
		expect((await second).kind).toBe("timeout");
		expect(strange.map(({ reason }) => reason)).toEqual(["unasked", "unasked"]);
	});
});

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
		const { venue, connect, strange } = start();
		const socket = await connect();
		venue.levers["say"]?.({ text });
		await socket.ping();
		expect(strange.map((frame) => frame.reason)).toEqual([reason]);
		expect(socket.strangeFrames).toBe(1);
	});

	it("may be binary", async () => {
		const { strange, link } = start();
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
		const onStrange = (frame: StrangeFrame): void => void strange.push(frame);
		const socket = await connectBybitPrivate({ apiKey, apiSecret, WebSocket: memoryWebSocket(link), onStrange });
		push(new Uint8Array([1, 2, 3]));
		await socket.ping();
		expect(strange).toMatchObject([{ reason: "binary" }]);
	});

	it("do not reach anybody who did not ask, and a handler that throws harms nothing", async () => {
		const { venue, connect } = start(
			{},
			{
				onStrange: () => {
					throw new Error("the handler is broken");
				},
			},
		);
		const socket = await connect();
		venue.levers["say"]?.({ text: "{" });
		await socket.ping();
		expect(socket.strangeFrames).toBe(1);
	});
});

describe("messages of a topic", () => {
	it("are handed on as they came, dcp topics with unknown data too, apart from the socket's own handler", async () => {
		const messages: TopicMessage[] = [];
		const { venue, connect, strange } = start(
			{},
			{
				onTopic: (message) => {
					messages.push(message);
					throw new Error("the handler is broken");
				},
			},
		);
		const socket = await connect();
		venue.levers["say"]?.({ text: '{"topic":"dcp.future","data":{"what":["ever"]}}' });
		await socket.ping();
		expect(messages).toEqual([{ topic: "dcp.future", frame: { topic: "dcp.future", data: { what: ["ever"] } } }]);
		expect(strange).toMatchObject([{ reason: "handler-threw", detail: "onTopic threw for a message of dcp.future" }]);
		expect(socket.ended.aborted).toBe(false);
	});

	it("tell what Disconnection Protect cancelled, on a connection that is still there", async () => {
		const messages: TopicMessage[] = [];
		const { venue, connect } = start({}, { onTopic: (message) => void messages.push(message) });
		const watcher = await connect();
		await watcher.subscribe("order");
		const guard = await connect();
		await guard.subscribeDcp("DERIVATIVES");
		venue.levers["place"]?.({ product: "DERIVATIVES" });
		await guard.close();
		await vi.advanceTimersByTimeAsync(10_000);
		expect(messages).toMatchObject([{ topic: "order", frame: { data: [{ cancelType: "CancelByDCP" }] } }]);
	});
});

describe("the end of a connection", () => {
	async function opened(): Promise<ReturnType<typeof start> & { socket: BybitPrivateSocket }> {
		const started = start();
		return { ...started, socket: await started.connect() };
	}

	it("is told at once with its reason, fails what was waiting and everything after", async () => {
		const { venue, link, socket } = await opened();
		venue.levers["withhold"]?.({ pong: true });
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
	const socket = await connectBybitPrivate({ apiKey, apiSecret, url: `${served.ws}/v5/private` });
	await socket.subscribeDcp("DERIVATIVES");
	expect((await socket.ping()).roundTripMs).toBeGreaterThan(0);
	expect(venue.truth().DERIVATIVES.state).toBe("armed");
	expect(await socket.close()).toEqual({ acknowledged: true });
});
