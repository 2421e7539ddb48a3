import { DeribitVenue, Link, memoryWebSocket } from "@x/venue-sims";
import { describe, expect, it } from "vitest";
import type { DeribitError } from "../errors.ts";
import { connectFake } from "../testing/fake-socket.ts";
import { connectDeribit } from "./connect.ts";

const failure = (promise: Promise<unknown>): Promise<DeribitError> =>
	promise.then(
		() => expect.fail("it succeeded"),
		(error: DeribitError) => error,
	);

/** Opens a connection to a venue that accepts only the channels for which `accepts` returns true. */
async function connectAccepting(accepts: (channel: string) => boolean) {
	const { connection, socket } = await connectFake();
	const send = socket.send.bind(socket);
	socket.send = (text) => {
		send(text);
		const { id, params } = socket.sent.at(-1) ?? expect.fail("nothing sent");
		const channels = params["channels"] as string[];
		queueMicrotask(() => socket.receive({ jsonrpc: "2.0", id, result: channels.filter(accepts) }));
	};
	return { connection, sent: () => socket.sent.map(({ method, params }) => [method, params["channels"]]) };
}

describe("DeribitConnection.subscribe", () => {
	it("subscribe() uses private/subscribe for channels that begin with `user.` and public/subscribe for all others", async () => {
		const { connection, sent } = await connectAccepting(() => true);
		const channels = ["user.orders.any.any.raw", "platform_state", "user.trades.any.any.raw", "book.BTC.100ms"];
		expect(await connection.subscribe([...channels, "platform_state"])).toEqual(channels);
		expect(await connection.subscribe(["user.changes.any.any.raw"])).toEqual(["user.changes.any.any.raw"]);
		expect(await connection.subscribe([])).toEqual([]);
		expect(sent()).toEqual([
			["public/subscribe", ["platform_state", "book.BTC.100ms"]],
			["private/subscribe", ["user.orders.any.any.raw", "user.trades.any.any.raw"]],
			["private/subscribe", ["user.changes.any.any.raw"]],
		]);
	});

	it("subscribe() fails with the names of the channels that the venue left out of its reply", async () => {
		const { connection } = await connectAccepting((channel) => !channel.includes("typo"));
		const error = await failure(connection.subscribe(["platform_state", "user.typo", "typo"]));
		expect(error).toMatchObject({
			kind: "subscription",
			call: "private/subscribe",
			missingChannels: ["user.typo", "typo"],
		});
		expect(error.message).toBe(
			"@x/deribit-session: private/subscribe: the venue did not accept 2 of 3 channels: user.typo, typo. Check their names.",
		);
	});

	it("subscribe() names at most ten missing channels in the message of its error", async () => {
		const { connection } = await connectAccepting(() => false);
		const channels = Array.from({ length: 11 }, (_, index) => `channel-${index}.`);
		const error = await failure(connection.subscribe(channels));
		expect(error.missingChannels).toEqual(channels);
		expect(error.message).toContain("channel-9., …. Check");
		expect(error.message).not.toContain("channel-10.");
	});

	it("subscribe() sends 501 channels in two calls, because the venue accepts at most 500 channels in a call", async () => {
		const { connection, sent } = await connectAccepting(() => true);
		const channels = Array.from({ length: 501 }, (_, index) => `ticker.${index}`);
		expect(await connection.subscribe(channels)).toHaveLength(501);
		expect(sent()).toEqual([
			["public/subscribe", channels.slice(0, 500)],
			["public/subscribe", ["ticker.500"]],
		]);
	});

	it("subscribe() fails with kind `reply` when the venue's acknowledgement is not a list", async () => {
		const { connection, socket } = await connectFake();
		const call = failure(connection.subscribe(["platform_state"]));
		socket.receive({ id: 1, result: "ok" });
		expect(await call).toMatchObject({ kind: "reply", path: "/result" });
	});

	it("subscribe() returns the channels that the venue accepted, whose notifications then arrive", async () => {
		const link = new Link(new DeribitVenue());
		const channels: string[] = [];
		const connection = await connectDeribit({
			WebSocket: memoryWebSocket(link),
			onNotification: ({ channel }) => channels.push(channel),
		});
		expect(await failure(connection.subscribe(["platform_state", "plattform_state"]))).toMatchObject({
			missingChannels: ["plattform_state"],
		});
		link.faults["announceMaintenance"]?.({});
		expect(await connection.unsubscribe(["platform_state", "plattform_state"])).toEqual(["platform_state"]);
		link.faults["announceMaintenance"]?.({});
		await connection.request("public/test");
		expect(channels).toEqual(["platform_state"]);
		link.close();
	});
});

describe("DeribitConnection.unsubscribe", () => {
	it("unsubscribe() ends public and private subscriptions and returns the channels that have ended", async () => {
		const { connection, sent } = await connectAccepting((channel) => channel !== "b");
		expect(await connection.unsubscribe(["a", "b", "user.c"])).toEqual(["a", "user.c"]);
		expect(sent()).toEqual([
			["public/unsubscribe", ["a", "b"]],
			["private/unsubscribe", ["user.c"]],
		]);
	});
});

describe("DeribitConnection.isSubscribed", () => {
	it("isSubscribed() is true for a channel as soon as the venue has acknowledged the subscription", async () => {
		const { connection } = await connectAccepting((channel) => !channel.includes("typo"));
		expect(connection.isSubscribed("platform_state")).toBe(false);
		const subscribing = connection.subscribe(["platform_state", "typo"]).catch(() => undefined);
		expect(connection.isSubscribed("platform_state")).toBe(false);
		await subscribing;
		expect(connection.isSubscribed("platform_state")).toBe(true);
		expect(connection.isSubscribed("typo")).toBe(false);
	});

	it.each([
		["public/unsubscribe", { channels: ["a"] }, [false, true]],
		["private/unsubscribe", { channels: ["a"] }, [false, true]],
		["public/unsubscribe_all", undefined, [false, false]],
		["private/unsubscribe_all", undefined, [false, false]],
		["public/unsubscribe", { channels: "a" }, [true, true]],
	] as const)(
		"isSubscribed() reflects the effect of %s with %j as soon as the call is sent, even without a reply",
		async (method, params, left) => {
			const { connection, socket } = await connectFake();
			const subscribing = connection.subscribe(["a", "b"]);
			socket.receive({ jsonrpc: "2.0", id: socket.sent.at(-1)?.id, result: ["a", "b"] });
			await subscribing;
			const abort = new AbortController();
			const ending = connection.call(method, params, undefined, { signal: abort.signal }).catch(() => undefined);
			expect(["a", "b"].map((channel) => connection.isSubscribed(channel))).toEqual(left);
			abort.abort();
			await ending;
			expect(["a", "b"].map((channel) => connection.isSubscribed(channel))).toEqual(left);
		},
	);

	it("isSubscribed() is false when the reply to the subscribe call came after the unsubscribe call was sent", async () => {
		const { connection, socket } = await connectFake();
		const calls = [connection.subscribe(["a"]), connection.unsubscribe(["a"])];
		for (const { id } of socket.sent) socket.receive({ jsonrpc: "2.0", id, result: ["a"] });
		await Promise.all(calls);
		expect(connection.isSubscribed("a")).toBe(false);
	});
});
