import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { repository } from "./testing/run.ts";

it("npm run agent:demo arms a session at each venue, by each way to log in, and ends at SIGTERM", async () => {
	const demo = spawn(process.execPath, [join(repository, "scripts/agent-demo.ts")], {
		stdio: ["ignore", "pipe", "pipe"],
		timeout: 100_000,
		killSignal: "SIGKILL",
	});
	let output = "";
	for (const stream of [demo.stdout, demo.stderr]) stream.on("data", (chunk) => (output += chunk));
	const ended = new Promise((resolve) => demo.on("close", resolve));
	let url: string | undefined;
	while (!url) {
		await sleep(100);
		url = /The agent's page is at (http:\S+)\/ /.exec(output)?.[1];
	}
	while ((await fetch(`${url}/readyz`)).status !== 200) await sleep(200);
	const { sessions } = (await (await fetch(`${url}/v1/sessions`)).json()) as {
		sessions: { name: string; armed: boolean }[];
	};
	expect(sessions.map(({ name, armed }) => `${name}: ${armed}`)).toEqual([
		"hedge: true",
		"maker: true",
		"broker: false",
		"broker-oauth1: false",
		"broker-oauth2: false",
	]);
	demo.kill("SIGTERM");
	expect(await ended).toBe(0);
});
