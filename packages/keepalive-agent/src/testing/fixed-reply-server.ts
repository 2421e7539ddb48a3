/**
 * A server that answers every request with the same small JSON, and prints its address. It is the baseline of
 * measure-session-endpoints.ts, because it shows how long any HTTP server takes.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const body = '{"armed":true,"verifiedAgeMs":1234,"lastBeatAgeMs":1234}';
const server = createServer((_, response) => {
	response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
	response.end(body);
});
server.listen(0, "127.0.0.1", () => {
	// The cast is safe: a server that listens on a TCP port has an address of this type.
	process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
