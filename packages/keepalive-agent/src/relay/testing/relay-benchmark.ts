/**
 * Measures what the relay costs on this machine. The venue, the agent and a bare proxy run in processes of their own.
 *
 *   node relay-benchmark.ts [--orders 2000] [--warmUp 200] [--clients 50] [--perSecond 1000] [--seconds 60]
 *
 * 1. The round trip of an order in three ways, in turn: directly, over a proxy that only passes frames on, and over the relay; and the
 *    ratios of these times. Before that, `warmUp` orders in each way are sent and not measured. With 200, an agent that has just started is
 *    measured. With 15 000, an agent that has run for a while is measured, because V8 has then compiled the code of all processes.
 * 2. Messages of many clients at a constant rate: no message may be lost or out of order, and the memory of the agent must not grow.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { call, startRun, until } from "../../testing/agent-process.ts";
import { secrets } from "../../testing/serve-venues.ts";
import { BotClient, botToken, restingOrder } from "./bot-client.ts";

const { values } = parseArgs({
	options: {
		orders: { type: "string", default: "2000" },
		warmUp: { type: "string", default: "200" },
		clients: { type: "string", default: "50" },
		perSecond: { type: "string", default: "1000" },
		seconds: { type: "string", default: "60" },
	},
});

const percentile = (sorted: readonly number[], share: number): number =>
	sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
const round = (value: number): number => Math.round(value * 1_000) / 1_000;

/**
 * Measures the milliseconds from an order to its reply, one call at a time. All calls edit the same order, so that the book stays small.
 */
async function roundTrips(bot: BotClient, count: number): Promise<number[]> {
	// The cast is safe: the simulator's reply to an order has these members.
	const { result } = (await bot.ask("private/buy", restingOrder)) as { result: { order: { order_id: string } } };
	const { order_id } = result.order;
	const took: number[] = [];
	for (let order = 0; order < count; order += 1) {
		bot.frames.length = 0;
		const startedAt = performance.now();
		bot.send(
			`{"jsonrpc":"2.0","id":1,"method":"private/edit","params":{"order_id":"${order_id}","amount":10,"price":${1_000 + (order % 100)}}}`,
		);
		await bot.frame(() => true);
		took.push(performance.now() - startedAt);
	}
	await bot.ask("private/cancel", { order_id });
	return took;
}

/** Sends messages at a constant rate, and counts replies that are out of order, missing or errors. */
async function load(bots: readonly BotClient[], perSecond: number, seconds: number) {
	const sent = bots.map(() => 0);
	const next = bots.map(() => 0);
	let [outOfOrder, failed] = [0, 0];
	for (const [index, { socket, frames }] of bots.entries()) {
		frames.length = 0;
		socket.removeAllListeners("message");
		socket.on("message", (data) => {
			const text = String(data);
			if (text.includes('"error"')) failed += 1;
			if (!text.includes(`"id":${next[index]},`)) outOfOrder += 1;
			next[index] = (next[index] ?? 0) + 1;
		});
	}
	const startedAt = performance.now();
	for (let total = 0; total < perSecond * seconds; ) {
		const due = Math.min(perSecond * seconds, ((performance.now() - startedAt) / 1_000) * perSecond);
		for (; total < due; total += 1) {
			const index = total % bots.length;
			bots[index]?.send(
				`{"jsonrpc":"2.0","id":${sent[index]},"method":"private/cancel_by_label","params":{"label":"x"}}`,
			);
			sent[index] = (sent[index] ?? 0) + 1;
		}
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
	await new Promise((resolve) => setTimeout(resolve, 1_000));
	const lost = sent.reduce((sum, each, index) => sum + each - (next[index] ?? 0), 0);
	return { messages: sent.reduce((sum, each) => sum + each, 0), lost, outOfOrder, failed };
}

const memoryMb = (pid: number): number =>
	Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1_024;

const folder = mkdtempSync(join(tmpdir(), "relay-bench-"));
const venue = spawn(process.execPath, [join(import.meta.dirname, "bench-venue.ts")], {
	stdio: ["ignore", "pipe", "inherit"],
});
const firstLine = (child: typeof venue): Promise<string> =>
	new Promise((resolve) => child.stdout.once("data", (data) => resolve(String(data).trim())));
const direct = await firstLine(venue);
const proxy = spawn(process.execPath, [join(import.meta.dirname, "bench-proxy.ts"), direct], {
	stdio: ["ignore", "pipe", "inherit"],
});
const bare = await firstLine(proxy);
const bots = Array.from({ length: Number(values.clients) }, (_, index) => `bot-${index}`);
const lines = bots.map((name) => `    ${name}: { token: "env:TOKEN_${name.replace("-", "_")}" }`);
const file = join(folder, "keepalive.yaml");
writeFileSync(
	file,
	`ordersOnStop: keep\nhistory: false\nhttp: { port: 0, token: "env:KEEPALIVE_TOKEN" }\nrelay:\n  port: 0\n  orderRate: { perSecond: 100000, burst: 100000 }\n  bots:\n${lines.join("\n")}\nsessions:\n  hedge:\n    venue: deribit\n    client:\n      url: ${direct}\n      credentials: { clientId: "env:DERIBIT_CLIENT_ID", clientSecret: "env:DERIBIT_CLIENT_SECRET" }\n`,
);
const tokens = bots.map((name) => [`TOKEN_${name.replace("-", "_")}`, botToken(name)]);
const agent = await startRun(file, { ...secrets, ...Object.fromEntries(tokens) });
// If the reader of the output ends early, as `head` does, this program must not leave its processes running.
process.stdout.on("error", () => process.exit(1));
process.on("exit", () => {
	for (const child of [venue, proxy, agent]) child.kill("SIGKILL");
	rmSync(folder, { recursive: true, force: true });
});
await until(agent.url, "/readyz", 200);
const { url } = JSON.parse((await call(agent.url, "/v1/sessions/hedge")).text).relay;
const { DERIBIT_CLIENT_ID, DERIBIT_CLIENT_SECRET } = secrets;
const plain = await (await BotClient.open(direct)).login(DERIBIT_CLIENT_ID, DERIBIT_CLIENT_SECRET);
const relayed = await (await BotClient.open(url)).login("bot-0");
const proxied = await (await BotClient.open(bare)).login(DERIBIT_CLIENT_ID, DERIBIT_CLIENT_SECRET);
const took = { direct: [] as number[], proxy: [] as number[], relay: [] as number[] };
const blocks = 20;
for (const bot of [plain, proxied, relayed]) await roundTrips(bot, Number(values.warmUp));
for (let block = 0; block < blocks; block += 1) {
	took.direct.push(...(await roundTrips(plain, Number(values.orders) / blocks)));
	took.proxy.push(...(await roundTrips(proxied, Number(values.orders) / blocks)));
	took.relay.push(...(await roundTrips(relayed, Number(values.orders) / blocks)));
}
for (const each of Object.values(took)) each.sort((a, b) => a - b);
// The lowest percentile shows the time of the work itself, even if other programs slow this machine down.
for (const share of [0.1, 0.5, 0.99]) {
	const [quick, bareMs, slow] = [took.direct, took.proxy, took.relay].map((each) => percentile(each, share));
	if (quick === undefined || bareMs === undefined || slow === undefined) continue;
	console.log(
		`order round trip p${share * 100}: direct ${round(quick)} ms, bare proxy ${round(bareMs)} ms (ratio ${round(bareMs / quick)}), relay ${round(slow)} ms (ratio ${round(slow / quick)}, to the proxy ${round(slow / bareMs)})`,
	);
}
const clients: BotClient[] = [];
for (const name of bots) clients.push(await (await BotClient.open(url)).login(name));
// The load runs in four parts, and the memory is measured after each, so that memory that keeps growing is noticed.
const memory = [memoryMb(agent.pid)];
const seconds = Number(values.seconds) / 4;
for (let quarter = 0; quarter < 4; quarter += 1) {
	const loaded = await load(clients, Number(values.perSecond), seconds);
	memory.push(memoryMb(agent.pid));
	console.log(`${bots.length} clients, ${values.perSecond} messages a second, ${seconds} s: ${JSON.stringify(loaded)}`);
}
const state = JSON.parse((await call(agent.url, "/v1/sessions/hedge")).text);
console.log(`memory of the agent: ${memory.map(Math.round).join(", ")} MB; losses ${state.tally.losses}`);
process.exit();
