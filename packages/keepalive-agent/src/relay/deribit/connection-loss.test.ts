import { afterEach, describe, expect, it } from "vitest";
import { BotClient, restingOrder } from "../testing/bot-client.ts";
import { type StageOptions, startStage, tick, until } from "../testing/relay-stage.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

async function start(options?: StageOptions) {
	const stage = await startStage(options);
	closers.push(() => stage.close());
	return { ...stage, bot: async () => (await stage.connect()).login() };
}

describe("when the guarded connection is lost", () => {
	it("a bot's connection closes with the reason, and its next one works", async () => {
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

	it("a call in flight gets an error: of unknown outcome for an order, to be repeated for a read", async () => {
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

	it("new connections are refused with 503 until the session is back", async () => {
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

	it("a bot that stays connected is told so, and has its subscriptions again", async () => {
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

it("no order passes once a gate has closed the session", async () => {
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
		// What was accepted was sent while the keeper said yes.
		if (!wasArmed) expect(reply["error"]).toBeDefined();
	}
	expect(placed).toBeGreaterThan(0);
	await until(() => venue.truth().openOrders === 0);
	expect(venue.received.filter(({ method }) => method === "private/buy").length).toBe(placed);
});
