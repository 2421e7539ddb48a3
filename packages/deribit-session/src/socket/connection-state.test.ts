import { DeribitVenue, type DeribitVenueOptions, Link, memoryFetch, memoryWebSocket } from "@x/venue-sims";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { DeribitError } from "../errors.ts";
import { createDeribitHttp } from "../http/http-client.ts";
import { connectDeribit } from "./connect.ts";

const { clientId, clientSecret } = DeribitVenue.defaults;
const links: Link[] = [];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
	for (const link of links.splice(0)) link.close();
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
});

async function connect(options: DeribitVenueOptions = {}) {
	const venue = new DeribitVenue(options);
	const link = new Link(venue);
	links.push(link);
	const open = () => connectDeribit({ WebSocket: memoryWebSocket(link) });
	const triggerFault = (fault: keyof typeof link.faults, args = {}): unknown => link.faults[fault](args);
	return { venue, link, triggerFault, open, connection: await open() };
}

const failure = (promise: Promise<unknown>): Promise<DeribitError> =>
	promise.then(
		() => expect.fail("it succeeded"),
		(error: DeribitError) => error,
	);

describe("DeribitConnection.request", () => {
	it("request() returns the result even when replies lack the members usIn, usOut, usDiff and testnet", async () => {
		const { connection } = await connect({ stamps: false });
		await connection.authenticate({ clientId, clientSecret });
		expect(await connection.request("private/enable_cancel_on_disconnect")).toBe("ok");
		expect(await connection.request("private/get_cancel_on_disconnect")).toEqual({
			scope: "connection",
			enabled: true,
		});
	});

	it.each(["true", "partial", "false", true, false])(
		"request() returns the member locked as the venue sent it: %j",
		async (statusLocked) => {
			const { connection, link } = await connect({ statusLocked });
			expect(await connection.request("public/status")).toEqual({ locked: statusLocked });
			const http = createDeribitHttp({ fetch: memoryFetch(link) });
			expect(await http.request("public/status")).toEqual({ locked: statusLocked });
		},
	);

	it.each([
		[10000, { unauthorizedCode: 10000 }],
		[13009, {}],
	])("request() fails with the advice to authenticate when the venue replies with error %i", async (code, options) => {
		const { connection } = await connect(options);
		expect(await failure(connection.request("private/get_cancel_on_disconnect"))).toMatchObject({
			venueCode: code,
			message: expect.stringContaining("authenticate this connection first"),
		});
	});

	it("request() fails with the venue's error code when public/test is asked for an exception", async () => {
		const { connection } = await connect({ exceptionCode: 11094 });
		expect(await failure(connection.request("public/test", { expected_result: "exception" }))).toMatchObject({
			kind: "venue",
			venueCode: 11094,
		});
	});

	it("call() returns only the accepted channels when the venue ignores a channel", async () => {
		const { connection } = await connect();
		const channels = ["no.such.channel", "platform_state.public_methods_state"];
		expect(await connection.call("public/subscribe", { channels })).toEqual(["platform_state.public_methods_state"]);
	});
});

describe("the state of a DeribitConnection", () => {
	it("a new DeribitConnection has no heartbeat, protection, authentication or subscription", async () => {
		const { connection, open, venue, triggerFault } = await connect();
		await connection.authenticate({ clientId, clientSecret });
		await connection.request("public/set_heartbeat", { interval: 30 });
		await connection.request("private/enable_cancel_on_disconnect");
		await connection.call("public/subscribe", { channels: ["platform_state"] });
		await connection.disconnect();
		const next = await open();
		expect(next.authorization).toBeUndefined();
		expect(next.cancelOnDisconnect).toBeUndefined();
		expect(venue.truth().connections).toMatchObject([{ authenticated: false, armed: false, heartbeatSeconds: null }]);
		expect(triggerFault("announceMaintenance")).toBe(0);
	});

	it("a DeribitConnection has its own state: the orders of one connection stay open when another disconnects", async () => {
		const { connection, open, venue } = await connect();
		const other = await open();
		for (const each of [connection, other]) {
			await each.authenticate({ clientId, clientSecret });
			await each.request("private/enable_cancel_on_disconnect");
			await each.call("private/buy", { instrument_name: "BTC-PERPETUAL", amount: 10 });
		}
		await connection.disconnect();
		expect(venue.orders()).toMatchObject([{ state: "cancelled" }, { state: "open" }]);
		expect(other.ended.aborted).toBe(false);
	});

	it("a DeribitConnection has cancelOnDisconnect undefined until the setting is read back, even if the account's default is on", async () => {
		const { connection, open } = await connect();
		await connection.authenticate({ clientId, clientSecret });
		await connection.request("private/enable_cancel_on_disconnect", { scope: "account" });
		const next = await open();
		await next.authenticate({ clientId, clientSecret });
		expect(next.cancelOnDisconnect).toBeUndefined();
		await next.request("private/get_cancel_on_disconnect", { scope: "connection" });
		expect(next.cancelOnDisconnect).toBe(true);
	});

	it("a DeribitConnection fails a mass quote with code 13042 of the venue while cancel-on-disconnect is off", async () => {
		const { connection } = await connect();
		await connection.authenticate({ clientId, clientSecret });
		expect(await failure(connection.call("private/mass_quote"))).toMatchObject({
			venueCode: 13042,
			message: expect.stringContaining("enable cancel-on-disconnect for this connection first"),
		});
	});
});

describe("an idle DeribitConnection", () => {
	it("an idle DeribitConnection ends with reason `silence` after 60 s when heartbeats are off", async () => {
		const { connection } = await connect();
		await connection.authenticate({ clientId, clientSecret });
		await connection.request("private/enable_cancel_on_disconnect");
		await vi.advanceTimersByTimeAsync(59_999);
		expect(connection.ended.aborted).toBe(false);
		await vi.advanceTimersByTimeAsync(1);
		expect(connection.ended.reason).toMatchObject({
			why: "silence",
			closeCode: 1006,
			cancelOnDisconnectFired: "likely",
		});
	});

	it("a DeribitConnection that receives frames but sends none ends with reason `silence` after ten minutes", async () => {
		const { connection, triggerFault } = await connect();
		await connection.call("public/subscribe", { channels: ["platform_state"] });
		for (let minute = 0; minute < 20; minute += 1) {
			await vi.advanceTimersByTimeAsync(30_000);
			triggerFault("announceMaintenance", { on: false });
		}
		await vi.advanceTimersByTimeAsync(0);
		expect(connection.ended.reason).toMatchObject({ why: "silence", closeCode: 1000 });
	});

	it("an idle DeribitConnection stays open when heartbeats are on", async () => {
		const { connection } = await connect();
		await connection.request("public/set_heartbeat", { interval: 30 });
		await vi.advanceTimersByTimeAsync(3_600_000);
		expect(connection.ended.aborted).toBe(false);
	});
});
