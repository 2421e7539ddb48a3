import { describe, expect, it } from "vitest";
import { onTestFinished } from "../../testing/on-test-finished.ts";
import { BotClient, botToken } from "../testing/bot-client.ts";
import { tick, until } from "../testing/start-deribit-relay.ts";
import { type IbkrStageOptions, limitOrder, startIbkrStage } from "../testing/start-ibkr-relay.ts";

const login = (bot = "maker") => ({
	authorization: `Basic ${Buffer.from(`${bot}:${botToken(bot)}`).toString("base64")}`,
});

async function start(options?: IbkrStageOptions) {
	const stage = await startIbkrStage({ venue: { heartbeatMs: 50 }, ...options });
	const url = `ws://127.0.0.1:${stage.port}/ibkr/broker/v1/api/ws`;
	const open = async (headers: Record<string, string> = login()): Promise<BotClient> => {
		const client = await BotClient.open(url, headers);
		onTestFinished(() => client.socket.terminate());
		return client;
	};
	return { ...stage, url, open };
}

describe.concurrent("a WebSocket of a bot that the relay connects with IBKR", () => {
	it("a bot's WebSocket exchanges frames with the venue, but gets neither the venue's session id nor the user's name", async () => {
		const { open, call, venueSecrets, venue, counts } = await start();
		const bot = await open();
		expect(JSON.parse(await bot.frame((text) => text.includes('"success"')))).toMatchObject({
			topic: "system",
			success: "hidden",
		});
		await bot.frame((text) => text.includes('"hb"'));
		bot.send("sor+{}");
		bot.send("tic");
		await bot.frame((text) => text.includes('"tic"'));
		expect(bot.frames.filter((text) => text.includes('"topic":"tic"'))[0]).toContain('"id":"hidden"');
		await call("POST", "/iserver/account/DU1/orders", { body: limitOrder });
		expect(JSON.parse(await bot.frame((text) => text.includes('"sor"')))).toMatchObject({ topic: "sor" });
		expect(venue.truth().sockets).toBe(1);
		expect(bot.frames.join()).toContain('"topic":"act"');
		for (const secret of [(await venueSecrets()).id, "planted"]) expect(bot.frames.join()).not.toContain(secret);
		const notified = counts().find(({ labels }) => labels.what === "notified");
		expect(notified).toMatchObject({ labels: { session: "broker", bot: "maker" } });
		// The counter includes frames that were sent but that the bot has not received yet.
		expect(notified?.count).toBeGreaterThanOrEqual(bot.frames.length);
	});

	it("a bot's WebSocket may log in with a cookie `api` that has the session id from the bot's tickle, in both forms that libraries send", async () => {
		const { open, call, relay } = await start({ bots: ["maker", "taker"] });
		const { session } = (await call("POST", "/tickle", { bot: "taker" })).json;
		for (const cookie of [`api=${session}`, `x=y; api={"session": "${session}"}`]) {
			const bot = await open({ cookie });
			await bot.frame((text) => text.includes('"success"'));
		}
		expect(relay.report(0).clients).toContainEqual({ session: "broker", bot: "taker", count: 2 });
	});

	it("a bot's WebSocket is refused without a login, with the venue's session id, from a web page, at another path, and if the bot has four open already", async () => {
		const { open, url, venueSecrets, venue } = await start({ bots: ["maker", "taker"] });
		const status = (refused: Promise<unknown>) => refused.then(String, (error: Error) => error.message);
		expect(await status(open({}))).toContain("401");
		expect(await status(open({ cookie: `api=${(await venueSecrets()).id}` }))).toContain("401");
		expect(await status(open({ ...login(), origin: "https://evil.example" }))).toContain("403");
		expect(await status(BotClient.open(`${url}/x`, login()))).toContain("404");
		expect(venue.truth().sockets).toBe(0);
		for (let count = 0; count < 4; count += 1) await open();
		expect(await status(open())).toContain("429");
		await open(login("taker"));
	});

	it("a bot's WebSocket is refused with 503 while the session is not alive", async () => {
		const { open, keeper } = await start();
		await keeper.stop({ orders: "keep" });
		await expect(open()).rejects.toThrow("503");
	});

	it("a bot's WebSocket is closed with the reason when the venue's WebSocket ends; when the bot closes its WebSocket, the venue's WebSocket ends too", async () => {
		const { open, link, venue, relay, isAlive, alive } = await start();
		const bot = await open();
		await bot.frame((text) => text.includes('"hb"'));
		link.faults["drop"]?.({});
		expect(await bot.closed).toEqual({ code: 1012, reason: "IBKR has ended the WebSocket (close code 1006)" });
		if (!isAlive()) await alive();
		const second = await open();
		await second.frame((text) => text.includes('"hb"'));
		expect(venue.truth().sockets).toBe(1);
		second.socket.terminate();
		await until(() => venue.truth().sockets === 0);
		const events = relay.report(0).events.map(({ event }) => event);
		expect(events).toMatchObject([
			{ event: "connected", bot: "maker", session: "broker" },
			{ event: "connected" },
			{ event: "lost", detail: "its WebSocket ended (close code 1006)" },
		]);
	});

	it("a bot's WebSocket is closed with code 1013 if the venue gives no session id, and with 1001 when the relay ends", async () => {
		const { open, venue, relay } = await start();
		const first = await open();
		await first.frame((text) => text.includes('"hb"'));
		venue.faults.answer({ path: "/tickle", status: 503 });
		await tick(1_300);
		const second = await open();
		expect(await second.closed).toEqual({ code: 1013, reason: "the relay could not open a WebSocket at IBKR" });
		await relay.close();
		expect(await first.closed).toEqual({ code: 1001, reason: "the relay ends" });
	});

	it("a bot's WebSocket is cut off if it leaves 4 MB unread, and delays neither another bot nor a beat (tickle) of the session", async () => {
		const { open, venue, counts, isAlive } = await start({ bots: ["maker", "slow"] });
		const [slow, maker] = [await open(login("slow")), await open()];
		for (const each of [slow, maker]) await each.frame((text) => text.includes('"hb"'));
		slow.socket.pause();
		const text = JSON.stringify({ topic: "ntf", args: [{ text: "x".repeat(500_000) }] });
		const isCutOff = () => counts().some(({ labels }) => labels.what === "cut-off");
		for (let sent = 0; sent < 200 && !isCutOff(); sent += 1) {
			venue.faults.sendFrame({ text });
			await tick(10);
		}
		expect(counts()).toContainEqual({
			labels: { what: "cut-off", session: "broker", bot: "slow", reason: "slow" },
			count: 1,
		});
		await until(() => venue.truth().sockets === 1);
		const before = maker.frames.length;
		await maker.frame((each) => each.includes('"hb"'), before);
		expect(isAlive()).toBe(true);
	}, 20_000);

	it("the relay passes on all frames of a bot that floods, and another bot does not wait for them", async () => {
		const { open, venue } = await start({ bots: ["maker", "flooder"] });
		const [flooder, maker] = [await open(login("flooder")), await open()];
		for (const each of [flooder, maker]) await each.frame((text) => text.includes('"hb"'));
		for (let frame = 0; frame < 5_000; frame += 1) flooder.send("ech+hb");
		flooder.send("tic");
		maker.send("tic");
		await maker.frame((text) => text.includes('"tic"'));
		expect(flooder.frames.join()).not.toContain('"tic"');
		await flooder.frame((text) => text.includes('"tic"'));
		expect(venue.truth().sockets).toBe(2);
	});
});
