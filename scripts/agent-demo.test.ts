import { spawn } from "node:child_process";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { repository, run } from "./testing/run-command.ts";

it("npm run agent:demo opens a session at each venue, for each way to log in, and ends at SIGTERM", async () => {
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
	// Runs a command as in a second terminal, which has none of the environment variables of the demo.
	const file = / -c (\S+)$/m.exec(output)?.[1] ?? "";
	const program = join(repository, "packages/keepalive-agent/bin/keepalive.js");
	for (const command of ["status", "check"]) {
		const { code, stderr } = await run("node", [program, command, "-c", file], { timeoutMs: 60_000 });
		expect([command, code, stderr.replaceAll(/^\S+: .*\n/gm, "")]).toEqual([command, 0, ""]);
	}
	demo.kill("SIGTERM");
	expect(await ended).toBe(0);
});

it("npm run agent:demo exits with 2 and prints no address when its port is in use", async () => {
	const other = createServer();
	await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
	// The cast is safe: a server that listens on TCP has an address of this type.
	const { port } = other.address() as AddressInfo;
	const args = [join(repository, "scripts/agent-demo.ts"), "--port", `${port}`];
	const { code, stdout, stderr } = await run("node", args, { timeoutMs: 60_000 });
	other.close();
	expect([code, stdout]).toEqual([2, ""]);
	expect(stderr).toBe(
		`The agent cannot listen on port ${port}: EADDRINUSE. Choose another --port, or leave --port out to use a free port.\n`,
	);
});
