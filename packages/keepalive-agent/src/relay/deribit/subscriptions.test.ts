import { afterEach, describe, expect, it } from "vitest";
import { restingOrder } from "../testing/bot-client.ts";
import { startStage, until } from "../testing/start-deribit-relay.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

async function start(bots = { maker: {}, taker: {} }) {
	const stage = await startStage({ bots });
	closers.push(() => stage.close());
	const [maker, taker] = [await (await stage.connect()).login("maker"), await (await stage.connect()).login("taker")];
	/** Returns the subscription calls that the venue has received, without those that the agent makes for itself. */
	const calls = () =>
		stage.venue.received.flatMap(({ method, params }) =>
			/subscribe/.test(method) && !JSON.stringify(params).includes("platform_state") ? [[method, params]] : [],
		);
	/** `spend` uses up the rate limit credits at the venue, which are refilled within a moment. */
	const anonymous = await stage.connect();
	const spend = async () => {
		const spending = [maker, taker, anonymous].flatMap((bot) =>
			Array.from({ length: 40 }, () => bot.ask("public/get_time")),
		);
		await Promise.all(spending);
	};
	return { ...stage, maker, taker, calls, spend };
}

const orders = "user.orders.BTC-PERPETUAL.raw";
const isOrder = (text: string) => text.includes('"method":"subscription"');
const subscribe = { channels: [orders] };
const book = { channels: ["book.BTC-PERPETUAL.100ms"] };

describe("subscriptions of bots over the agent's connection to Deribit", () => {
	it("a channel of two bots is subscribed once at the venue, and each bot gets each notification", async () => {
		const { maker, taker, calls } = await start();
		expect((await maker.ask("private/subscribe", subscribe))["result"]).toEqual([orders]);
		expect((await taker.ask("private/subscribe", subscribe))["result"]).toEqual([orders]);
		expect(calls()).toEqual([["private/subscribe", subscribe]]);
		await maker.ask("private/buy", restingOrder);
		const [first, second] = [await maker.frame(isOrder), await taker.frame(isOrder)];
		expect(second).toBe(first);
	});

	it("a channel of two bots stays subscribed when one of them leaves it, and is unsubscribed when the last bot leaves it", async () => {
		const { maker, taker, calls } = await start();
		for (const bot of [maker, taker]) await bot.ask("private/subscribe", subscribe);
		expect((await maker.ask("private/unsubscribe", subscribe))["result"]).toEqual([orders]);
		expect((await maker.ask("private/unsubscribe", subscribe))["result"]).toEqual([]);
		expect(calls()).toHaveLength(1);
		await taker.ask("private/buy", restingOrder);
		await taker.frame(isOrder);
		expect(maker.frames.some(isOrder)).toBe(false);
		taker.socket.terminate();
		await until(() => calls().length === 2);
		expect(calls()[1]).toEqual(["private/unsubscribe", subscribe]);
	});

	it("the reply to a subscribe call leaves out an unknown channel, and a later unsubscribe_all does not send that channel to the venue", async () => {
		const { maker, calls } = await start();
		const channels = ["ticker.BTC-PERPETUAL.raw", "no.such.channel"];
		expect((await maker.ask("public/subscribe", { channels }))["result"]).toEqual(["ticker.BTC-PERPETUAL.raw"]);
		expect((await maker.ask("public/unsubscribe_all"))["result"]).toBe("ok");
		await until(() => calls().length === 2);
		expect(calls()[1]).toEqual(["public/unsubscribe", { channels: ["ticker.BTC-PERPETUAL.raw"] }]);
	});

	it("a channel that the agent itself needs stays subscribed when a bot unsubscribes from it", async () => {
		const { maker, venue } = await start();
		const channels = ["platform_state"];
		expect((await maker.ask("public/subscribe", { channels }))["result"]).toEqual(channels);
		venue.faults.announceMaintenance({});
		await maker.frame((text) => text.includes('"platform_state"'));
		await maker.ask("public/unsubscribe", { channels });
		expect(venue.received.map(({ method }) => method)).not.toContain("public/unsubscribe");
	});

	it("an order book is subscribed again for both bots when a second bot asks for it, so that the second bot gets a snapshot", async () => {
		const { maker, taker, calls } = await start();
		for (const bot of [maker, taker])
			expect((await bot.ask("public/subscribe", book))["result"]).toEqual(book.channels);
		expect(calls().map(([method]) => method)).toEqual(["public/subscribe", "public/unsubscribe", "public/subscribe"]);
	});

	it("an order book is subscribed again only after its unsubscribe call, even if the rate limit delays that call", async () => {
		const { maker, taker, calls, spend } = await start();
		expect((await maker.ask("public/subscribe", book))["result"]).toEqual(book.channels);
		await spend();
		expect((await taker.ask("public/subscribe", book))["result"]).toEqual(book.channels);
		expect(calls().map(([method]) => method)).toEqual(["public/subscribe", "public/unsubscribe", "public/subscribe"]);
	});

	it("an order book is subscribed again for its first bot if the rate limit refuses the subscribe call of a second bot", async () => {
		const { maker, taker, calls } = await start();
		expect((await maker.ask("public/subscribe", book))["result"]).toEqual(book.channels);
		// Each new subscription of the channel costs one call, so this loop uses up the calls that the rate limit leaves to the bot `taker`.
		const replies = [];
		for (let call = 0; call < 6; call += 1) {
			replies.push(await taker.ask("public/subscribe", book));
			await taker.ask("public/unsubscribe", book);
		}
		expect(replies.at(-1)?.["error"]).toMatchObject({ code: 10028 });
		const isLastSubscribed = () => calls().at(-1)?.[0] === "public/subscribe";
		await until(isLastSubscribed);
		expect((await maker.ask("public/unsubscribe", book))["result"]).toEqual(book.channels);
		await until(() => !isLastSubscribed());
	});

	it("a channel that is being unsubscribed is subscribed again if another bot asks for it meanwhile", async () => {
		const { maker, taker, calls, spend } = await start();
		await maker.ask("private/subscribe", subscribe);
		const spending = spend();
		const leaving = maker.ask("private/unsubscribe", subscribe);
		// The relay answers this call itself, so its reply shows that the relay has read the calls before it.
		await maker.ask("private/get_cancel_on_disconnect");
		expect((await taker.ask("private/subscribe", subscribe))["result"]).toEqual([orders]);
		await Promise.all([spending, leaving]);
		await until(() => calls().length === 3);
		expect(calls().map(([method]) => method)).toEqual([
			"private/subscribe",
			"private/unsubscribe",
			"private/subscribe",
		]);
		await taker.ask("private/buy", restingOrder);
		await taker.frame(isOrder);
	});

	it("a subscribe call without a list of channels is refused, and so is a private subscribe call without a login", async () => {
		const { maker, connect } = await start();
		expect((await maker.ask("private/subscribe", { channels: "a" }))["error"]).toMatchObject({ code: -32602 });
		const stranger = await connect();
		expect((await stranger.ask("private/subscribe", subscribe))["error"]).toMatchObject({ code: 13009 });
		expect((await stranger.ask("public/subscribe", subscribe))["result"]).toEqual([]);
	});
});
