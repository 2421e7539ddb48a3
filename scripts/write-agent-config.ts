/** Writes a configuration file for the agent, with a session at each simulator. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import type { VenueAddresses } from "@x/venue-sims";
import { stringify } from "yaml";

/**
 * Writes `keepalive.yaml` with a session at each simulator, and at IBKR one session for each way to log in. The secrets are written into
 * files in the same folder, so that the agent's commands need no environment variables.
 *
 * @returns the path of the file.
 */
export function writeAgentConfig(addresses: VenueAddresses, folder: string, port: number): string {
	const { deribit, bybit, ibkr, ibkrOauth1, ibkrOauth2, credentials } = addresses;
	mkdirSync(join(folder, "secrets"), { mode: 0o700 });
	/** Writes secrets into files. Returns the members of the configuration that name these files. */
	const secret = (prefix: string, secrets: object): Record<string, string> => {
		const entries = Object.entries(secrets).map(([name, value]) => {
			const path = `secrets/${prefix}-${name}`;
			writeFileSync(join(folder, path), String(value), { mode: 0o600 });
			return [`${name}File`, path] as const;
		});
		return Object.fromEntries(entries);
	};
	const { dhPrime: dhParameters, realm: _, ...oauth1 } = credentials.ibkrOauth1;
	const sessions = {
		hedge: {
			venue: "deribit",
			cancelScope: "account",
			client: { url: deribit.ws, credentials: secret("deribit", credentials.deribit) },
		},
		maker: {
			venue: "bybit",
			products: ["DERIVATIVES"],
			client: { restUrl: bybit.http, wsUrl: bybit.ws, ...secret("bybit", credentials.bybit) },
		},
		broker: { venue: "ibkr", client: { baseUrl: ibkr.http }, gateway: { caFile: ibkr.ca } },
		"broker-oauth1": {
			venue: "ibkr",
			client: { baseUrl: ibkrOauth1.http },
			oauth1: secret("oauth1", { ...oauth1, dhParameters }),
		},
		"broker-oauth2": {
			venue: "ibkr",
			client: { baseUrl: ibkrOauth2.http },
			oauth2: { ...secret("oauth2", credentials.ibkrOauth2), ip: "127.0.0.1" },
		},
	};
	const http = { port, ...secret("agent", { token: randomUUID() }) };
	const file = join(folder, "keepalive.yaml");
	writeFileSync(file, stringify({ ordersOnStop: "keep", http, sessions }));
	return file;
}

/**
 * Finds a free port, which another program may take at any time. If `wanted` is given, checks that this port is free. @throws Error of
 * Node.js, with its `code`, when `wanted` is in use.
 */
export async function freePort(wanted = 0): Promise<number> {
	await using server = createServer();
	await once(server.listen(wanted, "127.0.0.1"), "listening");
	// The cast is safe: a server that listens on TCP has an address of this type.
	return (server.address() as AddressInfo).port;
}
