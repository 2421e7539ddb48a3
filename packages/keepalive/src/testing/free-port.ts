import { type AddressInfo, createServer } from "node:net";

/** Returns a TCP port of 127.0.0.1 on which nothing listens, for a server that needs a given port. */
export async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	// The cast is safe: a server that listens on TCP has an address of this type.
	const { port } = server.address() as AddressInfo;
	await new Promise((resolve) => server.close(resolve));
	return port;
}
