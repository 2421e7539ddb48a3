import { inspect } from "node:util";
import { DeribitVenue, type DeribitVenueOptions, Link, memoryWebSocket } from "@x/venue-sims";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { DeribitError } from "../errors.ts";
import type { DeribitSocketOptions } from "../options.ts";
import { connectDeribit } from "./connect.ts";
import type { DeribitConnection } from "./connection.ts";
import type { DeribitUnexpectedMessage } from "./handlers.ts";

const { clientId, clientSecret } = DeribitVenue.defaults;
const links: Link[] = [];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
	for (const link of links.splice(0)) link.close();
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
});

interface Stage {
	venue: DeribitVenue;
	link: Link;
	connection: DeribitConnection;
	strange: DeribitUnexpectedMessage[];
	pull(fault: string, args?: Record<string, unknown>): unknown;
}

async function connect(
	options: DeribitSocketOptions = {},
	venueOptions: DeribitVenueOptions = {},
	socketOver: (link: Link) => typeof WebSocket = memoryWebSocket,
): Promise<Stage> {
	const venue = new DeribitVenue(venueOptions);
	const link = new Link(venue);
	links.push(link);
	const strange: DeribitUnexpectedMessage[] = [];
	const onUnexpected = (each: DeribitUnexpectedMessage): void => void strange.push(each);
	const connection = await connectDeribit({ WebSocket: socketOver(link), onUnexpected, ...options });
	const pull = (fault: string, args = {}): unknown => link.faults[fault]?.(args);
	return { venue, link, connection, strange, pull };
}

async function connectArmed(...args: Parameters<typeof connect>): Promise<Stage> {
	const stage = await connect(...args);
	await stage.connection.authenticate({ clientId, clientSecret });
	await stage.connection.request("private/enable_cancel_on_disconnect", { scope: "connection" });
	return stage;
}

/** The error that a promise fails with; runs the clock meanwhile. */
async function failure(promise: Promise<unknown>, ms = 0): Promise<DeribitError> {
	const outcome = promise.then(
		() => expect.fail("it succeeded"),
		(error: DeribitError) => error,
	);
	await vi.advanceTimersByTimeAsync(ms);
	return outcome;
}

describe("a connection", () => {
	it("opens the socket and asks nothing", async () => {
		const { venue, connection } = await connect();
		expect(venue.received).toEqual([]);
		expect(connection.authorization).toBeUndefined();
	});

	it("calls the methods of the spec and gives their results", async () => {
		const { connection } = await connect();
		expect(await connection.request("public/hello", { client_name: "test", client_version: "1" })).toEqual({
			version: "1.2.26",
		});
		expect(await connection.request("public/get_time")).toBe(Date.now());
		expect(await connection.request("public/status")).toEqual({ locked: "false" });
		expect(await connection.request("public/set_heartbeat", { interval: 10 })).toBe("ok");
		expect(await connection.request("public/disable_heartbeat")).toBe("ok");
	});

	it("authenticates and shows what was granted and until when, not with what", async () => {
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

	it("arms, reads back and disarms", async () => {
		const { connection, pull } = await connectArmed();
		const read = () => connection.request("private/get_cancel_on_disconnect", { scope: "connection" });
		expect(await read()).toEqual({ scope: "connection", enabled: true });
		expect(pull("truth")).toMatchObject({ connections: [{ armed: true }], accountArmed: false });
		await connection.request("private/disable_cancel_on_disconnect");
		expect(await read()).toEqual({ scope: "connection", enabled: false });
	});

	it("tells of a lie by what is read back, not by the ok", async () => {
		const { connection, pull } = await connect();
		pull("ignoreArming");
		await connection.authenticate({ clientId, clientSecret });
		expect(await connection.request("private/enable_cancel_on_disconnect")).toBe("ok");
		expect(await connection.request("private/get_cancel_on_disconnect")).toMatchObject({ enabled: false });
	});

	it("calls other methods untyped, typed or parsed, over the guarded connection", async () => {
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

	it("fails with the parser's error as the cause when the parser refuses a result", async () => {
		const { connection } = await connect();
		const cause = new Error("no");
		const parse = (): never => {
			throw cause;
		};
		expect(await failure(connection.call("public/get_time", {}, parse))).toMatchObject({ kind: "reply", cause });
	});

	it("refuses private/logout as a call", async () => {
		const { connection } = await connect();
		expect(await failure(connection.call("private/logout"))).toMatchObject({ kind: "request" });
	});

	it("gives code, message and data of a venue error", async () => {
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

	it("refuses a request over 32 000 bytes before it is sent, and sends one of exactly that", async () => {
		const { connection, venue } = await connect();
		const room = 32_000 - JSON.stringify({ jsonrpc: "2.0", id: 1, method: "public/test", params: { pad: "" } }).length;
		await connection.call("public/test", { pad: "x".repeat(room) });
		expect(await failure(connection.call("public/test", { pad: "é".repeat(room / 2 + 1) }))).toMatchObject({
			kind: "request",
		});
		expect(venue.received).toHaveLength(1);
	});

	it("rejects parameters that cannot be converted to JSON", async () => {
		const { connection } = await connect();
		expect(await failure(connection.call("public/test", { amount: 1n }))).toMatchObject({ kind: "request" });
	});
});

describe("the deadline of a call", () => {
	it("is 10 000 ms unless the options or the call say otherwise", async () => {
		const { connection, pull } = await connect();
		pull("suppressAnswers");
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

	it("ends at once when the caller's signal aborts, and nothing is sent with one that has", async () => {
		const { connection, pull, venue } = await connect();
		pull("suppressAnswers");
		const controller = new AbortController();
		const call = connection.request("public/test", undefined, { signal: controller.signal });
		controller.abort();
		expect(await failure(call)).toMatchObject({ kind: "aborted" });
		await failure(connection.request("public/get_time", undefined, { signal: controller.signal }));
		expect(venue.received.map(({ method }) => method)).toEqual(["public/test"]);
	});
});

describe("a test_request", () => {
	it("is answered with public/test, so that a silent program stays connected", async () => {
		const { connection, venue } = await connect();
		await connection.request("public/set_heartbeat", { interval: 10 });
		await vi.advanceTimersByTimeAsync(120_000);
		expect(connection.ended.aborted).toBe(false);
		// The first probe after 12 s, then one each 10.6 s.
		expect(venue.received.filter(({ method }) => method === "public/test")).toHaveLength(11);
	});

	it("that is answered by a refusal is reported", async () => {
		const { connection, strange } = await connect(
			{},
			{ creditPool: 500, creditsPerSecond: 0, closeOnRateLimit: false },
		);
		await connection.request("public/set_heartbeat", { interval: 10 });
		await vi.advanceTimersByTimeAsync(12_000);
		expect(strange).toMatchObject([{ type: "answer-failed", cause: { venueCode: 10028 } }]);
	});
});

describe("a notification handler", () => {
	const announcement = { channel: "platform_state", data: { maintenance: true } };

	it.each([
		[
			"throws",
			() => {
				throw new Error("user's");
			},
		],
		["rejects", () => Promise.reject(new Error("user's"))],
	])("that %s is reported and harms nothing", async (_, onNotification) => {
		const { connection, pull, strange } = await connect({ onNotification });
		await connection.call("public/subscribe", { channels: ["platform_state"] });
		pull("maintenance");
		await vi.advanceTimersByTimeAsync(0);
		expect(strange).toMatchObject([{ type: "handler-failed", cause: { message: "user's" } }]);
		expect(connection.ended.reason).toMatchObject({ why: "maintenance" });
	});

	it("gets channel and data", async () => {
		const onNotification = vi.fn();
		const { connection, pull } = await connect({ onNotification });
		expect(await connection.call("public/subscribe", { channels: ["platform_state", "no.such"] })).toEqual([
			"platform_state",
		]);
		pull("maintenance");
		await vi.advanceTimersByTimeAsync(0);
		expect(onNotification).toHaveBeenCalledExactlyOnceWith(announcement);
	});

	it("need not exist, and an onUnexpected that throws harms nothing", async () => {
		const onUnexpected = (): never => {
			throw new Error("user's");
		};
		const onNotification = onUnexpected;
		const { connection, pull } = await connect({ onUnexpected, onNotification });
		await connection.call("public/subscribe", { channels: ["platform_state"] });
		pull("maintenance");
		await vi.advanceTimersByTimeAsync(0);
		expect(connection.ended.aborted).toBe(true);
	});
});

describe("silentMs", () => {
	it("grows while nothing is heard and starts again with any frame", async () => {
		const { connection } = await connect();
		await vi.advanceTimersByTimeAsync(5_000);
		expect(connection.silentMs).toBe(5_000);
		await connection.request("public/test");
		expect(connection.silentMs).toBe(0);
	});
});

describe("a secret", () => {
	it("is in no error and no printed form of a connection", async () => {
		const { connection, pull } = await connect();
		await connection.authenticate({ clientId, clientSecret });
		const tokens = connection.tokens();
		pull("revoke");
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
