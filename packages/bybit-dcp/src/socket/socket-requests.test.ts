import { memoryWebSocket } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import { apiKey, apiSecret, failsAt, failure, startSocket, useFakeClock } from "../testing/harness.ts";
import { connectBybit } from "./connect.ts";

useFakeClock();

describe("connecting", () => {
	it("asks for the idle limit in the address and resolves when authentication is acknowledged", async () => {
		const urls: string[] = [];
		const { venue, link, connect } = startSocket({}, { maxActiveTimeSeconds: 45 });
		const Memory = memoryWebSocket(link);
		class Watched extends Memory {
			constructor(url: string | URL) {
				super(url);
				urls.push(String(url));
			}
		}
		const socket = await connectBybit({ apiKey, apiSecret, WebSocket: Watched, maxActiveTimeSeconds: 45 });
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

	it("puts its own idle limit in the place of one that the address has", async () => {
		const urls: string[] = [];
		const { link } = startSocket();
		class Watched extends memoryWebSocket(link) {
			constructor(url: string | URL) {
				super(url);
				urls.push(String(url));
			}
		}
		const url = "wss://stream.bybit.com/v5/private?max_active_time=10m&x=1";
		await (await connectBybit({ apiKey, apiSecret, WebSocket: Watched, url })).close();
		expect(urls).toEqual(["wss://stream.bybit.com/v5/private?max_active_time=30s&x=1"]);
	});

	it.each([
		'{"retCode":0,"retMsg":"OK","op":"auth","connId":"c"}',
		'{"req_id":"1","op":"auth","conn_id":"c"}',
		'{"req_id":"1","success":"true","op":"auth"}',
		'{"req_id":"1","success":true,"ret_msg":"","op":"subscribe"}',
	])("is not authenticated by an answer of another socket or another request: %s", async (text) => {
		const { venue, connect } = startSocket();
		venue.faults["withhold"]?.({ auth: true });
		const connecting = failure(connect());
		await vi.waitFor(() => expect(venue.received).toHaveLength(1));
		venue.faults["sendFrame"]?.({ text });
		await vi.advanceTimersByTimeAsync(5_000);
		expect(await connecting).toMatchObject({ kind: "timeout", attempt: "auth" });
	});

	it("sends nothing before authentication is acknowledged", async () => {
		const { venue, connect } = startSocket();
		venue.faults["withhold"]?.({ auth: true });
		const connecting = failure(connect());
		// Real cryptography does not wait for the fake clock.
		await vi.waitFor(() => expect(venue.received).toMatchObject([{ frame: { op: "auth" } }]));
		await vi.advanceTimersByTimeAsync(5_000);
		expect(await connecting).toMatchObject({ kind: "timeout", attempt: "auth" });
		expect(venue.received).toHaveLength(1);
	});

	it("fails at its deadline when nothing answers the handshake", async () => {
		const { link, connect } = startSocket();
		link.partition();
		expect(await failsAt(5_000, connect())).toMatchObject({ kind: "timeout", attempt: "connect" });
	});

	it("fails as a network failure when the handshake is refused", async () => {
		const { venue, connect } = startSocket();
		venue.faults["ban"]?.({});
		expect(await failure(connect())).toMatchObject({ kind: "network", attempt: "connect", closeCode: 1006 });
	});

	it("fails at the deadline of authentication when its answer does not come, and leaves no connection", async () => {
		const { venue, link, connect } = startSocket();
		venue.faults["withhold"]?.({ auth: true });
		expect(await failsAt(5_000, connect())).toMatchObject({ kind: "timeout", attempt: "auth" });
		await vi.advanceTimersByTimeAsync(1_000);
		expect(link.connections).toBe(0);
		expect(vi.getTimerCount()).toBeLessThanOrEqual(1); // the venue's own scan
	});

	it("fails when authentication is refused, although the venue leaves the connection open", async () => {
		const { venue, link, connect } = startSocket();
		venue.faults["refuse"]?.({ auth: "Params Error" });
		const error = await failure(connect());
		expect(error).toMatchObject({ kind: "auth", venueMessage: "Params Error" });
		await vi.advanceTimersByTimeAsync(1);
		expect(link.connections).toBe(0);
	});

	it("is refused when this clock is more than ten seconds late, and not when it is told the venue's", async () => {
		const { connect, link } = startSocket({ skewMs: 10_000 });
		expect((await failure(connect())).kind).toBe("auth");
		const now = (): number => Date.now() + 10_000;
		await (await connectBybit({ apiKey, apiSecret, WebSocket: memoryWebSocket(link), now })).close();
	});

	it("tells a key of another environment", async () => {
		const { link } = startSocket();
		const connecting = connectBybit({ apiKey: "other", apiSecret, WebSocket: memoryWebSocket(link) });
		expect((await failure(connecting)).kind).toBe("environment");
	});

	it("ends with the caller's signal, before or during", async () => {
		const { venue, link, connect } = startSocket();
		expect((await failure(connect(AbortSignal.abort()))).kind).toBe("aborted");
		expect(venue.received).toEqual([]);
		venue.faults["withhold"]?.({ auth: true });
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
	const { link } = startSocket();
	const signer = (): Promise<string> => new Promise(() => undefined);
	const connecting = connectBybit({ apiKey, signer, WebSocket: memoryWebSocket(link) });
	expect(await failsAt(5_000, connecting)).toMatchObject({ kind: "timeout", attempt: "auth" });
});

describe("a subscription", () => {
	it("makes the connection count for its product, and for no other", async () => {
		const { venue, connect } = startSocket();
		const socket = await connect();
		expect(await socket.subscribeDcp("OPTIONS")).toEqual({ topic: "dcp.option", already: false });
		const { DERIVATIVES, SPOT, OPTIONS } = venue.truth();
		expect([DERIVATIVES.state, SPOT.state, OPTIONS.state]).toEqual(["idle", "idle", "armed"]);
		await socket.close();
	});

	it("is sent in a request of its own for each topic, and answered by its id", async () => {
		const { venue, connect } = startSocket();
		const socket = await connect();
		await Promise.all([socket.subscribeDcp("DERIVATIVES"), socket.subscribeDcp("SPOT"), socket.ping()]);
		const frames = venue.received.map((received) => (received.kind === "frame" ? received.frame : undefined));
		expect(frames.slice(1)).toEqual([
			{ req_id: "2", op: "subscribe", args: ["dcp.future"] },
			{ req_id: "3", op: "subscribe", args: ["dcp.spot"] },
			{ req_id: "4", op: "ping" },
		]);
	});

	it("is listed unless it was refused, without an answer too", async () => {
		const { venue, connect } = startSocket();
		const socket = await connect();
		await socket.subscribeDcp("SPOT");
		venue.faults["refuse"]?.({ subscribe: "Request not authorized" });
		await failure(socket.subscribe("wallet"));
		venue.faults["refuse"]?.({ subscribe: null });
		venue.faults["withhold"]?.({ subscribe: true });
		await failsAt(5_000, socket.subscribe("order"));
		expect(socket.topics).toEqual(["dcp.spot", "order"]);
	});

	it("that is already live is a success", async () => {
		const { connect } = startSocket();
		const socket = await connect();
		await socket.subscribeDcp("SPOT");
		expect(await socket.subscribeDcp("SPOT")).toEqual({ topic: "dcp.spot", already: true });
	});

	it("refused by a host that is not the private one is told apart", async () => {
		const { venue, connect } = startSocket();
		const socket = await connect();
		venue.faults["refuse"]?.({ subscribe: "wrong-host" });
		expect(await failure(socket.subscribeDcp("DERIVATIVES"))).toMatchObject({
			kind: "wrong-host",
			venueMessage: "error:handler not found,topic:dcp.future",
		});
	});

	it("to a topic that does not exist is refused, without blaming the host", async () => {
		const { connect } = startSocket();
		const error = await failure((await connect()).subscribe("orders"));
		expect([error.kind, error.message]).toEqual(["subscribe", expect.stringMatching(/handler not found,topic:orders/)]);
		expect(error.message).not.toMatch(/private host/);
	});

	it("refused for another reason is never a success", async () => {
		const { venue, connect } = startSocket();
		const socket = await connect();
		venue.faults["refuse"]?.({ subscribe: "Request not authorized" });
		expect((await failure(socket.subscribeDcp("DERIVATIVES"))).kind).toBe("subscribe");
	});

	it("without an answer fails at its deadline and leaves the connection", async () => {
		const { venue, connect } = startSocket();
		const socket = await connect();
		venue.faults["withhold"]?.({ subscribe: true });
		expect((await failsAt(5_000, socket.subscribeDcp("DERIVATIVES"))).kind).toBe("timeout");
		venue.faults["withhold"]?.({ subscribe: false });
		expect(socket.ended.aborted).toBe(false);
		await socket.subscribeDcp("DERIVATIVES");
	});

	it("to the topic that is no longer in use, or of a product that does not exist, is not sent", async () => {
		const { venue, connect } = startSocket();
		const socket = await connect();
		const seen = venue.received.length;
		for (const topic of ["dcp", "", undefined, 7]) {
			expect((await failure(socket.subscribe(topic as string))).kind).toBe("options");
		}
		expect((await failure(socket.subscribeDcp("OPTION" as "OPTIONS"))).kind).toBe("options");
		expect(venue.received).toHaveLength(seen);
	});
});

describe("a ping", () => {
	it("ends at the deadline that it is given, and one that cannot be is refused", async () => {
		const { venue, connect } = startSocket();
		const socket = await connect();
		venue.faults["withhold"]?.({ pong: true });
		expect(await failsAt(700, socket.ping(undefined, 700))).toMatchObject({ kind: "timeout", attempt: "ping" });
		expect(await failure(socket.ping(undefined, 0))).toMatchObject({ kind: "options" });
		await socket.close();
	});

	it("is proved by its pong, and without one fails at its deadline", async () => {
		const { venue, connect } = startSocket();
		const socket = await connect();
		expect(await socket.ping()).toEqual({ roundTripMs: 0 });
		venue.faults["withhold"]?.({ pong: true });
		expect(await failsAt(3_000, socket.ping())).toMatchObject({ kind: "timeout", attempt: "ping" });
		expect(socket.ended.aborted).toBe(false);
	});

	it("gets no answer over a half-open line, and is not answered by the late pong of an earlier one", async () => {
		const { venue, connect, strange } = startSocket();
		const socket = await connect();
		venue.faults["withhold"]?.({ pong: true });
		const first = failsAt(3_000, socket.ping());
		await first;
		const second = failure(socket.ping());
		venue.faults["sendFrame"]?.({ text: '{"req_id":"2","op":"pong","args":["1"]}' });
		venue.faults["sendFrame"]?.({ text: '{"op":"pong","args":["1"]}' });
		await vi.advanceTimersByTimeAsync(3_000);
		expect((await second).kind).toBe("timeout");
		expect(strange.map(({ reason }) => reason)).toEqual(["unasked", "unasked"]);
	});
});
