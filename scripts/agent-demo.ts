/**
 * Starts the simulators and a keepalive agent with a session at each simulator, prints the agent's address, and runs until interrupted.
 *
 *   node agent-demo.ts [--port N]      the port of the agent; default: a free one
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { serveVenues } from "@x/venue-sims";
import { repository } from "./testing/run-command.ts";
import { freePort, writeAgentConfig } from "./write-agent-config.ts";

const { values } = parseArgs({ options: { port: { type: "string" } } });
const wanted = Number(values.port ?? 0);
const port = await freePort(wanted).catch((error: NodeJS.ErrnoException) => {
	process.stderr.write(
		`The agent cannot listen on port ${values.port}: ${error.code}. Choose another --port, or leave --port out to use a free port.\n`,
	);
	process.exit(2);
});
const sims = await serveVenues();
const { addresses } = sims;
const folder = mkdtempSync(join(tmpdir(), "agent-demo-"));
const file = writeAgentConfig(addresses, folder, port);
const program = join(repository, "packages/keepalive-agent/bin/keepalive.js");
const agent = spawn(process.execPath, [program, "run", "-c", file], {
	stdio: ["ignore", "inherit", "inherit"],
});
// Passes signals on to the agent, because a supervisor sends its signal only to this process. A terminal sends Ctrl-C to this process and
// to the agent, so the agent gets the signal twice. The agent counts two signals at the same time as one.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => agent.kill(signal));
agent.on("close", async (code) => {
	await sims.close();
	rmSync(folder, { recursive: true, force: true });
	process.exit(code ?? 1);
});

const url = `http://127.0.0.1:${port}`;
while (!(await fetch(`${url}/livez`).catch(() => undefined))?.ok) await sleep(50);
process.stderr.write(`
The agent's page is at ${url}/ (and its API at /v1/sessions, /v1/events, /readyz and /metrics).

  npx keepalive status --watch -c ${file}
  npx keepalive check -c ${file}
  npx keepalive stop --orders cancel -c ${file}
  curl -X POST ${addresses.control}/deribit/drop      # pulls a plug

Ctrl-C ends the agent and the simulators.

`);
