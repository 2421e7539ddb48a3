import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type ConnectionLimiter, slidingWindowLimiter } from "../connection-limiter.ts";

/**
 * Starts a server that refuses every WebSocket upgrade with 401. Counts the upgrade requests, and the calls of `tryAcquire()`
 * of a limiter.
 */
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
	// The cast is safe: a server that listens on TCP has an address of this type.
	const { port } = server.address() as AddressInfo;
	return {
		url: `ws://127.0.0.1:${port}`,
		limiter,
		counts: () => ({ upgrades, counted }),
		close: () => void server.close(),
	};
}
