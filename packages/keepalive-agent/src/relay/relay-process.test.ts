import { afterEach, expect, it } from "vitest";
import { startRun, until } from "../testing/running-agent.ts";
import { secrets, serveVenues } from "../testing/venues.ts";
import { BotClient, botToken, restingOrder } from "./testing/bot-client.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

const relay = `relay:\n  port: 0\n  bots:\n    maker: { token: "env:MAKER_TOKEN" }\n`;

it("the agent relays bots, and the venue cancels their orders when it is killed", async () => {
	const served = await serveVenues();
	closers.push(() => served.close());
	const environment = { ...secrets, MAKER_TOKEN: botToken("maker") };
	const agent = await startRun(served.configure(["deribit"], relay), environment);
	closers.push(() => agent.kill("SIGKILL"));
	await until(agent.url, "/readyz", 200);
	const [, url = ""] = /relaying bots at (ws:[^"]+)/.exec(agent.output()) ?? [];
	const bot = await (await BotClient.open(url)).login();
	const { result } = await bot.ask("private/buy", restingOrder);
	expect(result).toMatchObject({ order: { order_state: "open" } });
	agent.kill("SIGKILL");
	while (served.deribit.truth().openOrders > 0) await new Promise((resolve) => setTimeout(resolve, 5));
	expect((await bot.closed).code).toBe(1006);
	const [order] = served.deribit.orders();
	expect(order).toMatchObject({ cancelReason: "cancel_on_disconnect" });
});
