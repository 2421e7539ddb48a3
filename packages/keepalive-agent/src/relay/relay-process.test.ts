import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { call, spawnRun, startRun, until } from "../testing/agent-process.ts";
import { planted, secrets, serveVenues } from "../testing/serve-venues.ts";
import { BotClient, botToken, restingOrder } from "./testing/bot-client.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

const relay = `relay:\n  port: 0\n  bots:\n    maker: { token: "env:MAKER_TOKEN" }\n`;

async function start() {
	const served = await serveVenues();
	closers.push(() => served.close());
	const environment = { ...secrets, MAKER_TOKEN: botToken("maker") };
	const agent = await startRun(served.configure(["deribit"], relay), environment);
	closers.push(() => agent.kill("SIGKILL"));
	await until(agent.url, "/readyz", 200);
	const { url } = JSON.parse((await call(agent.url, "/v1/sessions/hedge")).text).relay;
	const connect = async () => (await BotClient.open(url)).login();
	return { ...served, agent, connect, openOrders: () => served.deribit.truth().openOrders };
}

const wait = () => new Promise((resolve) => setTimeout(resolve, 10));

it("the venue cancels the orders of a relayed bot when the agent is killed", async () => {
	const { agent, connect, deribit, openOrders } = await start();
	const bot = await connect();
	expect((await bot.ask("private/buy", restingOrder))["result"]).toMatchObject({ order: { order_state: "open" } });
	agent.kill("SIGKILL");
	while (openOrders() > 0) await wait();
	expect((await bot.closed).code).toBe(1006);
	expect(deribit.orders()).toMatchObject([{ cancelReason: "cancel_on_disconnect" }]);
});

it("a bot that disconnects without a logout is shown in status, metrics and history, and no secret of the venue is shown anywhere", async () => {
	const { agent, connect, openOrders } = await start();
	const bot = await connect();
	await bot.ask("private/buy", restingOrder);
	const bots = async () => JSON.parse((await call(agent.url, "/v1/sessions/hedge")).text).relay.bots;
	const isThere = [
		{ name: "maker", connections: 1, ordersOnDisconnect: "cancel", cancelWithinMs: 5_000 },
		{ name: "anonymous", connections: 0 },
	];
	while (JSON.stringify(await bots()) !== JSON.stringify(isThere)) await wait();
	bot.socket.terminate();
	while (openOrders() > 0) await wait();
	const history = async () => JSON.parse((await call(agent.url, "/v1/history?type=relay&session=hedge")).text).records;
	while ((await history()).length < 3) await wait();
	expect(await history()).toMatchObject(
		[
			{ type: "relay", session: "hedge", bot: "maker", event: "orders-cancelled", detail: /^1 orders, confirmed/ },
			{ event: "lost" },
			{ event: "connected" },
		].map((record) => ({ ...record, detail: expect.stringMatching(record.detail ?? /./) })),
	);
	const { text } = await call(agent.url, "/metrics");
	expect(text).toMatch(/^keepalive_relay_calls_total\{session="hedge",bot="maker"\} 1$/m);
	expect(text).toMatch(/^keepalive_relay_connections\{session="hedge",bot="maker"\} 0$/m);
	for (const each of [...bot.frames, agent.output(), text]) expect(each).not.toMatch(planted);
});

it("an agent whose relay port is in use says so and exits with 2", async () => {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	closers.push(() => server.close());
	// The cast is safe: a server that listens on a TCP port has an address of this type.
	const { port } = server.address() as AddressInfo;
	const served = await serveVenues();
	closers.push(() => served.close());
	const file = served.configure(["deribit"], relay.replace("port: 0", `port: ${port}`));
	const agent = spawnRun(file, { ...secrets, MAKER_TOKEN: botToken("maker") });
	await expect(agent.listening).rejects.toThrow(`relay cannot listen at 127.0.0.1, port ${port}: EADDRINUSE`);
	expect(await agent.ended).toBe(2);
});
