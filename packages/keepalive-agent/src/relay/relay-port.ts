import { createServer } from "node:net";

/** The relay listens on this machine only, because what bots send to it is not encrypted. */
export const relayHost = "127.0.0.1";

/** Checks that a port is free. @throws Error of Node.js, with its `code`, if the relay could not listen at the port right now. */
export async function requireFreePort(port: number): Promise<void> {
	const server = createServer();
	await new Promise<void>((resolve, reject) => {
		server.once("error", reject);
		server.listen(port, relayHost, resolve);
	});
	await new Promise<void>((resolve) => server.close(() => resolve()));
}
