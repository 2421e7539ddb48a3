import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Gateway } from "../contestants/ibkr.ts";
import { Child } from "./child-process.ts";

/** A compared program (`player`) and an IBKR gateway (`server`) that no other program uses, each in its own process. */
export interface GatewayPair {
	readonly server: Child;
	readonly player: Child;
	readonly gateway: Gateway;
}

/**
 * Returns a function that starts a compared program, and a gateway whose certificate the program trusts. Both are started on the first call
 * with the program's name.
 */
export function gatewayPairs(): (name: string) => Promise<GatewayPair> {
	const pairs = new Map<string, Promise<GatewayPair>>();
	const make = async (name: string): Promise<GatewayPair> => {
		const server = await Child.start(join(import.meta.dirname, "../servers/ibkr.ts"), "ibkrServer");
		const gateway = await server.call<Gateway>("address");
		const folder = mkdtempSync(join(tmpdir(), "gateway-"));
		try {
			const ca = join(folder, "ca.pem");
			writeFileSync(ca, gateway.ca);
			// Node.js reads the certificate file when it opens the first connection, so the file must exist until then.
			const env = { NODE_EXTRA_CA_CERTS: ca };
			const player = await Child.start(join(import.meta.dirname, "../contestants/ibkr.ts"), name, { env });
			await (name === "oursKeeper" ? player.call("up", gateway) : player.call("calls", { ...gateway, count: 1 }));
			return { server, player, gateway };
		} finally {
			rmSync(folder, { recursive: true });
		}
	};
	return (name) => {
		const pair = pairs.get(name) ?? make(name);
		pairs.set(name, pair);
		return pair;
	};
}
