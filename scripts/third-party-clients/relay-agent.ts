/** An agent that relays a client of another author over its session at the simulated Deribit. */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { stringify } from "yaml";
import type { SimAddresses } from "../start-simulators.ts";

const program = resolve(import.meta.dirname, "../../packages/keepalive-agent/bin/keepalive.js");

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
		...process.env,
		CLIENT_ID: credentials.deribit.clientId,
		CLIENT_SECRET: credentials.deribit.clientSecret,
		LOCAL_TOKEN: clientSecret,
	};
	const agent = spawn(process.execPath, [program, "run", "-c", file], {
		env,
		signal,
		killSignal: "SIGKILL",
		stdio: ["ignore", "pipe", "ignore"],
	});
	// Of the signal: the run has ended then.
	agent.on("error", () => undefined);
	const ws = await new Promise<string>((done, fail) => {
		let output = "";
		agent.stdout.on("data", (data) => {
			output += String(data);
			const found = /relaying bots at (ws:[^"\s]+)/.exec(output)?.[1];
			if (found) done(found);
		});
		agent.on("close", () => fail(new Error(`the agent ended before it relayed: ${output.slice(-500)}`)));
	});
	return {
		address: { ws, http: ws.replace("ws:", "http:").replace("/ws/api", "/api"), clientId, clientSecret },
		close: () => agent.kill("SIGKILL"),
	};
}
