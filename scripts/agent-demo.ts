/**
 * Starts the simulators and a keepalive agent with a session at each of them, prints the agent's address, and runs until it is interrupted.
 *
 *   node agent-demo.ts [--port N]      the port of the agent; default: a free one
 */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { stringify } from "yaml";
import { type SimAddresses, startSims } from "./start-simulators.ts";

/** The agent's configuration, and the environment that has its secrets. */
function configure({ deribit, bybit, ibkr, ibkrOauth1, ibkrOauth2, credentials }: SimAddresses, port: number) {
	const env: Record<string, string> = {};
	/** Moves secrets into the environment; returns where the configuration finds them. */
	const secret = (prefix: string, secrets: object): Record<string, string> => {
		const named = Object.entries(secrets).map(
			([name, value]) => [name, `${prefix}_${name}`.toUpperCase(), value] as const,
		);
		for (const [, variable, value] of named) env[variable] = value;
		return Object.fromEntries(named.map(([name, variable]) => [name, `env:${variable}`]));
	};
	const { dhPrime: dhParameters, realm: _, ...oauth1 } = credentials.ibkrOauth1;
	const sessions = {
		hedge: {
			venue: "deribit",
			cancelScope: "account",
			client: { url: deribit.ws, credentials: secret("DERIBIT", credentials.deribit) },
		},
		maker: {
			venue: "bybit",
			products: ["DERIVATIVES"],
			client: { restUrl: bybit.http, wsUrl: bybit.ws, ...secret("BYBIT", credentials.bybit) },
		},
		broker: { venue: "ibkr", client: { baseUrl: ibkr.http }, gateway: { caFile: ibkr.ca } },
		"broker-oauth1": {
			venue: "ibkr",
			client: { baseUrl: ibkrOauth1.http },
			oauth1: secret("OAUTH1", { ...oauth1, dhParameters }),
		},
		"broker-oauth2": {
			venue: "ibkr",
			client: { baseUrl: ibkrOauth2.http },
			oauth2: { ...secret("OAUTH2", credentials.ibkrOauth2), ip: "127.0.0.1" },
		},
	};
	const http = { port, ...secret("KEEPALIVE", { token: randomUUID() }) };
	return { config: { ordersOnStop: "keep", http, sessions }, env };
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
	const server = createServer().listen(0, "127.0.0.1");
	await once(server, "listening");
	// The cast: a server that listens on TCP has such an address.
	const { port } = server.address() as AddressInfo;
	server.close();
	return port;
}

const { values } = parseArgs({ options: { port: { type: "string" } } });
const port = values.port === undefined ? await freePort() : Number(values.port);
const sims = await startSims();
const { addresses } = sims;
const folder = mkdtempSync(join(tmpdir(), "agent-demo-"));
const file = join(folder, "keepalive.yaml");
const { config, env } = configure(addresses, port);
writeFileSync(file, stringify(config));
const program = resolve(import.meta.dirname, "../packages/keepalive-agent/bin/keepalive.js");
const agent = spawn(process.execPath, [program, "run", "-c", file], {
	env: { ...process.env, ...env },
	stdio: ["ignore", "inherit", "inherit"],
});
// A terminal sends Ctrl-C to both; a supervisor only to this process. The agent counts two at once as one.
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

  export KEEPALIVE_TOKEN=${env["KEEPALIVE_TOKEN"]}
  npx keepalive status --watch -c ${file}
  npx keepalive stop --orders cancel -c ${file}
  curl -X POST ${addresses.control}/deribit/drop      # pulls a plug

Ctrl-C ends the agent and the simulators.

`);
