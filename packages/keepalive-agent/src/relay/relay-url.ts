import type { SessionConfig } from "../config/config.ts";
import { relayHost } from "./relay-port.ts";

/** The URL at which bots connect to a session; undefined for a venue whose sessions are not relayed. */
export function relayUrl(port: number, venue: SessionConfig["venue"], session: string): string | undefined {
	if (venue === "deribit") return `ws://${relayHost}:${port}/deribit/${session}/ws/api/v2`;
	if (venue === "ibkr") return `http://${relayHost}:${port}/ibkr/${session}/v1/api`;
	return undefined;
}
