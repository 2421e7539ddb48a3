import { expect, it, onTestFinished } from "vitest";
import { call, startRun, until } from "../../testing/agent-process.ts";
import { secrets, serveVenues } from "../../testing/serve-venues.ts";
import { botToken } from "../testing/bot-client.ts";

it("a path's rate limit of 15 minutes survives a restart of the session thread, a restart of the agent, and a kill of the agent", async () => {
	const served = await serveVenues();
	onTestFinished(() => served.close());
	const file = served.configure(["ibkr"], `relay: { port: 0, bots: { maker: { token: "env:MAKER_TOKEN" } } }\n`);
	const start = async () => {
		const agent = await startRun(file, { ...secrets, MAKER_TOKEN: botToken("maker") });
		onTestFinished(() => void agent.kill("SIGKILL"));
		await until(agent.url, "/readyz", 200);
		/** Returns whether the bot's call was refused with 429, and whether the venue received it. */
		const ask = async (path: string) => {
			const { url } = JSON.parse((await call(agent.url, "/v1/sessions/broker")).text).relay;
			const isMeant = (each: { readonly path: string }) => each.path === `/v1/api${path}`;
			const before = served.ibkr.received.filter(isMeant).length;
			const headers = { authorization: `Bearer ${botToken("maker")}`, "content-type": "application/json" };
			const { status, headers: answered } = await fetch(`${url}${path}`, { method: "POST", headers, body: "{}" });
			// The header `retry-after` tells the bot when it may call again.
			if (status === 429) expect(Number(answered.get("retry-after"))).toBeGreaterThan(600);
			return [status === 429, served.ibkr.received.filter(isMeant).length > before];
		};
		return { ...agent, ask };
	};
	const [sent, refused] = [
		[false, true],
		[true, false],
	];
	const first = await start();
	expect(await first.ask("/pa/performance")).toEqual(sent);
	expect(await first.ask("/pa/performance")).toEqual(refused);
	first.harm("kill-worker");
	await until(first.url, "/readyz", 503);
	await until(first.url, "/readyz", 200);
	expect(await first.ask("/pa/performance")).toEqual(refused);
	first.kill("SIGTERM");
	await first.ended;
	const second = await start();
	expect(await second.ask("/pa/performance")).toEqual(refused);
	expect(await second.ask("/pa/summary")).toEqual(sent);
	second.kill("SIGKILL");
	await second.ended;
	const third = await start();
	expect(await third.ask("/pa/transactions")).toEqual(refused);
}, 60_000);
