/**
 * Starts the simulators and a keepalive agent with a session at each of them, prints the agent's address, and runs until it is interrupted.
 *
 *   node agent-demo.ts [--port N]      the port of the agent; default: a free one
 */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type SimAddresses, startSims } from "./start-simulators.ts";

/** The configuration of the demo. Its secrets are in {@link secretsOf}. */
function configOf({ deribit, bybit, ibkr, ibkrOauth1, ibkrOauth2 }: SimAddresses, port: number): string {
	return `ordersOnStop: keep
http: { port: ${port}, token: "env:KEEPALIVE_TOKEN" }
sessions:
  hedge:
    venue: deribit
    cancelScope: account
    client:
      url: ${deribit.ws}
      credentials: { clientId: "env:DERIBIT_CLIENT_ID", clientSecret: "env:DERIBIT_CLIENT_SECRET" }
  maker:
    venue: bybit
    products: [DERIVATIVES]
    client:
      restUrl: ${bybit.http}
      wsUrl: ${bybit.ws}
      apiKey: env:BYBIT_API_KEY
      apiSecret: env:BYBIT_API_SECRET
  broker:
    venue: ibkr
    client: { baseUrl: "${ibkr.http}" }
    gateway: { caFile: "${ibkr.ca}" }
  broker-oauth1:
    venue: ibkr
    client: { baseUrl: "${ibkrOauth1.http}" }
    oauth1:
      consumerKey: env:OAUTH1_CONSUMER_KEY
      signatureKey: env:OAUTH1_SIGNATURE_KEY
      encryptionKey: env:OAUTH1_ENCRYPTION_KEY
      dhParameters: env:OAUTH1_DH_PRIME
      accessToken: env:OAUTH1_ACCESS_TOKEN
      accessTokenSecret: env:OAUTH1_ACCESS_TOKEN_SECRET
  broker-oauth2:
    venue: ibkr
    client: { baseUrl: "${ibkrOauth2.http}" }
    oauth2:
      clientId: env:OAUTH2_CLIENT_ID
      keyId: env:OAUTH2_KEY_ID
      privateKey: env:OAUTH2_PRIVATE_KEY
      credential: env:OAUTH2_CREDENTIAL
      ip: 127.0.0.1
`;
}

function secretsOf({ credentials: { deribit, bybit, ibkrOauth1, ibkrOauth2 } }: SimAddresses): Record<string, string> {
	return {
		KEEPALIVE_TOKEN: randomUUID(),
		DERIBIT_CLIENT_ID: deribit.clientId,
		DERIBIT_CLIENT_SECRET: deribit.clientSecret,
		BYBIT_API_KEY: bybit.apiKey,
		BYBIT_API_SECRET: bybit.apiSecret,
		OAUTH1_CONSUMER_KEY: ibkrOauth1.consumerKey,
		OAUTH1_SIGNATURE_KEY: ibkrOauth1.signatureKey,
		OAUTH1_ENCRYPTION_KEY: ibkrOauth1.encryptionKey,
		OAUTH1_DH_PRIME: ibkrOauth1.dhPrime,
		OAUTH1_ACCESS_TOKEN: ibkrOauth1.accessToken,
		OAUTH1_ACCESS_TOKEN_SECRET: ibkrOauth1.accessTokenSecret,
		OAUTH2_CLIENT_ID: ibkrOauth2.clientId,
		OAUTH2_KEY_ID: ibkrOauth2.keyId,
		OAUTH2_PRIVATE_KEY: ibkrOauth2.privateKey,
		OAUTH2_CREDENTIAL: ibkrOauth2.credential,
	};
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
	// The cast: a server that listens on TCP has such an address.
	const { port } = server.address() as AddressInfo;
	await new Promise((done) => server.close(done));
	return port;
}

const { values } = parseArgs({ options: { port: { type: "string" } } });
const port = values.port === undefined ? await freePort() : Number(values.port);
const sims = await startSims();
const { addresses } = sims;
const folder = mkdtempSync(join(tmpdir(), "agent-demo-"));
const file = join(folder, "keepalive.yaml");
writeFileSync(file, configOf(addresses, port));
const secrets = secretsOf(addresses);
const program = resolve(import.meta.dirname, "../packages/keepalive-agent/bin/keepalive.js");
const agent = spawn(process.execPath, [program, "run", "-c", file], {
	env: { ...process.env, ...secrets },
	stdio: ["ignore", "inherit", "inherit"],
});
// A terminal sends Ctrl-C to both; a supervisor only to this process. The agent counts two at once as one.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => agent.kill(signal));
agent.on("close", async (code) => {
	await sims.close();
	rmSync(folder, { recursive: true, force: true });
	process.exit(code ?? 1);
});

const { KEEPALIVE_TOKEN: token } = secrets;
const url = `http://127.0.0.1:${port}`;
while (!(await fetch(`${url}/livez`).catch(() => undefined))?.ok) await sleep(50);
process.stderr.write(`
The agent is at ${url}/v1/sessions (also /readyz, /metrics and /v1/events).

  export KEEPALIVE_TOKEN=${token}
  npx keepalive status --watch -c ${file}
  npx keepalive stop --orders cancel -c ${file}
  curl -X POST ${addresses.control}/deribit/drop      # pulls a plug

Ctrl-C ends the agent and the simulators.

`);
