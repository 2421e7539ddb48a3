import { inspect } from "node:util";
import { DeribitVenue, type DeribitVenueOptions, Link, memoryWebSocket } from "@x/venue-sims";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { DeribitError } from "../errors.ts";
import type { DeribitSocketOptions } from "../options.ts";
import type { DeribitUnexpectedMessage } from "./call-user-handlers.ts";
import { connectDeribit } from "./connect.ts";
import type { DeribitConnection } from "./connection.ts";

const { clientId, clientSecret } = DeribitVenue.defaults;
const links: Link[] = [];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
	for (const link of links.splice(0)) link.close();
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
});

interface Setup {
	venue: DeribitVenue;
	link: Link;
	connection: DeribitConnection;
	unexpected: DeribitUnexpectedMessage[];
	triggerFault(fault: string, args?: Record<string, unknown>): unknown;
}

async function connect(
	options: DeribitSocketOptions = {},
	venueOptions: DeribitVenueOptions = {},
	socketOver: (link: Link) => typeof WebSocket = memoryWebSocket,
): Promise<Setup> {
	const venue = new DeribitVenue(venueOptions);
	const link = new Link(venue);
	links.push(link);
	const unexpected: DeribitUnexpectedMessage[] = [];
	const onUnexpected = (each: DeribitUnexpectedMessage): void => void unexpected.push(each);
	const connection = await connectDeribit({ WebSocket: socketOver(link), onUnexpected, ...options });
	const triggerFault = (fault: keyof typeof link.faults, args = {}): unknown => link.faults[fault](args);
	return { venue, link, connection, unexpected, triggerFault };
}

async function connectArmed(...args: Parameters<typeof connect>): Promise<Setup> {
	const connected = await connect(...args);
	await connected.connection.authenticate({ clientId, clientSecret });
	await connected.connection.request("private/enable_cancel_on_disconnect", { scope: "connection" });
	return connected;
}

/** Returns the error with which a promise rejects. Advances the fake clock by `ms` before it awaits the promise. */
async function failure(promise: Promise<unknown>, ms = 0): Promise<DeribitError> {
	const outcome = promise.then(
		() => expect.fail("it succeeded"),
		(error: DeribitError) => error,
	);
	await vi.advanceTimersByTimeAsync(ms);
	return outcome;
}

describe("DeribitConnection", () => {
	it("DeribitConnection sends nothing on its own after it has opened", async () => {
		const { venue, connection } = await connect();
		expect(venue.received).toEqual([]);
		expect(connection.authorization).toBeUndefined();
	});

	it("request() returns the result of each method of the spec", async () => {
		const { connection } = await connect();
		expect(await connection.request("public/hello", { client_name: "test", client_version: "1" })).toEqual({
			version: "1.2.26",
		});
		expect(await connection.request("public/get_time")).toBe(Date.now());
		expect(await connection.request("public/status")).toEqual({ locked: "false" });
		expect(await connection.request("public/set_heartbeat", { interval: 10 })).toBe("ok");
		expect(await connection.request("public/disable_heartbeat")).toBe("ok");
	});

	it("authenticate() returns the granted scopes and the expiry, without tokens", async () => {
		const { connection } = await connect();
		const granted = await connection.authenticate({
			clientId,
			clientSecret,
			authScope: "account:read trade:read_write",
		});
		expect([...granted.authScope].sort()).toEqual(["account:read", "connection", "mainaccount", "trade:read_write"]);
		expect(granted.expiresAt).toBe(Date.now() + 31_536_000_000);
		expect(connection.authorization).toBe(granted);
		expect(connection.tokens()?.accessToken).toMatch(/^\d+\..{8}\..{280,}$/);
	});

	it("request() switches cancel-on-disconnect on, reads it back and switches it off", async () => {
		const { connection, triggerFault } = await connectArmed();
		const read = () => connection.request("private/get_cancel_on_disconnect", { scope: "connection" });
		expect(await read()).toEqual({ scope: "connection", enabled: true });
		expect(triggerFault("truth")).toMatchObject({ connections: [{ armed: true }], accountArmed: false });
		await connection.request("private/disable_cancel_on_disconnect");
		expect(await read()).toEqual({ scope: "connection", enabled: false });
	});

	it("request() reads back enabled false when the venue acknowledged enable_cancel_on_disconnect but ignored it", async () => {
		const { connection, triggerFault } = await connect();
		triggerFault("ignoreArming");
		await connection.authenticate({ clientId, clientSecret });
		expect(await connection.request("private/enable_cancel_on_disconnect")).toBe("ok");
		expect(await connection.request("private/get_cancel_on_disconnect")).toMatchObject({ enabled: false });
	});

	it("call() returns untyped, typed or parsed results", async () => {
		const { connection, venue } = await connectArmed();
		const order = { instrument_name: "BTC-PERPETUAL", amount: 10 };
		const { order: placed } = await connection.call<{ order: { order_id: string } }>("private/buy", order);
		const state = await connection.call("private/get_order_state", { order_id: placed.order_id }, (result) =>
			String((result as { order_state: unknown }).order_state),
		);
		expect(state).toBe("open");
		await connection.disconnect();
		expect(venue.orders()).toMatchObject([{ state: "cancelled", cancelReason: "cancel_on_disconnect" }]);
	});

	it("call() fails with the parser's error as the cause when the parser throws", async () => {
		const { connection } = await connect();
		const cause = new Error("no");
		const parse = (): never => {
			throw cause;
		};
		expect(await failure(connection.call("public/get_time", {}, parse))).toMatchObject({ kind: "reply", cause });
	});

	it("call() rejects the method private/logout", async () => {
		const { connection } = await connect();
		expect(await failure(connection.call("private/logout"))).toMatchObject({ kind: "request" });
	});

	it("request() fails with the venue's code, message and data when the venue replies with an error", async () => {
		const { connection } = await connect();
		expect(await failure(connection.request("public/set_heartbeat", { interval: 5 }))).toMatchObject({
			kind: "venue",
			call: "public/set_heartbeat",
			venueCode: -32602,
			venueMessage: "Invalid params",
			data: { reason: "value must be >= 10", param: "interval" },
		});
		expect(await failure(connection.request("private/get_cancel_on_disconnect"))).toMatchObject({
			venueCode: 13009,
			data: { reason: "invalid_token" },
			message: expect.stringContaining("authenticate this connection first"),
		});
	});

	it("call() rejects a request of more than 32 000 bytes (the venue's limit)", async () => {
		const { connection, venue } = await connect();
		const room = 32_000 - JSON.stringify({ jsonrpc: "2.0", id: 1, method: "public/test", params: { pad: "" } }).length;
		await connection.call("public/test", { pad: "x".repeat(room) });
		expect(await failure(connection.call("public/test", { pad: "é".repeat(room / 2 + 1) }))).toMatchObject({
			kind: "request",
		});
		expect(venue.received).toHaveLength(1);
	});

	it("call() rejects parameters that cannot be converted to JSON", async () => {
		const { connection } = await connect();
		expect(await failure(connection.call("public/test", { amount: 1n }))).toMatchObject({ kind: "request" });
	});
});

describe("the deadline of a call", () => {
	it("the deadline of a call is 10 000 ms unless an option changes it", async () => {
		const { connection, triggerFault } = await connect();
		triggerFault("suppressAnswers");
		const settled = vi.fn();
		const slow = connection.request("public/test").catch(settled);
		const quick = connection.request("public/test", undefined, { timeoutMs: 50 });
		expect(await failure(quick, 50)).toMatchObject({ kind: "timeout", call: "public/test" });
		await vi.advanceTimersByTimeAsync(9_949);
		expect(settled).not.toHaveBeenCalled();
		await vi.advanceTimersByTimeAsync(1);
		expect(settled).toHaveBeenCalledOnce();
		await slow;
	});

	it("a call fails before its deadline when the caller's signal aborts", async () => {
		const { connection, triggerFault, venue } = await connect();
		triggerFault("suppressAnswers");
		const controller = new AbortController();
		const call = connection.request("public/test", undefined, { signal: controller.signal });
		controller.abort();
		expect(await failure(call)).toMatchObject({ kind: "aborted" });
		await failure(connection.request("public/get_time", undefined, { signal: controller.signal }));
		expect(venue.received.map(({ method }) => method)).toEqual(["public/test"]);
	});
});

describe("a test_request of the venue", () => {
	it("a test_request is answered with public/test while the program makes no call", async () => {
		const { connection, venue } = await connect();
		await connection.request("public/set_heartbeat", { interval: 10 });
		await vi.advanceTimersByTimeAsync(120_000);
		expect(connection.ended.aborted).toBe(false);
		// The venue sends the first test_request after 12 s and another test_request every 10.6 s.
		expect(venue.received.filter(({ method }) => method === "public/test")).toHaveLength(11);
	});

	it("a test_request is reported as `answer-failed` when the venue refuses the reply to this test_request", async () => {
		const { connection, unexpected } = await connect(
			{},
			{ creditPool: 500, creditsPerSecond: 0, closeOnRateLimit: false },
		);
		await connection.request("public/set_heartbeat", { interval: 10 });
		await vi.advanceTimersByTimeAsync(12_000);
		expect(unexpected).toMatchObject([{ type: "answer-failed", cause: { venueCode: 10028 } }]);
	});
});

describe("the option onNotification", () => {
	const announcement = { channel: "platform_state", data: { maintenance: true } };

	it.each([
		[
			"throws",
			() => {
				throw new Error("user's");
			},
		],
		["rejects", () => Promise.reject(new Error("user's"))],
	])("the error of an onNotification handler that %s is reported and ends no connection", async (_, onNotification) => {
		const { connection, triggerFault, unexpected } = await connect({ onNotification });
		await connection.call("public/subscribe", { channels: ["platform_state"] });
		triggerFault("announceMaintenance");
		await vi.advanceTimersByTimeAsync(0);
		expect(unexpected).toMatchObject([{ type: "handler-failed", cause: { message: "user's" } }]);
		expect(await connection.call("public/test", {})).toHaveProperty("version");
		expect(connection.ended.aborted).toBe(false);
	});

	it("onNotification is called with the channel and data of each notification", async () => {
		const onNotification = vi.fn();
		const { connection, triggerFault } = await connect({ onNotification });
		expect(await connection.call("public/subscribe", { channels: ["platform_state", "no.such"] })).toEqual([
			"platform_state",
		]);
		triggerFault("announceMaintenance");
		await vi.advanceTimersByTimeAsync(0);
		expect(onNotification).toHaveBeenCalledExactlyOnceWith(announcement);
	});

	it("a DeribitConnection stays open and answers calls after both onNotification and onUnexpected threw", async () => {
		const onUnexpected = (): never => {
			throw new Error("user's");
		};
		const onNotification = onUnexpected;
		const { connection, triggerFault } = await connect({ onUnexpected, onNotification });
		await connection.call("public/subscribe", { channels: ["platform_state"] });
		triggerFault("announceMaintenance");
		await vi.advanceTimersByTimeAsync(0);
		expect(await connection.call("public/test", {})).toHaveProperty("version");
		expect(connection.ended.aborted).toBe(false);
	});
});

describe("DeribitConnection.silentMs", () => {
	it("silentMs counts the milliseconds since the last received frame", async () => {
		const { connection } = await connect();
		await vi.advanceTimersByTimeAsync(5_000);
		expect(connection.silentMs).toBe(5_000);
		await connection.request("public/test");
		expect(connection.silentMs).toBe(0);
	});
});

describe("a printed connection or error", () => {
	it("a printed connection or error contains no secret", async () => {
		const { connection, triggerFault } = await connect();
		await connection.authenticate({ clientId, clientSecret });
		const tokens = connection.tokens();
		triggerFault("revoke");
		const refused = await failure(connection.authenticate({ clientId, clientSecret }));
		expect(refused).toMatchObject({
			venueCode: 13004,
			message: expect.stringContaining("check client id, client secret and"),
		});
		const end = await connection.disconnect();
		const shown = [refused, connection, connection.authorization, end, connection.ended]
			.map((each) => inspect(each, { depth: 10, showHidden: true }) + JSON.stringify(each))
			.join();
		for (const secret of [clientId, clientSecret, tokens?.accessToken, tokens?.refreshToken]) {
			expect(secret).toMatch(/.{5}/);
			expect(shown).not.toContain(secret);
		}
	});
});
