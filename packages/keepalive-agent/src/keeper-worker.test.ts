import { readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { botToken } from "./relay/testing/bot-client.ts";
import { call, startRun, until } from "./testing/agent-process.ts";
import { secrets, serveVenues } from "./testing/serve-venues.ts";

/** Starts a proxy to a server on 127.0.0.1. The proxy can list the connections that are open. */
async function startNetwork(target: string) {
	const open = new Set<Socket>();
	const server = createServer((client) => {
		const upstream = connect(Number(target), "127.0.0.1");
		open.add(client);
		client.once("close", () => open.delete(client));
		for (const [from, to] of [
			[client, upstream],
			[upstream, client],
		] as const) {
			from.on("error", () => undefined).on("close", () => to.destroy());
			from.pipe(to);
		}
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	onTestFinished(() => {
		for (const socket of open) socket.destroy();
		server.close();
	});
	// The cast is safe: a server that listens on a TCP port has an address of this type.
	return { port: (server.address() as AddressInfo).port, open };
}

/** An HTTP client of Node.js closes an idle connection to a server of Node.js after 4 s. */
const idleMs = 4_000;

it("a stopped session closes its connections to the gateway, including those for bots, and the agent keeps running", async () => {
	const served = await serveVenues();
	onTestFinished(() => served.close());
	const relay = `relay: { port: 0, bots: { maker: { token: "env:MAKER_TOKEN" } } }\n`;
	const file = served.configure(["deribit", "ibkr"], relay);
	const text = readFileSync(file, "utf8");
	const [, port = ""] = /https:\/\/127\.0\.0\.1:(\d+)/.exec(text) ?? [];
	const network = await startNetwork(port);
	writeFileSync(file, text.replace(port, String(network.port)));
	const agent = await startRun(file, { ...secrets, MAKER_TOKEN: botToken("maker") });
	onTestFinished(() => void agent.kill("SIGKILL"));
	await until(agent.url, "/readyz", 200);
	const { url } = JSON.parse((await call(agent.url, "/v1/sessions/broker")).text).relay;
	const headers = { authorization: `Bearer ${botToken("maker")}` };
	expect((await fetch(`${url}/portfolio/accounts`, { headers })).status).toBe(200);
	expect(network.open.size).toBeGreaterThan(1);
	const usedAt = performance.now();
	expect((await call(agent.url, "/v1/stop", { body: { orders: "keep", session: "broker" } })).status).toBe(200);
	while (network.open.size > 0) await new Promise((resolve) => setTimeout(resolve, 10));
	expect(performance.now() - usedAt).toBeLessThan(idleMs);
	expect((await call(agent.url, "/livez")).status).toBe(200);
});
