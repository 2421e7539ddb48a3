import { relayHost } from "./relay-port.ts";

/** Where bots connect to for a session at Deribit. */
export const relayUrl = (port: number, session: string): string =>
	`ws://${relayHost}:${port}/deribit/${session}/ws/api/v2`;
