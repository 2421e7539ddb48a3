import { DeribitVenue, type DeribitVenueOptions, Link, memoryWebSocket } from "@x/venue-sims";
import { afterEach, describe, expect, it } from "vitest";
import { type DeribitError, isDeribitError } from "../errors.ts";
import { DeribitCredits } from "../limits/credit-rate-limiter.ts";
import { connectDeribit } from "../socket/connect.ts";
import { listenToNotifications, type RelayedCall, rateLimitOf, relayCall } from "./index.ts";

const { clientId, clientSecret } = DeribitVenue.defaults;
const links: Link[] = [];
afterEach(() => {
	for (const link of links.splice(0)) link.close();
});

async function connect(venueOptions: DeribitVenueOptions = {}, credits = new DeribitCredits()) {
	const venue = new DeribitVenue(venueOptions);
	const link = new Link(venue);
	links.push(link);
	const connection = await connectDeribit({ WebSocket: memoryWebSocket(link), credits });
	await connection.authenticate({ clientId, clientSecret });
	/** Relays a call. The promise resolves with the text of the reply, or rejects with the error of the call. */
	const relay = (method: string, paramsText = "{}", options: Partial<RelayedCall> = {}) =>
		new Promise<string>((onReply, onFailure) => {
			relayCall(connection, { method, paramsText, params: JSON.parse(paramsText), onReply, onFailure, ...options });
		});
	const errorOf = (promise: Promise<unknown>): Promise<DeribitError> =>
		promise.then(
			() => Promise.reject(new Error("it did not fail")),
			(error) => (isDeribitError(error) ? error : Promise.reject(error)),
		);
	return { venue, link, connection, relay, errorOf };
}

const order = '{"instrument_name":"BTC-PERPETUAL","amount":10.0,"price":1000.50}';

describe("a relayed call", () => {
	it("a relayed call gets the text of the venue's reply unchanged, even of an error reply", async () => {
		const { relay } = await connect();
		expect(await relay("public/get_time")).toMatch(/^\{"jsonrpc":"2\.0","id":\d+,"result":\d+,"usIn":/);
		expect(await relay("private/cancel", '{"order_id":"x"}')).toContain('"error":{"code":11044');
	});

	it("a relayed call updates the orders, the protection and the subscriptions of the connection like any other call", async () => {
		const { relay, connection } = await connect();
		await connection.request("private/get_cancel_on_disconnect", { scope: "connection" });
		expect(connection.cancelOnDisconnect).toBe(false);
		await relay("private/buy", order);
		expect(connection.openOrderIds).toHaveLength(1);
		await relay("private/enable_cancel_on_disconnect");
		expect(connection.cancelOnDisconnect).toBeUndefined();
		await relay("public/subscribe", '{"channels":["ticker.BTC-PERPETUAL.raw"]}');
		expect(connection.isSubscribed("ticker.BTC-PERPETUAL.raw")).toBe(true);
	});

	it.each([
		["public/auth", "request"],
		["private/logout", "request"],
		["public/exchange_token", "request"],
		["buy", "request"],
		['private/buy","x":"', "request"],
	])("a relayed call is rejected without being sent when its method is %s", async (method, kind) => {
		const { relay, errorOf, venue } = await connect();
		const before = venue.received.length;
		expect((await errorOf(relay(method))).kind).toBe(kind);
		expect(venue.received.length).toBe(before);
	});

	it("relayCall throws when the call cannot be sent, for example because it would exceed the rate limit", async () => {
		const { relay, errorOf, link, connection } = await connect();
		let error: DeribitError | undefined;
		for (let call = 0; call < 200 && !error; call += 1) {
			await relay("public/get_time").catch((cause) => {
				error = cause;
			});
		}
		expect(error?.kind).toBe("credits");
		expect((await errorOf(relay("private/buy", `{"label":"${"x".repeat(32_000)}"}`))).kind).toBe("request");
		link.drop();
		await new Promise((resolve) => connection.ended.addEventListener("abort", resolve));
		expect((await errorOf(relay("private/buy", order))).kind).toBe("closed");
	});

	it("a relayed call fails when no reply comes before its deadline or before the connection ends", async () => {
		const { relay, errorOf, link, venue } = await connect();
		venue.faults.suppressAnswers({ methods: ["private/buy"] });
		expect((await errorOf(relay("private/buy", order, { timeoutMs: 20 }))).kind).toBe("timeout");
		const failing = errorOf(relay("private/buy", order));
		link.drop();
		expect((await failing).kind).toBe("closed");
	});
});

it("listenToNotifications passes on each notification unchanged until the listener is removed", async () => {
	const { connection, relay } = await connect();
	const texts: string[] = [];
	const stop = listenToNotifications(connection, ({ channel }, text) => void texts.push(`${channel} ${text}`));
	await connection.subscribe(["user.orders.BTC-PERPETUAL.raw"]);
	await relay("private/buy", order);
	expect(texts).toHaveLength(1);
	expect(texts[0]).toMatch(/^user\.orders\.BTC-PERPETUAL\.raw \{"jsonrpc":"2\.0","method":"subscription",/);
	stop();
	await relay("private/buy", order);
	expect(texts).toHaveLength(1);
});

it("rateLimitOf returns the rate limit as a number of calls, after the reserve for urgent calls and the safety margin are deducted", async () => {
	const { connection } = await connect();
	expect(rateLimitOf(connection, "public/get_time")).toEqual({ pool: "default", rate: 20, burst: 88 });
	expect(rateLimitOf(connection, "private/subscribe")).toEqual({ pool: "subscribe", rate: 10 / 3, burst: 9 });
	expect(rateLimitOf(connection, "private/buy")).toBeUndefined();
});
