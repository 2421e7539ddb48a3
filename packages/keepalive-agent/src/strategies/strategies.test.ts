import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { loadConfig } from "../config/load-config.ts";
import { call, startRun, until } from "../testing/agent-process.ts";
import { secrets, serveVenues } from "../testing/serve-venues.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Starts an agent with a session at Bybit that guards the orders of a bot. */
async function start(source = "") {
	const served = await serveVenues({ bybit: { windowSeconds: 3 } });
	closers.push(() => served.close());
	const strategies = `strategies:\n  bot:\n    sessions: [maker]\n    toleranceMs: 1500\n${source}`;
	const file = served.configure(["bybit"], strategies, "    windowSeconds: 3\n");
	const agent = await startRun(file);
	closers.push(() => agent.kill("SIGKILL"));
	const state = async () => JSON.parse((await call(agent.url, "/v1/sessions/maker")).text).status.state;
	const untilState = async (wanted: string): Promise<void> => {
		while ((await state()) !== wanted) await wait(50);
	};
	const pulse = () => call(agent.url, "/v1/strategies/bot/pulse", { body: {} });
	return { ...served, agent, state, untilState, pulse };
}

describe("a strategy that sends its pulses over HTTP", () => {
	it("a strategy's session is opened at the first pulse and closed when the pulses stop, after which Bybit cancels the orders", async () => {
		const { agent, bybit, untilState, pulse } = await start();
		await untilState("gated");
		const { text: notReady } = await call(agent.url, "/readyz");
		expect(notReady).toContain("gated: @x/keepalive: no health signal from bot since the start");
		expect(bybit.received.filter(({ kind }) => kind === "frame")).toEqual([]);
		const armed = () => call(agent.url, "/v1/sessions/maker/armed");
		expect((await armed()).status).toBe(409);
		expect(JSON.parse((await call(agent.url, "/v1/strategies/bot")).text)).toEqual({
			name: "bot",
			sessions: [{ name: "maker", state: "gated" }],
			pulse: "http",
			toleranceMs: 1_500,
			pulsing: false,
		});
		// The pulses repeat, because a busy machine may open the session so late that a single pulse is too old by then.
		const startPulsing = () => {
			const pulsing = setInterval(() => void pulse().catch(() => undefined), 200);
			closers.push(() => clearInterval(pulsing));
			return () => clearInterval(pulsing);
		};
		const stopPulsing = startPulsing();
		await until(agent.url, "/v1/sessions/maker/armed", 200);
		bybit.faults.place({ product: "DERIVATIVES" });
		// The wait is longer than the strategy's tolerance, so only the repeated pulses keep the session armed.
		await wait(2_000);
		expect((await armed()).status).toBe(200);
		expect(JSON.parse((await call(agent.url, "/v1/strategies")).text).strategies).toMatchObject([
			{ pulsing: true, sessions: [{ state: "alive", cancelWithinMs: expect.any(Number) }] },
		]);
		stopPulsing();
		await untilState("gated");
		while (bybit.orders().some((order) => order.state === "open")) await wait(50);
		expect((await armed()).status).toBe(409);
		startPulsing();
		await untilState("alive");
	});

	it("a pulse over HTTP is refused with a wrong token, an unknown strategy or a non-empty body, or if the strategy has a pulse file", async () => {
		const { agent } = await start();
		const status = async (path: string, init: Parameters<typeof call>[2]) => (await call(agent.url, path, init)).status;
		const headers = { authorization: "Bearer wrong" };
		expect(await status("/v1/strategies/bot/pulse", { body: {}, headers })).toBe(401);
		expect(await status("/v1/strategies/bat/pulse", { body: {} })).toBe(404);
		expect(await status("/v1/strategies/bot/pulse", { body: { a: 1 } })).toBe(400);
		expect(await status("/v1/strategies/bot/pulse", {})).toBe(405);
		expect(await status("/v1/strategies/bot/kick", { body: {} })).toBe(404);
		const byFile = await start("    pulseFile: pulse\n");
		expect((await byFile.pulse()).status).toBe(409);
	});
});

it("a strategy's session stays open as long as the strategy's pulse file keeps changing", async () => {
	const { folder, untilState } = await start("    pulseFile: pulse\n");
	await untilState("gated");
	const file = join(folder, "pulse");
	const pulsing = setInterval(() => writeFileSync(file, ""), 200);
	closers.push(() => clearInterval(pulsing));
	await untilState("alive");
	clearInterval(pulsing);
	await untilState("gated");
});

it.each([
	[
		"a session that does not exist",
		"bot: { sessions: [mikes], toleranceMs: 1500 }",
		"names mikes, which is not in sessions",
	],
	[
		"a session of another strategy",
		"bot: { sessions: [maker], toleranceMs: 1500 }\n  two: { sessions: [maker], toleranceMs: 1500 }",
		"names maker, which belongs to strategy bot already",
	],
	[
		"two sources of pulses",
		"bot: { sessions: [maker], toleranceMs: 1500, pulseFile: a, processIdFile: b }",
		"only one of",
	],
	["a tolerance below a second", "bot: { sessions: [maker], toleranceMs: 999 }", "1000"],
])("loadConfig refuses a configuration with %s", async (_, strategies, text) => {
	const served = await serveVenues();
	closers.push(() => served.close());
	const file = served.configure(["bybit"], `strategies:\n  ${strategies}\n`);
	expect(() => loadConfig(file, secrets)).toThrow(text);
});
