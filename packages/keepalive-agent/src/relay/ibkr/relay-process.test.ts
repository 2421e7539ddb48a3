import { request } from "node:http";
import { afterEach, expect, it } from "vitest";
import { call, startRun, until } from "../../testing/agent-process.ts";
import { planted, secrets, serveVenues } from "../../testing/serve-venues.ts";
import { botToken } from "../testing/bot-client.ts";
import { limitOrder } from "../testing/start-ibkr-relay.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

const relay = `relay:\n  port: 0\n  bots:\n    maker: { token: "env:MAKER_TOKEN" }\n`;

function ask(url: string, method: string, path: string, body?: unknown): Promise<{ status: number; text: string }> {
	const login = `Basic ${Buffer.from(`maker:${botToken("maker")}`).toString("base64")}`;
	const headers = { authorization: login, "content-type": "application/json" };
	return new Promise((resolve, reject) => {
		const sent = request(`${url}${path}`, { method, headers }, (response) => {
			let text = "";
			response.setEncoding("utf8").on("data", (chunk: string) => {
				text += chunk;
			});
			response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
		});
		sent.on("error", reject);
		sent.end(body === undefined ? undefined : JSON.stringify(body));
	});
}

it("an agent passes a bot's calls on to its gateway, shows the bot in API, log and metrics, and reveals no secret", async () => {
	const served = await serveVenues({ ibkr: { accounts: ["DU1"] } });
	closers.push(() => served.close());
	const agent = await startRun(served.configure(["ibkr"], relay), { ...secrets, MAKER_TOKEN: botToken("maker") });
	closers.push(() => agent.kill("SIGKILL"));
	await until(agent.url, "/readyz", 200);
	const view = JSON.parse((await call(agent.url, "/v1/sessions/broker")).text).relay;
	expect(view).toEqual({
		url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/ibkr\/broker\/v1\/api$/),
		bots: [
			{ name: "maker", connections: 0 },
			{ name: "anonymous", connections: 0 },
		],
	});
	const placed = await ask(view.url, "POST", "/iserver/account/DU1/orders", limitOrder);
	expect(placed).toMatchObject({ status: 200, text: expect.stringContaining("Submitted") });
	const tickle = await ask(view.url, "POST", "/tickle");
	expect(JSON.parse(tickle.text)).toMatchObject({ iserver: { authStatus: { authenticated: true } } });
	const logout = await ask(view.url, "POST", "/logout");
	expect(logout.status).toBe(403);
	expect(served.ibkr.truth()).toMatchObject({ brokerage: "live", openOrders: 1 });
	const metrics = async () => (await call(agent.url, "/metrics")).text;
	const counted = 'keepalive_relay_refusals_total{session="broker",bot="maker",reason="not-allowed"} 1';
	while (!(await metrics()).includes(counted)) await new Promise((resolve) => setTimeout(resolve, 50));
	expect(await metrics()).toContain('keepalive_relay_calls_total{session="broker",bot="maker"} 1');
	expect(agent.output()).toContain(`relaying bots at ${view.url}`);
	for (const text of [agent.output(), await metrics(), placed.text, tickle.text, logout.text]) {
		expect(text).not.toMatch(planted);
		expect(text).not.toContain(botToken("maker"));
	}
}, 30_000);
