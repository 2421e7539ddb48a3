import { afterEach, describe, expect, it } from "vitest";
import { botToken, restingOrder } from "../testing/bot-client.ts";
import { type StageOptions, startStage, tick, until } from "../testing/start-deribit-relay.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

async function start(options?: StageOptions) {
	const stage = await startStage({ bots: { maker: {}, taker: {} }, ...options });
	closers.push(() => stage.close());
	const bot = async (name: string) => (await stage.connect()).login(name, botToken(name));
	return { ...stage, maker: await bot("maker"), taker: await bot("taker") };
}

const codes = (frames: readonly string[]) => frames.map((text) => JSON.parse(text).error?.code);

describe("rate limits of bots at Deribit", () => {
	it("a bot that calls too often gets error 10028 (too many requests), while the session and another bot are not affected", async () => {
		const { maker, taker, venue, keeper } = await start();
		const before = maker.frames.length;
		for (let call = 0; call < 500; call += 1) maker.send(`{"jsonrpc":"2.0","id":${call},"method":"public/get_time"}`);
		for (let call = 0; call < 20; call += 1) expect((await taker.ask("public/get_time"))["error"]).toBeUndefined();
		await until(() => maker.frames.length === before + 500);
		const answered = codes(maker.frames.slice(before));
		expect(answered.filter((code) => code === 10028).length).toBeGreaterThan(400);
		expect(answered.filter((code) => code === undefined).length).toBeGreaterThan(20);
		expect(keeper.isArmed("hedge")).toBe(true);
		expect(venue.truth().connections).toMatchObject([{ armed: true }]);
	});

	it("a bot's orders are refused before the matching engine's limit is reached, and the bot can cancel even then", async () => {
		const venueOptions = { limitsMatching: true, matchingCallsPerSecond: 5, matchingBurst: 20 };
		const { maker, taker, keeper } = await start({ venue: venueOptions, orderRate: { perSecond: 5, burst: 20 } });
		const before = maker.frames.length;
		for (let call = 0; call < 100; call += 1) {
			maker.send(JSON.stringify({ jsonrpc: "2.0", id: call, method: "private/buy", params: restingOrder }));
		}
		await until(() => maker.frames.length === before + 100);
		const placed = maker.frames.slice(before).flatMap((text) => JSON.parse(text).result?.order.order_id ?? []);
		expect(placed.length).toBeGreaterThan(2);
		expect(placed.length).toBeLessThan(10);
		expect((await maker.ask("private/cancel", { order_id: placed[0] }))["result"]).toBeDefined();
		expect((await taker.ask("private/buy", restingOrder))["result"]).toBeDefined();
		maker.socket.terminate();
		await until(() => keeper.isArmed("hedge"));
	});

	it("orders, order changes, quotes and calls that close a position do not use the part of a bot's rate limit that is reserved for cancels", async () => {
		// Of the burst of 60 calls, 15 are kept for the relay itself. Each bot has 15 calls, of which 3.75 are kept for cancels. The refill is
		// too small to matter in this test.
		const { maker } = await start({ orderRate: { perSecond: 0.001, burst: 60 } });
		const ask = async (method: string, params: Record<string, unknown>) => {
			const { error } = await maker.ask(method, params);
			// The cast is safe: a reply's error has a code.
			return (error as { readonly code: number } | undefined)?.code;
		};
		for (let order = 0; order < 11; order += 1) expect(await ask("private/buy", restingOrder)).toBeUndefined();
		const { instrument_name, amount, price } = restingOrder;
		const ordering: readonly (readonly [method: string, params: Record<string, unknown>])[] = [
			["private/buy", restingOrder],
			["private/sell", restingOrder],
			["private/edit", { order_id: "1", amount, price }],
			["private/edit_by_label", { label: "x", instrument_name, amount, price }],
			["private/close_position", { instrument_name, type: "market" }],
			["private/mass_quote", { quotes: [], mmp_group: "x", quote_id: "1" }],
		];
		for (const [method, params] of ordering) expect([method, await ask(method, params)]).toEqual([method, 10028]);
		const cancelling: typeof ordering = [
			["private/cancel", { order_id: "1" }],
			["private/cancel_by_label", { label: "x" }],
			["private/cancel_quotes", { cancel_type: "all" }],
			["private/cancel", { order_id: "2" }],
		];
		for (const [method, params] of cancelling) expect([method, await ask(method, params)]).not.toEqual([method, 10028]);
		expect(await ask("private/cancel_by_label", { label: "x" })).toBe(10028);
	});

	it("the relay stays within the matching engine's limit when it cancels the fifteen orders of a bot that has died", async () => {
		const venueOptions = { limitsMatching: true, matchingCallsPerSecond: 20, matchingBurst: 40 };
		const { maker, openOrders, events } = await start({ venue: venueOptions, orderRate: { perSecond: 20, burst: 40 } });
		for (let order = 0; order < 15; order += 1) await maker.ask("private/buy", restingOrder);
		maker.socket.terminate();
		await until(() => openOrders().length === 0);
		await until(() => events().some(({ event }) => event === "orders-cancelled"));
		expect(events().some(({ event }) => event === "connection-ended")).toBe(false);
	});

	it("a bot has one share of the matching engine's limit for all sessions that use the same API key", async () => {
		// Of the burst of 60 calls, 15 are kept for the relay itself. Each bot has 15 calls, and so have all clients without a login together.
		// Of these 15, 3.75 are kept for cancels.
		const { maker, connect, ws, keeper } = await start({ second: "other", orderRate: { perSecond: 0.001, burst: 60 } });
		while (!keeper.isArmed("other")) await tick();
		const elsewhere = await (await connect({}, ws.replace("/hedge/", "/other/"))).login();
		const codeOf = async (bot: typeof maker) => {
			const { error } = await bot.ask("private/buy", restingOrder);
			// The cast is safe: a reply's error has a code.
			return (error as { readonly code: number } | undefined)?.code;
		};
		for (let order = 0; order < 11; order += 1) {
			expect(await codeOf(order % 2 === 0 ? maker : elsewhere)).toBeUndefined();
		}
		for (const bot of [maker, elsewhere]) expect(await codeOf(bot)).toBe(10028);
		const taker = await (await connect({}, ws.replace("/hedge/", "/other/"))).login("taker");
		expect(await codeOf(taker)).toBeUndefined();
	});
});
