import { describe, expect, it, vi } from "vitest";
import { apiSecret, type Connection, hmac, queryPath, start, useFakeClock } from "./testing/harness.ts";

useFakeClock();

const other = { apiKey: "other-key", apiSecret };

async function authAs(connection: Connection, apiKey: string): Promise<Connection> {
	const expires = Date.now() + 1_000;
	await connection.send({ op: "auth", args: [apiKey, expires, hmac(`GET/realtime${expires}`)] });
	await connection.subscribe("dcp.future");
	return connection;
}

async function configurationOf(started: ReturnType<typeof start>, apiKey: string): Promise<unknown> {
	const timestamp = String(Date.now());
	const signature = hmac(`${timestamp}${apiKey}5000`);
	const headers = { "x-bapi-api-key": apiKey, "x-bapi-timestamp": timestamp, "x-bapi-sign": signature };
	const { result } = (await (await started.call("GET", queryPath, "", headers)).json()) as { result: unknown };
	return result;
}

describe("accounts of one BybitVenue", () => {
	it("accounts of one BybitVenue have separate settings, connections, orders and Disconnection Protect countdowns", async () => {
		const started = start({ otherAccounts: [{ ...other, enabled: ["DERIVATIVES"] }] });
		const { connect, subscribed, trigger, venue } = started;
		expect(await configurationOf(started, "other-key")).toEqual({
			dcpInfos: [{ product: "DERIVATIVES", dcpStatus: "ON", timeWindow: "10" }],
		});
		await subscribed();
		const theirs = await authAs(await connect(), "other-key");
		trigger("place", {});
		trigger("place", { account: 1 });
		await theirs.close();
		expect([venue.truth(0).DERIVATIVES.state, venue.truth(1).DERIVATIVES.state]).toEqual(["armed", "counting"]);
		await vi.advanceTimersByTimeAsync(10_000);
		expect(venue.orders()).toMatchObject([
			{ id: "sim-000001", state: "open" },
			{ id: "sim1-000001", state: "cancelled", cancelReason: "CancelByDCP" },
		]);
	});

	it("accounts of one BybitVenue have separate rate limits", async () => {
		const started = start({ otherAccounts: [other], dcpCallsPerSecond: 1 });
		await started.get(queryPath);
		expect(await started.get(queryPath)).toMatchObject({ retCode: 10006 });
		expect(await configurationOf(started, "other-key")).toHaveProperty("dcpInfos");
	});

	it("a fault of BybitVenue throws if its argument account names an account that does not exist", () => {
		expect(() => start().trigger("truth", { account: 1 })).toThrow(/there is no account 1/);
	});
});

it("a subscribed connection protects all orders of its account, whichever of the account's API keys it logged in with", async () => {
	const { connect, subscribed, state } = start({ otherKeys: [other] });
	const first = await subscribed();
	const second = await authAs(await connect(), "other-key");
	await first.close();
	expect(state()).toBe("armed");
	await second.close();
	expect(state()).toBe("counting");
});

it("fault hangUp of BybitVenue closes every connection with a close frame, and starts the Disconnection Protect countdown", async () => {
	const { subscribed, trigger, state } = start({ leavingCounts: false });
	const connection = await subscribed();
	trigger("hangUp", { code: 1012, reason: "restart" });
	await vi.advanceTimersByTimeAsync(0);
	expect([connection.closed, state()]).toEqual([[1012], "counting"]);
});

it("fault loseTopics of BybitVenue starts the Disconnection Protect countdown, although the connection stays open and answers pings", async () => {
	const { subscribed, trigger, state } = start();
	const connection = await subscribed();
	trigger("loseTopics");
	expect(state()).toBe("counting");
	expect(await connection.ping()).toMatchObject({ op: "pong" });
	expect(state()).toBe("counting");
	expect(await connection.subscribe("dcp.future")).toMatchObject({ success: true });
	await connection.ping();
	expect(state()).toBe("armed");
});

it("a BybitVenue connection without a login is not counted in liveConnections, receives frames of the fault sendFrame, and is dropped when idle", async () => {
	const { connect, trigger, venue } = start();
	const connection = await connect();
	trigger("sendFrame", { text: "{}" });
	await vi.advanceTimersByTimeAsync(0);
	expect([connection.frames.length, venue.truth().DERIVATIVES.liveConnections]).toEqual([1, 0]);
	await vi.advanceTimersByTimeAsync(60_000);
	expect(connection.closed).toEqual([1006]);
});
