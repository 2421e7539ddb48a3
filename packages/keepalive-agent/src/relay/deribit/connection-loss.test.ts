import { neverAborted } from "@x/base/clock";
import { connectDeribit, type DeribitConnection } from "@x/deribit-session";
import { DeribitVenue, Link, memoryWebSocket } from "@x/venue-sims";
import { afterEach, describe, expect, it } from "vitest";
import { Turns } from "../limit-frames-per-turn.ts";
import { relayConfig } from "../relay-config.ts";
import { RelayLog } from "../relay-log.ts";
import { BotClient, botToken, restingOrder } from "../testing/bot-client.ts";
import { BotWire } from "../testing/memory-bot-socket.ts";
import { type StageOptions, startStage, tick, until } from "../testing/start-deribit-relay.ts";
import { BotSocket } from "./bot-socket.ts";
import { DeribitRelay, type RelayedSession } from "./deribit-relay.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

async function start(options?: StageOptions) {
	const stage = await startStage(options);
	closers.push(() => stage.close());
	return { ...stage, bot: async () => (await stage.connect()).login() };
}

describe("when the connection of the relay to Deribit is lost", () => {
	it("the relay closes a bot's connection with the reason, and the bot can connect again", async () => {
		const { bot, link, events, openOrders } = await start();
		const first = await bot();
		await first.ask("private/buy", restingOrder);
		link.drop();
		const { code, reason } = await first.closed;
		expect(code).toBe(1012);
		expect(reason).toMatch(/^the relay lost its connection to the venue: /);
		expect((await (await bot()).ask("private/buy", restingOrder))["result"]).toBeDefined();
		expect(openOrders()).toHaveLength(1);
		expect(events().map(({ event }) => event)).toEqual(["connected", "connected"]);
	});

	it("the relay cancels a bot's order that was placed over the new connection, even if the lost connection is closed only after the order was placed", async () => {
		const credentials = { clientId: "planted-venue-id", clientSecret: "planted-venue-secret" };
		const venue = new DeribitVenue(credentials);
		const link = new Link(venue);
		const open = async (): Promise<DeribitConnection> => {
			const connection = await connectDeribit({
				url: "wss://test.deribit.com/ws/api/v2",
				WebSocket: memoryWebSocket(link),
			});
			await connection.authenticate(credentials);
			await connection.request("private/enable_cancel_on_disconnect", { scope: "connection" });
			return connection;
		};
		let handle = await open();
		const session: RelayedSession = {
			name: "hedge",
			get handle() {
				return handle;
			},
			requireArmed: () => handle,
		};
		const bots = { maker: { token: botToken("maker"), staysConnected: true } };
		const relay = new DeribitRelay(
			session,
			relayConfig({ bots }, new Map([["hedge", "deribit"]])),
			true,
			new RelayLog(),
		);
		await relay.onOpen(handle, neverAborted);
		const frames: string[] = [];
		const wire = new BotWire((text) => frames.push(text));
		new BotSocket(wire, relay, new Turns());
		const login = { grant_type: "client_credentials", client_id: "maker", client_secret: botToken("maker") };
		wire.say(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "public/auth", params: login }));
		await until(() => frames.some((text) => text.includes('"id":1,')));

		const lost = handle;
		handle = await open();
		await relay.onOpen(handle, neverAborted);
		wire.say(JSON.stringify({ jsonrpc: "2.0", id: 2, method: "private/buy", params: restingOrder }));
		await until(() => frames.some((text) => text.includes('"id":2,')));
		await lost.disconnect();
		await tick();
		expect(venue.truth().openOrders).toBe(1);
		wire.terminate();
		await until(() => venue.truth().openOrders === 0);
		expect(frames.filter((text) => text.includes("connection_lost"))).toHaveLength(1);
		await handle.disconnect();
		link.close();
	});

	it("an order without a reply gets an error that says its outcome is unknown, and a read without a reply gets the advice to repeat it", async () => {
		const { bot, link, venue } = await start();
		const maker = await bot();
		const methods = ["private/buy", "private/get_positions", "public/get_time"];
		venue.faults.suppressAnswers({ methods });
		for (const method of methods)
			maker.send(JSON.stringify({ jsonrpc: "2.0", id: method, method, params: restingOrder }));
		await until(() => methods.every((method) => venue.received.some((call) => call.method === method)));
		link.drop();
		await maker.closed;
		const errors = maker.frames.map((text) => JSON.parse(text)).filter(({ error }) => error);
		expect(errors.map(({ id, error }) => [id, error.code, /Unknown outcome/.test(error.data.reason)])).toEqual([
			["private/buy", 11094, true],
			["private/get_positions", 11094, false],
			["public/get_time", 11094, false],
		]);
	});

	it("the relay refuses new connections with 503 until the session is armed again", async () => {
		const { bot, link, ws, armed } = await start();
		await bot();
		link.partition();
		link.drop();
		await until(() => link.connections === 0);
		await tick(20);
		await expect(BotClient.open(ws)).rejects.toThrow("503");
		link.heal();
		await armed();
		(await BotClient.open(ws)).close();
	});

	it("a bot that is configured to stay connected is told that the connection was lost, and its subscriptions are restored", async () => {
		const { bot, link, venue, armed } = await start({ bots: { maker: { staysConnected: true } } });
		const maker = await bot();
		const orders = "user.orders.BTC-PERPETUAL.raw";
		await maker.ask("private/subscribe", { channels: [orders, "ticker.BTC-PERPETUAL.raw"] });
		link.drop();
		const lost = JSON.parse(await maker.frame((text) => text.includes("connection_lost")));
		expect(lost).toMatchObject({ method: "relay", params: { type: "connection_lost", reason: expect.any(String) } });
		const restored = JSON.parse(await maker.frame((text) => text.includes("connection_restored")));
		expect(restored.params).toEqual({ type: "connection_restored", missing_channels: [] });
		await armed();
		expect((await maker.ask("private/buy", restingOrder))["result"]).toBeDefined();
		await maker.frame((text) => text.includes('"subscription"') && text.includes(orders));
		expect(venue.received.filter(({ method }) => method === "private/subscribe")).toHaveLength(2);
	});
});

it("the relay sends no order once a failed health check of a program (a gate) has closed the session", async () => {
	const gates = [{ name: "bot", sessions: ["hedge"], toleranceMs: 300, startsHealthy: false }];
	const { bot, keeper, venue } = await start({ keeper: { gates } });
	const pulsing = setInterval(() => keeper.pulse("bot"), 50);
	const maker = await bot();
	let placed = 0;
	clearInterval(pulsing);
	for (;;) {
		const wasArmed = keeper.isArmed("hedge");
		const reply = await Promise.race([maker.ask("private/buy", restingOrder), maker.closed]);
		if ("code" in reply) break;
		if (!reply["error"]) placed += 1;
		// If the session was not armed when the order was sent, the relay must have refused the order.
		if (!wasArmed) expect(reply["error"]).toBeDefined();
	}
	expect(placed).toBeGreaterThan(0);
	await until(() => venue.truth().openOrders === 0);
	expect(venue.received.filter(({ method }) => method === "private/buy").length).toBe(placed);
});
