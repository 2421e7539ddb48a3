import { describe, expect, it, vi } from "vitest";
import { memoryWebSocket } from "../memory-socket.ts";
import { apiKey, epoch, hmac, start, useFakeClock } from "./testing/harness.ts";

useFakeClock();

describe("the private WebSocket of the simulated Bybit", () => {
	it("the private WebSocket of BybitVenue replies in Bybit's format, with a req_id only if the request had one", async () => {
		const { connect } = start();
		const connection = await connect();
		const conn_id = expect.any(String);
		expect(await connection.auth()).toEqual({ success: true, ret_msg: "", op: "auth", conn_id });
		expect(await connection.send({ req_id: "a", op: "subscribe", args: ["dcp.spot"] })).toEqual({
			req_id: "a",
			success: true,
			ret_msg: "",
			op: "subscribe",
			conn_id,
		});
		expect(await connection.ping()).toEqual({ op: "pong", args: [String(epoch)], conn_id });
	});

	it.each([
		["an expiry that has passed", () => [apiKey, epoch, hmac(`GET/realtime${epoch}`)], "Params Error"],
		["another signature", () => [apiKey, epoch + 1, hmac("x")], "Params Error"],
		["two arguments", () => [apiKey, epoch + 1], "Params Error"],
		["another API key", () => ["x", epoch + 1, ""], "API key is invalid."],
	])("the private WebSocket of BybitVenue refuses auth with %s and stays open", async (_, args, ret_msg) => {
		const { connect } = start();
		const connection = await connect();
		expect(await connection.send({ op: "auth", args: args() })).toMatchObject({ op: "auth", success: false, ret_msg });
		expect(await connection.auth()).toMatchObject({ success: true });
	});

	it("the private WebSocket of BybitVenue refuses a bad request with the ret_msg that Bybit sends", async () => {
		const { connect, state } = start();
		const connection = await connect();
		expect(await connection.subscribe("dcp.future")).toMatchObject({
			success: false,
			ret_msg: "Request not authorized",
		});
		expect(state()).toBe("idle");
		await connection.auth();
		await connection.subscribe("dcp.future");
		expect(await connection.subscribe("dcp.future")).toMatchObject({
			ret_msg: "error:already subscribed,topic:dcp.future",
		});
		expect(await connection.subscribe("tickers.X")).toMatchObject({
			ret_msg: "error:handler not found,topic:tickers.X",
		});
		expect(await connection.send({ op: "dance" })).toMatchObject({ ret_msg: "error:invalid op" });
		expect(await connection.send("{")).toMatchObject({ ret_msg: "Failed to decode incoming data:" });
	});

	it("the private WebSocket of BybitVenue ignores frames of a connection that it has closed, so this connection never counts as subscribed", async () => {
		const { connect, trigger, venue, state } = start();
		const connection = await connect();
		await connection.auth();
		trigger("hangUp");
		const heard = venue.received.length;
		await Promise.all([connection.auth(), connection.subscribe("dcp.future"), connection.ping()]);
		expect([venue.received.length, venue.truth().DERIVATIVES.liveConnections, state()]).toEqual([heard, 0, "idle"]);
	});

	it("BybitVenue accepts WebSockets only on the path of the private WebSocket", async () => {
		const { link } = start();
		const socket = new (memoryWebSocket(link))("wss://stream.bybit.com/v5/public/linear");
		const closed = new Promise((resolve) => socket.addEventListener("close", ({ code }) => resolve(code)));
		expect(await closed).toBe(1006);
	});
});

describe("the scan for idle connections of the simulated Bybit", () => {
	it.each([
		["?max_active_time=45s", 60_000],
		["?max_active_time=1m", 60_000],
		["", 600_000],
		["?max_active_time=10s", 600_000],
		["?max_active_time=601s", 600_000],
		["?max_active_time=soon", 600_000],
	])("the idle scan with URL query %j drops a silent connection after its idle limit", async (search, cutAt) => {
		const { subscribed, state } = start();
		const connection = await subscribed(search);
		await vi.advanceTimersByTimeAsync(cutAt - 1);
		expect(connection.closed).toEqual([]);
		await vi.advanceTimersByTimeAsync(1);
		expect(connection.closed).toEqual([1006]);
		expect(state()).toBe("counting");
	});

	it("the idle scan of BybitVenue runs every 30 s, so with limit 45 s and the last ping at 17:27:23 it drops at 17:28:15, as Bybit documents", async () => {
		vi.setSystemTime(Date.UTC(2026, 6, 1, 17, 26, 45));
		const { subscribed } = start();
		const connection = await subscribed("?max_active_time=45s");
		await vi.advanceTimersByTimeAsync(38_000);
		await connection.ping();
		await vi.advanceTimersByTimeAsync(51_999);
		expect(connection.closed).toEqual([]);
		await vi.advanceTimersByTimeAsync(1);
		expect([connection.closed, new Date().toISOString()]).toEqual([[1006], "2026-07-01T17:28:15.000Z"]);
	});

	it("the idle scan of BybitVenue counts pushed messages as activity: a connection that gets order messages stays open without pings", async () => {
		const { subscribed, trigger, post } = start();
		const connection = await subscribed();
		await connection.subscribe("order");
		for (let minutes = 0; minutes < 3; minutes += 1) {
			for (let half = 0; half < 2; half += 1) {
				await vi.advanceTimersByTimeAsync(29_000);
				trigger("place", { product: "SPOT" });
				await post("/v5/order/cancel-all", { category: "spot" });
			}
		}
		expect(connection.closed).toEqual([]);
		await vi.advanceTimersByTimeAsync(60_000);
		expect(connection.closed).toEqual([1006]);
	});

	it("the idle scan of BybitVenue counts the idle time of a connection from its last ping", async () => {
		const { subscribed } = start();
		const connection = await subscribed();
		await vi.advanceTimersByTimeAsync(15_000);
		await connection.ping();
		await vi.advanceTimersByTimeAsync(44_999);
		expect(connection.closed).toEqual([]);
		await vi.advanceTimersByTimeAsync(1);
		expect(connection.closed).toEqual([1006]);
	});

	it("the idle scan of BybitVenue drops a half-open connection, and the client does not notice", async () => {
		const { subscribed, link, trigger, open } = start();
		const connection = await subscribed();
		trigger("place", { product: "DERIVATIVES" });
		link.halfOpen();
		await vi.advanceTimersByTimeAsync(39_999);
		expect([open(), connection.closed]).toEqual([1, []]);
		await vi.advanceTimersByTimeAsync(1);
		expect([open(), connection.closed]).toEqual([0, []]);
	});
});
