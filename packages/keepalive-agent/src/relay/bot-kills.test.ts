import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { call, startRun, until } from "../testing/agent-process.ts";
import { secrets, serveVenues } from "../testing/serve-venues.ts";
import { BotClient, botToken, restingOrder } from "./testing/bot-client.ts";

/** How many bots the tests kill, and also how many agents. `RELAY_KILLS=100` kills 100 of each. */
const kills = Number(process.env["RELAY_KILLS"] ?? 20);
/**
 * The documented deadline, in milliseconds, for cancelling a bot's orders. When the agent is killed, the venue cancels at once, but a busy
 * machine may need some time.
 */
const statedMs = 5_000;

const closers: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

const relay = `relay:
  port: 0
  orderRate: { perSecond: 10000, burst: 10000 }
  bots:
    maker: { token: "env:MAKER_TOKEN" }
    other: { token: "env:OTHER_TOKEN" }
`;
const environment = { ...secrets, MAKER_TOKEN: botToken("maker"), OTHER_TOKEN: botToken("other") };

/** Returns how many milliseconds to wait before each kill. The values are random, but the same in every run. */
function instants(seed: number): number[] {
	let state = seed;
	return Array.from({ length: kills }, () => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return 20 + (state / 2 ** 32) * 180;
	});
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function start(file: string) {
	const agent = await startRun(file, environment);
	closers.push(() => agent.kill("SIGKILL"));
	await until(agent.url, "/readyz", 200);
	const { url } = JSON.parse((await call(agent.url, "/v1/sessions/hedge")).text).relay;
	return { agent, url };
}

/**
 * Starts a bot in a process of its own that places and cancels orders as fast as it can. Resolves once the bot has begun to place orders.
 */
async function startBot(url: string) {
	const program = join(import.meta.dirname, "testing/order-placing-bot.ts");
	const child = spawn(process.execPath, [program, url], { stdio: ["ignore", "pipe", "ignore"], timeout: 120_000 });
	closers.push(() => child.kill("SIGKILL"));
	await new Promise((resolve) => child.stdout.once("data", resolve));
	return child;
}

it(`the orders of each of ${kills} killed bots are cancelled within the stated time, and another bot's orders stay open`, async () => {
	const served = await serveVenues();
	closers.push(() => served.close());
	const { deribit } = served;
	const { agent, url } = await start(served.configure(["deribit"], relay));
	const other = await (await BotClient.open(url)).login("other");
	await other.ask("private/buy", restingOrder);
	for (const ms of instants(1)) {
		const bot = await startBot(url);
		await wait(ms);
		bot.kill("SIGKILL");
		const killedAt = performance.now();
		await new Promise((resolve) => bot.once("exit", resolve));
		// Orders that the bot had sent before it died may still arrive at the venue, so the orders have to be gone for ten checks in a row.
		let quiet = 0;
		while (quiet < 10) {
			quiet = deribit.truth().openOrders === 1 ? quiet + 1 : 0;
			expect(performance.now() - killedAt).toBeLessThan(statedMs);
			await wait(5);
		}
	}
	const { tally } = JSON.parse((await call(agent.url, "/v1/sessions/hedge")).text);
	expect(tally.losses).toBe(0);
}, 600_000);

it(`the venue cancels all orders at once when the agent is killed, at each of ${kills} random moments`, async () => {
	const served = await serveVenues();
	closers.push(() => served.close());
	const { deribit } = served;
	for (const [index, ms] of instants(2).entries()) {
		// Each agent has a state file of its own. With the state file of a killed agent, the next agent would wait before it opens the session.
		const file = served.configure(["deribit"], `${relay}state: { file: state-${index}.json }\n`);
		const { agent, url } = await start(file);
		const bot = await startBot(url);
		await wait(ms);
		agent.kill("SIGKILL");
		const killedAt = performance.now();
		await agent.ended;
		while (deribit.truth().openOrders > 0) {
			expect(performance.now() - killedAt).toBeLessThan(statedMs);
			await wait(5);
		}
		bot.kill("SIGKILL");
	}
}, 600_000);
