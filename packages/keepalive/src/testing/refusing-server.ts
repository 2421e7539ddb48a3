import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type ConnectionLimiter, slidingWindowLimiter } from "../connection-limiter.ts";

/** A server that refuses every upgrade with 401 and counts them, and a limiter that counts the attempts it allowed. */
export async function refusingServer() {
	let upgrades = 0;
	let counted = 0;
	const server = createServer();
	server.on("upgrade", (_, socket) => {
		upgrades += 1;
		socket.end("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	const inner = slidingWindowLimiter(100, 60_000);
	const limiter: ConnectionLimiter = {
		tryAcquire(host) {
			counted += 1;
			return inner.tryAcquire(host);
		},
	};
	// The address of a server that listens on a port is an object.
	const { port } = server.address() as AddressInfo;
	return {
		url: `ws://127.0.0.1:${port}`,
		limiter,
		counts: () => ({ upgrades, counted }),
		close: () => void server.close(),
	};
}
