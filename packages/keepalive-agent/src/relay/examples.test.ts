import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { call, startRun, until } from "../testing/agent-process.ts";
import { secrets, serveVenues } from "../testing/serve-venues.ts";
import { botToken } from "./testing/bot-client.ts";

const examples = join(import.meta.dirname, "../../../../examples");
const hasPython = spawnSync("python3", ["--version"]).status === 0;

const closers: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

const sections = `strategies:
  market-maker: { sessions: [hedge], toleranceMs: 5000 }
relay:
  port: 0
  bots:
    market-maker: { token: "env:BOT_TOKEN" }
`;

/** Runs a program beside an agent, and gives the program the URL of the relay. `onOutput` is called with all output so far. */
async function runBeside(command: string, file: string, onOutput?: (text: string, child: ChildProcess) => void) {
	const served = await serveVenues();
	closers.push(() => served.close());
	const environment = { ...secrets, BOT_TOKEN: botToken("maker") };
	const agent = await startRun(served.configure(["deribit"], sections), environment);
	closers.push(() => agent.kill("SIGKILL"));
	await until(agent.url, "/livez", 200);
	const { url } = JSON.parse((await call(agent.url, "/v1/sessions/hedge")).text).relay;
	const relay = file.endsWith(".py") ? url.replace(/^ws/, "http").replace("/ws/api", "/api") : url;
	const env = {
		...process.env,
		...environment,
		KEEPALIVE_URL: agent.url,
		RELAY_URL: relay,
		SESSION: "hedge",
		PYTHONUNBUFFERED: "1",
	};
	const child = spawn(command, [join(examples, file)], { env, timeout: 30_000 });
	let output = "";
	for (const stream of [child.stdout, child.stderr]) {
		stream.on("data", (data) => {
			output += String(data);
			onOutput?.(output, child);
		});
	}
	const code = await new Promise((resolve) => child.once("close", resolve));
	return { code, output, venue: served.deribit };
}

describe("the example of a bot that sends its orders through the relay", () => {
	it.runIf(hasPython)("the example of a bot runs in Python without dependencies", async () => {
		const { code, output, venue } = await runBeside("python3", "relayed_bot.py");
		expect(output).toMatch(/^placed: \S+\ncancelled: 1\n$/m);
		expect(code).toBe(0);
		expect(venue.received.filter(({ via, method }) => via === "http" || method === "public/auth")).toHaveLength(1);
	});

	it("the example of a bot runs in JavaScript without dependencies", async () => {
		const { code, output, venue } = await runBeside(process.execPath, "relayed-bot.mjs");
		expect(output).toMatch(/^placed: \S+ open\ncancelled: cancelled\n$/);
		expect(code).toBe(0);
		expect(venue.truth().openOrders).toBe(0);
	});

	it.each([
		["relayed-bot.mjs", "SIGINT"],
		["relayed-bot.mjs", "SIGTERM"],
		["relayed_bot.py", "SIGINT"],
		["relayed_bot.py", "SIGTERM"],
	] as const)("%s exits with 0 after %s, and its order is cancelled", async (file, signal) => {
		if (file.endsWith(".py") && !hasPython) return;
		const command = file.endsWith(".py") ? "python3" : process.execPath;
		let isSignalled = false;
		const { code, output, venue } = await runBeside(command, file, (text, child) => {
			if (!isSignalled && text.includes("placed:")) isSignalled = child.kill(signal);
		});
		expect(output).toMatch(/^placed:[\s\S]*(cancels the orders|cancelled: )/m);
		expect(code).toBe(0);
		await vi.waitFor(() => expect(venue.truth().openOrders).toBe(0), 10_000);
	});
});
