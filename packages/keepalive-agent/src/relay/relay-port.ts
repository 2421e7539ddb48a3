import { createServer } from "node:net";

/** The relay listens on this machine alone: what bots send to it is not encrypted. */
export const relayHost = "127.0.0.1";

/** @throws Error of Node.js, with its `code`, when the port cannot be had right now. */
export async function requireFreePort(port: number): Promise<void> {
	const server = createServer();
	await new Promise<void>((resolve, reject) => {
		server.once("error", reject);
		server.listen(port, relayHost, resolve);
	});
	await new Promise<void>((resolve) => server.close(() => resolve()));
}
