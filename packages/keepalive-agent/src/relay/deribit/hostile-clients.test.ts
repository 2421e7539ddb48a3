import { connect as connectTcp } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { BotClient, botToken, restingOrder } from "../testing/bot-client.ts";
import { type StageOptions, startStage, tick, until } from "../testing/start-deribit-relay.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

async function start(options?: StageOptions) {
	const stage = await startStage({ bots: { maker: {}, taker: {} }, ...options });
	closers.push(() => stage.close());
	const bot = async (name: string) => (await stage.connect()).login(name, botToken(name));
	return { ...stage, bot, taker: await bot("taker") };
}

/** Makes a generator of pseudo-random numbers from 0 to 1. The numbers are the same in every run. */
function seeded(seed: number): () => number {
	let state = seed;
	return () => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return state / 2 ** 32;
	};
}

/** Makes a frame that a hostile client sends. */
function badFrame(random: () => number): string | Buffer {
	const below = (count: number): number => Math.floor(random() * count);
	const pick = <T>(values: readonly [T, ...T[]]): T => values[below(values.length)] ?? values[0];
	const id = pick(['"a"', "1", "null", "{}", "[1]", "1e400", '"\\ud800"', "-0.0", "true", `"${"x".repeat(200)}"`]);
	const method = pick([
		"public/test",
		"public/auth",
		"public/set_heartbeat",
		"public/disable_heartbeat",
		"public/subscribe",
		"private/unsubscribe_all",
		"private/buy",
		"private/disable_cancel_on_disconnect",
		"public/fork_token",
		"private/get_cancel_on_disconnect",
		"__proto__",
		"constructor",
		"/public/test",
		"public//test",
		"PUBLIC/TEST",
		"",
		`private/${"x".repeat(100)}`,
	]);
	const params = pick([
		"{}",
		"null",
		"[]",
		"1",
		'{"channels":["a","a"]}',
		'{"channels":"a"}',
		'{"channels":[1]}',
		'{"interval":1e999}',
		'{"interval":10}',
		'{"access_token":"x.y.z"}',
		'{"grant_type":"client_credentials","client_id":"maker","client_secret":""}',
		'{"grant_type":"client_signature","client_id":"maker","timestamp":"x","signature":"y"}',
		'{"grant_type":"refresh_token","refresh_token":"1.2.3"}',
		'{"__proto__":{"a":1}}',
		'{"a":{"a":{"a":{}}}}',
		'{"a":1,"a":2}',
	]);
	const text = `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${params}}`;
	switch (below(8)) {
		case 0:
			return text.slice(0, below(text.length));
		case 1: {
			const bytes = Buffer.from(text);
			bytes[below(bytes.length)] = below(128);
			return bytes.toString("latin1");
		}
		case 2:
			return Buffer.from(text);
		case 3:
			return pick(["", "[]", "null", "[".repeat(1_000), '{"id":1}', '"x"', "\u0000", `[${text}]`, "9".repeat(400)]);
		default:
			return text;
	}
}

describe("the relay with hostile clients: a well-behaved bot loses no frame", () => {
	it("a bot gets every reply and notification while hostile clients send 10 000 frames", async () => {
		const { taker, bot, ws, keeper, venue, events } = await start();
		const random = seeded(20_261_129);
		const channel = "user.orders.BTC-PERPETUAL.raw";
		await taker.ask("private/subscribe", { channels: [channel] });
		let clients: BotClient[] = [];
		let placed = 0;
		for (let frame = 0; frame < 10_000; frame += 1) {
			if (clients.length < 8) {
				clients.push(random() < 0.5 ? await BotClient.open(ws) : await bot("maker"));
			}
			const client = clients[frame % clients.length];
			client?.send(badFrame(random));
			if (random() < 0.002) client?.socket.terminate();
			clients = clients.filter(({ socket }) => socket.readyState === socket.OPEN);
			if (frame % 250 === 0) {
				const reply = await taker.ask("private/buy", { ...restingOrder, label: `taker-${placed}` });
				expect(reply["result"]).toMatchObject({ order: { label: `taker-${placed}` } });
				placed += 1;
			}
		}
		for (const { socket } of clients) socket.terminate();
		expect((await taker.ask("public/test"))["result"]).toBeDefined();
		const seen = taker.frames.flatMap(
			(text) =>
				/"label":"taker-(\d+)".*"subscription"|"subscription".*"label":"taker-(\d+)"/.exec(text)?.slice(1) ?? [],
		);
		expect(seen.filter((each) => each !== undefined).map(Number)).toEqual(
			Array.from({ length: placed }, (_, index) => index),
		);
		expect(keeper.isArmed("hedge")).toBe(true);
		expect(keeper.current("hedge").tally.losses).toBe(0);
		expect(venue.truth().connections).toMatchObject([{ armed: true, heartbeatSeconds: 10 }]);
		expect(events().some(({ detail }) => detail.includes("failed to handle"))).toBe(false);
	}, 60_000);

	it("a bot gets every reply while another bot floods, and the session answers the venue's test_request in time", async () => {
		// The venue sends its test_request as often as possible.
		const { taker, bot, keeper } = await start({ venue: { heartbeatSecondMs: 50, graceMs: 500 } });
		const maker = await bot("maker");
		const flood = '{"jsonrpc":"2.0","id":1,"method":"private/get_positions","params":{}}';
		let isFlooding = true;
		const flooding = (async () => {
			while (isFlooding) {
				// These are far more frames than the relay handles in one turn of the event loop. They are few enough not to block the simulated
				// venue, which runs in the same event loop.
				for (let frame = 0; frame < 500; frame += 1) maker.send(flood);
				await new Promise((resolve) => setImmediate(resolve));
			}
		})();
		for (let call = 0; call < 40; call += 1) {
			const { result, error } = await taker.ask("private/buy", restingOrder);
			expect(error).toBeUndefined();
			expect(result).toBeDefined();
			await tick(50);
		}
		isFlooding = false;
		maker.socket.terminate();
		await flooding;
		expect(keeper.current("hedge").tally.losses).toBe(0);
	}, 60_000);
});

describe("the relay with hostile clients: a client is cut off", () => {
	it("a bot that does not read is cut off, and its orders are cancelled", async () => {
		const { bot, openOrders, relay, taker, events } = await start();
		const maker = await bot("maker");
		await maker.ask("private/buy", restingOrder);
		const channel = "user.orders.BTC-PERPETUAL.raw";
		await maker.ask("private/subscribe", { channels: [channel] });
		maker.socket.pause();
		const label = "x".repeat(20_000);
		while (!events().some(({ event }) => event === "cut-off")) {
			for (let order = 0; order < 50; order += 1) await taker.ask("private/buy", { ...restingOrder, label });
		}
		await until(() => openOrders().every((order) => JSON.stringify(order).includes(label)));
		expect(relay.report(0).counts).toContainEqual({
			labels: { what: "cut-off", session: "hedge", bot: "maker", reason: "slow" },
			count: 1,
		});
	}, 60_000);

	it("a bot that sends a frame above 64 kB is cut off, and can connect again", async () => {
		const { bot } = await start();
		const maker = await bot("maker");
		maker.send("x".repeat(70_000));
		expect((await maker.closed).code).toBe(1009);
		expect((await (await bot("maker")).ask("public/test"))["result"]).toBeDefined();
	});

	it("a client that sends HTTP requests without waiting for the answers is cut off", async () => {
		const { ws, taker, keeper } = await start();
		const { port } = new URL(ws);
		const request = `GET /deribit/hedge/api/v2/private/get_positions HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;
		const ends: Promise<void>[] = [];
		for (let client = 0; client < 30; client += 1) {
			const socket = connectTcp(Number(port), "127.0.0.1");
			socket.on("error", () => undefined).on("data", () => undefined);
			socket.write(request.repeat(2_000));
			ends.push(new Promise((resolve) => socket.once("close", () => resolve())));
		}
		const startedAt = performance.now();
		expect((await taker.ask("private/buy", restingOrder))["result"]).toBeDefined();
		expect(performance.now() - startedAt).toBeLessThan(2_000);
		await Promise.all(ends);
		expect(keeper.current("hedge").tally.losses).toBe(0);
	});

	it("400 clients that never finish their handshake neither delay a bot nor keep another bot from connecting", async () => {
		const { ws, bot, taker } = await start();
		const sockets = Array.from({ length: 400 }, () => connectTcp(Number(new URL(ws).port), "127.0.0.1"));
		for (const socket of sockets)
			socket.on("error", () => undefined).write("GET /deribit/hedge/ws/api/v2 HTTP/1.1\r\nHost: ");
		expect((await taker.ask("public/test"))["result"]).toBeDefined();
		expect((await (await bot("maker")).ask("public/test"))["result"]).toBeDefined();
		for (const socket of sockets) socket.destroy();
	});

	it("the relay cuts off the oldest client without a login, but no bot, when there are too many connections", async () => {
		const { ws, bot, taker } = await start();
		const strangers: BotClient[] = [];
		for (let client = 0; client < 32; client += 1) strangers.push(await BotClient.open(ws));
		const maker = await bot("maker");
		expect(await strangers[0]?.closed).toMatchObject({ code: 1013 });
		for (const each of [maker, taker]) expect((await each.ask("public/test"))["result"]).toBeDefined();
		for (const { socket } of strangers) socket.terminate();
	});
});
