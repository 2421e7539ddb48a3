/** An agent that relays a client of another author over its session at the simulated Deribit. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { SimAddresses } from "../start-simulators.ts";
import { repository, run } from "../testing/run.ts";

const program = join(repository, "packages/keepalive-agent/bin/keepalive.js");

/** Starts it, and waits until it relays. */
export async function startRelayAgent({ deribit, credentials }: SimAddresses, folder: string, signal: AbortSignal) {
	const [clientId, clientSecret] = ["foreign", "local-token-of-foreign"];
	const file = join(folder, "relay.yaml");
	const session = {
		venue: "deribit",
		client: { url: deribit.ws, credentials: { clientId: "env:CLIENT_ID", clientSecret: "env:CLIENT_SECRET" } },
	};
	const relay = { port: 0, bots: { [clientId]: { token: "env:LOCAL_TOKEN" } } };
	const config = { ordersOnStop: "keep", http: { port: 0 }, history: false, relay, sessions: { hedge: session } };
	writeFileSync(file, stringify(config));
	const env = {
		CLIENT_ID: credentials.deribit.clientId,
		CLIENT_SECRET: credentials.deribit.clientSecret,
		LOCAL_TOKEN: clientSecret,
	};
	const ended = new AbortController();
	const ws = await new Promise<string>((done, fail) => {
		const onOutput = (output: string): void => {
			const found = /relaying bots at (ws:[^"\s]+)/.exec(output)?.[1];
			if (found) done(found);
		};
		const options = { env, onOutput, timeoutMs: 170_000, signal: AbortSignal.any([signal, ended.signal]) };
		run(process.execPath, [program, "run", "-c", file], options).then(
			({ stdout }) => fail(new Error(`the agent ended before it relayed: ${stdout.slice(-500)}`)),
			fail,
		);
	});
	return {
		address: { ws, http: ws.replace("ws:", "http:").replace("/ws/api", "/api"), clientId, clientSecret },
		close: () => ended.abort(),
	};
}
