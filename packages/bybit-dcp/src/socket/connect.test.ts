import { memoryWebSocket } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import {
	apiKey,
	apiSecret,
	failsAt,
	failure,
	optionFailure,
	startSocket,
	useFakeClock,
} from "../testing/start-client.ts";
import { connectBybit } from "./connect.ts";

useFakeClock();

describe("connectBybit", () => {
	it("connectBybit sends the idle timeout in the URL and resolves when the login is acknowledged", async () => {
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

	it("connectBybit replaces an idle timeout in the URL by the option maxActiveTimeSeconds", async () => {
		const urls: string[] = [];
		const { link } = startSocket();
		class Watched extends memoryWebSocket(link) {
			constructor(url: string | URL) {
				super(url);
				urls.push(String(url));
			}
		}
		const wsUrl = "wss://stream.bybit.com/v5/private?max_active_time=10m&x=1";
		await (await connectBybit({ apiKey, apiSecret, WebSocket: Watched, wsUrl })).close();
		expect(urls).toEqual(["wss://stream.bybit.com/v5/private?max_active_time=30s&x=1"]);
	});

	it.each([
		'{"retCode":0,"retMsg":"OK","op":"auth","connId":"c"}',
		'{"req_id":"1","op":"auth","conn_id":"c"}',
		'{"req_id":"1","success":"true","op":"auth"}',
		'{"req_id":"1","success":true,"ret_msg":"","op":"subscribe"}',
	])("connectBybit does not accept %s as the reply to the login", async (text) => {
		const { venue, connect } = startSocket();
		venue.faults["withhold"]?.({ auth: true });
		const connecting = failure(connect());
		await vi.waitFor(() => expect(venue.received).toHaveLength(1));
		venue.faults["sendFrame"]?.({ text });
		await vi.advanceTimersByTimeAsync(5_000);
		expect(await connecting).toMatchObject({ kind: "timeout", call: "auth" });
	});

	it("connectBybit sends nothing but the login before the login is acknowledged", async () => {
		const { venue, connect } = startSocket();
		venue.faults["withhold"]?.({ auth: true });
		const connecting = failure(connect());
		// Wait in real time, because `crypto.subtle` does not run on the fake clock.
		await vi.waitFor(() => expect(venue.received).toMatchObject([{ frame: { op: "auth" } }]));
		await vi.advanceTimersByTimeAsync(5_000);
		expect(await connecting).toMatchObject({ kind: "timeout", call: "auth" });
		expect(venue.received).toHaveLength(1);
	});

	it("connectBybit calls onConnected once before it sends the login, and logs in even if onConnected throws", async () => {
		const sent: number[] = [];
		const onConnected = (): never => {
			sent.push(venue.received.length);
			throw new Error("a broken callback");
		};
		const { venue, connect } = startSocket({}, { onConnected });
		await (await connect()).close();
		expect(sent).toEqual([0]);
		expect(venue.received).toMatchObject([{ frame: { op: "auth" } }]);
	});

	it("connectBybit does not call onConnected when the WebSocket handshake is refused", async () => {
		const onConnected = vi.fn();
		const { venue, connect } = startSocket({}, { onConnected });
		venue.faults["ban"]?.({});
		await failure(connect());
		expect(onConnected).not.toHaveBeenCalled();
	});

	it("connectBybit fails with kind `timeout` when the WebSocket handshake gets no reply", async () => {
		const { link, connect } = startSocket();
		link.partition();
		expect(await failsAt(5_000, connect())).toMatchObject({ kind: "timeout", call: "connect" });
	});

	it("connectBybit fails with kind `network` when the WebSocket handshake is refused", async () => {
		const { venue, connect } = startSocket();
		venue.faults["ban"]?.({});
		expect(await failure(connect())).toMatchObject({ kind: "network", call: "connect", closeCode: 1006 });
	});

	it("connectBybit fails with kind `timeout` and closes the connection when the login gets no reply", async () => {
		const { venue, link, connect } = startSocket();
		venue.faults["withhold"]?.({ auth: true });
		expect(await failsAt(5_000, connect())).toMatchObject({ kind: "timeout", call: "auth" });
		await vi.advanceTimersByTimeAsync(1_000);
		expect(link.connections).toBe(0);
		expect(vi.getTimerCount()).toBeLessThanOrEqual(1); // the simulator's idle check
	});

	it("connectBybit fails and closes the connection when the login is refused", async () => {
		const { venue, link, connect } = startSocket();
		venue.faults["refuse"]?.({ auth: "Params Error" });
		const error = await failure(connect());
		expect(error).toMatchObject({ kind: "auth", venueMessage: "Params Error" });
		await vi.advanceTimersByTimeAsync(1);
		expect(link.connections).toBe(0);
	});

	it("connectBybit fails when this machine's clock is ten seconds behind (the login has then expired), unless the option `now` returns the venue's time", async () => {
		const { connect, link } = startSocket({ skewMs: 10_000 });
		expect((await failure(connect())).kind).toBe("auth");
		const now = (): number => Date.now() + 10_000;
		await (await connectBybit({ apiKey, apiSecret, WebSocket: memoryWebSocket(link), now })).close();
	});

	it("connectBybit fails with kind `auth` whatever text a refused login has, because the refusal has no code (only HTTP replies do)", async () => {
		const { link } = startSocket();
		const connecting = connectBybit({ apiKey: "other", apiSecret, WebSocket: memoryWebSocket(link) });
		expect(await failure(connecting)).toMatchObject({ kind: "auth", venueMessage: "API key is invalid." });
	});

	it("connectBybit fails with kind `aborted` when the caller's signal aborts before or during the attempt to connect", async () => {
		const { venue, link, connect } = startSocket();
		expect((await failure(connect({ signal: AbortSignal.abort() }))).kind).toBe("aborted");
		expect(venue.received).toEqual([]);
		venue.faults["withhold"]?.({ auth: true });
		const during = new AbortController();
		const connecting = failure(connect({ signal: during.signal }));
		await vi.advanceTimersByTimeAsync(10);
		during.abort();
		expect((await connecting).kind).toBe("aborted");
		await vi.advanceTimersByTimeAsync(1);
		expect(link.connections).toBe(0);
	});
});

it("connectBybit fails with kind `timeout` when the signer does not return", async () => {
	const { link } = startSocket();
	const signer = (): Promise<string> => new Promise(() => undefined);
	const connecting = connectBybit({ apiKey, signer, WebSocket: memoryWebSocket(link) });
	expect(await failsAt(5_000, connecting)).toMatchObject({ kind: "timeout", call: "auth" });
});

describe("the methods subscribe() and subscribeDcp() of a BybitConnection", () => {
	it("subscribeDcp() makes the venue protect only the given product", async () => {
		const { venue, connect } = startSocket();
		const socket = await connect();
		expect(await socket.subscribeDcp("OPTIONS")).toEqual({ topic: "dcp.option", already: false });
		const { DERIVATIVES, SPOT, OPTIONS } = venue.truth();
		expect([DERIVATIVES.state, SPOT.state, OPTIONS.state]).toEqual(["idle", "idle", "armed"]);
		await socket.close();
	});

	it("subscribe() sends one request for each topic and matches replies by req_id", async () => {
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

	it("the list BybitConnection.topics contains acknowledged topics and topics without a reply, but no refused topics", async () => {
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

	it("subscribe() succeeds when this connection is already subscribed to the topic", async () => {
		const { connect } = startSocket();
		const socket = await connect();
		await socket.subscribeDcp("SPOT");
		expect(await socket.subscribeDcp("SPOT")).toEqual({ topic: "dcp.spot", already: true });
	});

	it("subscribe() passes the topics to onTopicsChange as soon as the topics change, and only then", async () => {
		const seen: (readonly string[])[] = [];
		const { venue, connect } = startSocket(
			{},
			{
				onTopicsChange: (topics) => {
					seen.push(topics);
					throw new Error("a broken callback");
				},
			},
		);
		const socket = await connect();
		const asked = socket.subscribeDcp("SPOT");
		expect(seen).toEqual([["dcp.spot"]]);
		await asked;
		await socket.subscribeDcp("SPOT");
		venue.faults["refuse"]?.({ subscribe: "no" });
		await failure(socket.subscribe("order"));
		expect(seen).toEqual([["dcp.spot"], ["dcp.spot", "order"], ["dcp.spot"]]);
		expect(socket.topics).toBe(seen[2]);
	});

	it("subscribe() fails with kind `wrong-host` when the host has no dcp.* topics", async () => {
		const { venue, connect } = startSocket();
		const socket = await connect();
		venue.faults["refuse"]?.({ subscribe: "wrong-host" });
		expect(await failure(socket.subscribeDcp("DERIVATIVES"))).toMatchObject({
			kind: "wrong-host",
			venueMessage: "error:handler not found,topic:dcp.future",
		});
	});

	it("subscribe() fails with kind `subscribe` when the topic does not exist", async () => {
		const { connect } = startSocket();
		const error = await failure((await connect()).subscribe("orders"));
		expect([error.kind, error.message]).toEqual(["subscribe", expect.stringMatching(/handler not found,topic:orders/)]);
		expect(error.message).not.toMatch(/private host/);
	});

	it("subscribe() fails with kind `subscribe` when the venue refuses the subscription of an existing topic", async () => {
		const { venue, connect } = startSocket();
		const socket = await connect();
		venue.faults["refuse"]?.({ subscribe: "Request not authorized" });
		expect((await failure(socket.subscribeDcp("DERIVATIVES"))).kind).toBe("subscribe");
	});

	it("subscribe() fails with kind `timeout` when there is no reply, and leaves the connection open", async () => {
		const { venue, connect } = startSocket();
		const socket = await connect();
		venue.faults["withhold"]?.({ subscribe: true });
		expect((await failsAt(5_000, socket.subscribeDcp("DERIVATIVES"))).kind).toBe("timeout");
		venue.faults["withhold"]?.({ subscribe: false });
		expect(socket.ended.aborted).toBe(false);
		await socket.subscribeDcp("DERIVATIVES");
	});

	it("subscribe() and subscribeDcp() refuse wrong arguments, including the retired topic dcp, and send nothing", async () => {
		const { venue, connect } = startSocket();
		const socket = await connect();
		const seen = venue.received.length;
		for (const topic of ["dcp", "", undefined, 7]) {
			expect((await optionFailure(socket.subscribe(topic as string))).option).toBe("topic");
		}
		expect((await optionFailure(socket.subscribeDcp("OPTION" as "OPTIONS"))).option).toBe("product");
		expect(venue.received).toHaveLength(seen);
	});
});

describe("BybitConnection.ping", () => {
	it("ping({ timeoutMs }) fails after timeoutMs milliseconds without a pong, and refuses a timeoutMs of 0", async () => {
		const { venue, connect } = startSocket();
		const socket = await connect();
		venue.faults["withhold"]?.({ pong: true });
		expect(await failsAt(700, socket.ping({ timeoutMs: 700 }))).toMatchObject({ kind: "timeout", call: "ping" });
		expect(await optionFailure(socket.ping({ timeoutMs: 0 }))).toMatchObject({ option: "timeoutMs" });
		await socket.close();
	});

	it("ping() resolves when its pong arrives, and fails after pongTimeoutMs milliseconds without a pong", async () => {
		const { venue, connect } = startSocket();
		const socket = await connect();
		expect(await socket.ping()).toEqual({ roundTripMs: 0 });
		venue.faults["withhold"]?.({ pong: true });
		expect(await failsAt(3_000, socket.ping())).toMatchObject({ kind: "timeout", call: "ping" });
		expect(socket.ended.aborted).toBe(false);
	});

	it("ping() does not accept the late pong of an earlier ping", async () => {
		const { venue, connect, unexpected } = startSocket();
		const socket = await connect();
		venue.faults["withhold"]?.({ pong: true });
		const first = failsAt(3_000, socket.ping());
		await first;
		const second = failure(socket.ping());
		venue.faults["sendFrame"]?.({ text: '{"req_id":"2","op":"pong","args":["1"]}' });
		venue.faults["sendFrame"]?.({ text: '{"op":"pong","args":["1"]}' });
		await vi.advanceTimersByTimeAsync(3_000);
		expect((await second).kind).toBe("timeout");
		expect(unexpected.map(({ reason }) => reason)).toEqual(["unasked", "unasked"]);
	});
});
