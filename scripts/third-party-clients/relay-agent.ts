/** Starts agents for third-party clients. Each agent relays the calls of a client over the agent's own session at a simulator. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { VenueAddresses } from "@x/venue-sims";
import { stringify } from "yaml";
import { repository, run } from "../testing/run-command.ts";

const program = join(repository, "packages/keepalive-agent/bin/keepalive.js");

/** The name and the local token with which the third-party client uses the relay. */
const bot = { name: "foreign", token: "local-token-of-foreign" } as const;

/** Starts an agent with a session at Deribit. */
export async function startDeribitRelay({ deribit, credentials }: VenueAddresses, folder: string, signal: AbortSignal) {
	const session = {
		venue: "deribit",
		client: { url: deribit.ws, credentials: { clientId: "env:CLIENT_ID", clientSecret: "env:CLIENT_SECRET" } },
	};
	const { clientId, clientSecret } = credentials.deribit;
	const env = { CLIENT_ID: clientId, CLIENT_SECRET: clientSecret };
	const { url: ws, close } = await startRelay("deribit", session, env, folder, signal);
	const http = ws.replace("ws:", "http:").replace("/ws/api", "/api");
	return { addresses: { relay: { ws, http, clientId: bot.name, clientSecret: bot.token } }, close };
}

/** Starts an agent with a session at the gateway of IBKR. The returned address contains the name and the token of the client. */
export async function startIbkrRelay({ ibkr }: VenueAddresses, folder: string, signal: AbortSignal) {
	const session = { venue: "ibkr", client: { baseUrl: ibkr.http }, gateway: { caFile: ibkr.ca } };
	const { url, close } = await startRelay("ibkr", session, {}, folder, signal);
	return { addresses: { ibkrRelay: { http: url.replace("http://", `http://${bot.name}:${bot.token}@`) } }, close };
}

/** Starts an agent, and waits until its relay works and its session is alive. */
async function startRelay(
	name: string,
	session: object,
	secrets: Readonly<Record<string, string>>,
	folder: string,
	signal: AbortSignal,
) {
	const file = join(folder, `relay-${name}.yaml`);
	const relay = { port: 0, bots: { [bot.name]: { token: "env:LOCAL_TOKEN" } } };
	const config = { ordersOnStop: "keep", http: { port: 0 }, history: false, relay, sessions: { [name]: session } };
	writeFileSync(file, stringify(config));
	const env = { ...secrets, LOCAL_TOKEN: bot.token };
	const ended = new AbortController();
	const url = await new Promise<string>((done, fail) => {
		const onOutput = (output: string): void => {
			const found = /relaying bots at ((?:ws|http):[^"\s]+)/.exec(output)?.[1];
			// At IBKR, the agent relays read-only calls before its session is alive, but no orders. So wait for `alive`, too.
			if (found && output.includes('"state":"alive"')) done(found);
		};
		const options = { env, onOutput, timeoutMs: 170_000, signal: AbortSignal.any([signal, ended.signal]) };
		run(process.execPath, [program, "run", "-c", file], options).then(
			({ stdout }) =>
				fail(new Error(`the agent ended before its relay was ready; its last output: ${stdout.slice(-500)}`)),
			fail,
		);
	});
	return { url, close: () => ended.abort() };
}
