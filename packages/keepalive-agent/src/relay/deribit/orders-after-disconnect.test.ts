import { afterEach, describe, expect, it } from "vitest";
import { botToken, restingOrder } from "../testing/bot-client.ts";
import { type StageOptions, startStage, tick, until } from "../testing/start-deribit-relay.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

async function start(options?: StageOptions) {
	const stage = await startStage(options);
	closers.push(() => stage.close());
	await stage.armed();
	const bot = async (name = "maker") => (await stage.connect()).login(name, botToken(name));
	const methods = () => stage.venue.received.map(({ method }) => method);
	const events = (name = "maker") => stage.events().flatMap(({ bot, event }) => (bot === name ? [event] : []));
	return { ...stage, bot, methods, events };
}

const twoBots = { bots: { maker: {}, taker: {} } };

describe("the orders of a bot that disconnects without a logout", () => {
	it("the orders of a bot that disconnects are cancelled, by label if no other bot uses that label, and other bots' orders stay open", async () => {
		const { bot, openOrders, methods, events } = await start(twoBots);
		const [maker, taker] = [await bot("maker"), await bot("taker")];
		for (const label of ["m", "m", "", "shared"]) await maker.ask("private/buy", { ...restingOrder, label });
		const ids: string[] = [];
		for (const label of ["t", "shared", ""]) {
			// The cast is safe: the simulator's reply to an order has these members.
			const { result } = (await taker.ask("private/buy", { ...restingOrder, label })) as {
				result: { order: { order_id: string } };
			};
			ids.push(result.order.order_id);
		}
		maker.socket.terminate();
		await until(() => openOrders().length === 3);
		expect(openOrders().map(({ id }) => id)).toEqual(ids);
		await until(() => events().includes("orders-cancelled"));
		expect(methods().filter((method) => method === "private/cancel_by_label")).toHaveLength(1);
		expect(methods().filter((method) => method === "private/cancel")).toHaveLength(2);
		expect(events()).toEqual(["connected", "lost", "orders-cancelled"]);
		expect((await taker.ask("private/buy", restingOrder))["result"]).toBeDefined();
	});

	it("orders are cancelled even if the replies to them come after the bot has disconnected", async () => {
		const { bot, openOrders, events } = await start();
		const maker = await bot();
		for (let order = 0; order < 20; order += 1) {
			maker.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "private/buy", params: restingOrder }));
		}
		maker.close(1000);
		await until(() => events().includes("lost"));
		await until(() => events().includes("orders-cancelled") || !events().includes("lost"));
		expect(openOrders()).toEqual([]);
	});

	it("the agent's connection is ended if the cancels are not confirmed in time, so that the venue cancels the orders", async () => {
		const { bot, openOrders, events, venue } = await start({ bots: { maker: { cancelWithinMs: 300 } } });
		const maker = await bot();
		await maker.ask("private/buy", restingOrder);
		venue.faults.refuse({ code: 10047, methods: ["private/cancel"], times: 1_000 });
		maker.socket.terminate();
		await until(() => openOrders().length === 0);
		expect(events()).toEqual(["connected", "lost", "connection-ended"]);
		expect(venue.orders()).toMatchObject([{ cancelReason: "cancel_on_disconnect" }]);
	});

	it("the agent's connection is ended if the reply to an order never comes, so that the venue cancels that order", async () => {
		const { bot, openOrders, events, venue, methods } = await start({ bots: { maker: { cancelWithinMs: 300 } } });
		const maker = await bot();
		venue.faults.suppressAnswers({ methods: ["private/buy"] });
		maker.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "private/buy", params: restingOrder }));
		await until(() => openOrders().length === 1);
		maker.socket.terminate();
		await until(() => openOrders().length === 0);
		expect(events()).toEqual(["connected", "lost", "connection-ended"]);
		expect(methods()).toContain("private/get_open_orders");
	});

	it("the relay's thread is not blocked if the agent's connection ends while cancels wait for the rate limit", async () => {
		const { bot, openOrders, link, venue, methods } = await start({
			bots: { maker: { cancelWithinMs: 60_000 } },
			orderRate: { perSecond: 0.1, burst: 20 },
		});
		const maker = await bot();
		for (let order = 0; order < 5; order += 1) await maker.ask("private/buy", restingOrder);
		// Each attempt to cancel uses up part of the rate limit, until the next attempt has to wait.
		venue.faults.refuse({ code: 10047, methods: ["private/cancel"], times: 1_000 });
		maker.socket.terminate();
		await until(() => methods().filter((method) => method === "private/cancel").length >= 14);
		await tick(200);
		link.drop();
		const startedAt = performance.now();
		await tick(50);
		expect(performance.now() - startedAt).toBeLessThan(5_000);
		await until(() => openOrders().length === 0);
	});

	it("the agent's connection is ended at once with `ordersOnDisconnect: disconnect`, so that the venue cancels the orders", async () => {
		const { bot, openOrders, methods, venue } = await start({ bots: { maker: { ordersOnDisconnect: "disconnect" } } });
		const maker = await bot();
		await maker.ask("private/buy", restingOrder);
		maker.socket.terminate();
		await until(() => openOrders().length === 0);
		expect(methods()).not.toContain("private/cancel");
		expect(venue.orders()).toMatchObject([{ cancelReason: "cancel_on_disconnect" }]);
	});

	it("the quotes of a bot that disconnects are cancelled", async () => {
		const { bot, openOrders } = await start();
		const maker = await bot();
		const quote = { instrument_name: "BTC-PERPETUAL", bid: { price: 1_000, amount: 10 } };
		expect((await maker.ask("private/mass_quote", { quote_id: "1", quotes: [quote] }))["error"]).toBeUndefined();
		expect(openOrders()).toHaveLength(1);
		maker.socket.terminate();
		await until(() => openOrders().length === 0);
	});

	it("an order that was placed when the bot's stop order triggered is cancelled when the bot disconnects", async () => {
		const { bot, openOrders, venue } = await start();
		const maker = await bot();
		const stop = { ...restingOrder, type: "stop_limit", trigger_price: 900, trigger: "last_price" };
		expect((await maker.ask("private/sell", { ...stop, price: 1e6 }))["error"]).toBeUndefined();
		venue.faults.triggerStop({});
		expect(openOrders()).toHaveLength(1);
		maker.socket.terminate();
		await until(() => openOrders().length === 0);
	});
});

describe("more frames than one turn of the event loop handles, sent right before a bot's close frame", () => {
	const order = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "private/buy", params: restingOrder });
	const logout = '{"jsonrpc":"2.0","id":2,"method":"private/logout","params":{}}';

	it("a bot's close frame counts as a logout only after all frames of the bot are handled, and the orders from these frames stay open", async () => {
		const { bot, openOrders, events, methods } = await start({ bots: { maker: { keepsOrdersOnClose: true } } });
		const maker = await bot();
		for (let frame = 0; frame < 60; frame += 1) maker.send(order);
		maker.close(1000);
		await until(() => events().includes("logged-out") || events().includes("lost"));
		await until(() => methods().filter((method) => method === "private/buy").length === 60);
		expect(events()).toEqual(["connected", "logged-out"]);
		expect(openOrders()).toHaveLength(60);
	});

	it("a bot's frames before its logout are handled, and its frames after the logout are not", async () => {
		const { bot, openOrders, events, methods } = await start();
		const maker = await bot();
		for (let frame = 0; frame < 30; frame += 1) maker.send(order);
		maker.send(logout);
		for (let frame = 0; frame < 30; frame += 1) maker.send(order);
		maker.close(1000);
		await until(() => events().includes("logged-out") || events().includes("lost"));
		await tick(100);
		expect(methods().filter((method) => method === "private/buy")).toHaveLength(30);
		expect([events(), openOrders().length]).toEqual([["connected", "logged-out"], 30]);
	});

	it("if a bot's close frame does not count as a logout, the bot's orders are cancelled after all frames of the bot are handled", async () => {
		const { bot, openOrders, events, relay } = await start();
		const maker = await bot();
		for (let frame = 0; frame < 40; frame += 1) maker.send(order);
		maker.close(1000);
		await until(() => events().includes("orders-cancelled"));
		expect(openOrders()).toEqual([]);
		expect(relay.report(0).clients).toContainEqual({ session: "hedge", bot: "maker", count: 0 });
	});
});

describe("the orders of a bot that has logged out, or whose orders are kept", () => {
	it.each([
		["the bot has logged out", {}, "logout"],
		["the configuration says so", { ordersOnDisconnect: "keep" }, "terminate"],
		["the bot sends a close frame that counts as a logout", { keepsOrdersOnClose: true }, "close"],
	] as const)("the orders of a bot stay open when %s", async (_, options, end) => {
		const { bot, openOrders, events } = await start({ bots: { maker: options } });
		const maker = await bot();
		await maker.ask("private/buy", restingOrder);
		if (end === "logout") maker.send('{"jsonrpc":"2.0","id":9,"method":"private/logout","params":{}}');
		else if (end === "close") maker.close(1000);
		else maker.socket.terminate();
		if (end === "logout") expect(await maker.closed).toEqual({ code: 1000, reason: "" });
		await until(() => events().length >= 2);
		await tick(100);
		expect(openOrders()).toHaveLength(1);
		expect(events()).not.toContain("orders-cancelled");
	});
});
