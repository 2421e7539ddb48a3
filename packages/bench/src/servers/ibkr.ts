import { createServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { selfSignedCertificate } from "@x/venue-sims";

const authStatus = { authenticated: true, competing: false, connected: true, established: true };
const live = JSON.stringify({
	session: "0123456789abcdef",
	ssoExpires: 500_000,
	collission: false,
	userId: 1,
	hmds: { error: "no bridge" },
	iserver: { authStatus },
});
/** The replies to calls of a keeper, by path. Every other path, such as `/tickle`, gets the reply `live`. */
const others: Readonly<Record<string, string>> = {
	"/v1/api/iserver/auth/status": JSON.stringify(authStatus),
	"/v1/api/iserver/accounts": JSON.stringify({ accounts: ["DU1234567"] }),
};

/** How the gateway replies to calls: normally (`whole`), never (`none`), or with one byte per second (`drip`). */
export type Answers = "whole" | "none" | "drip";

/** A minimal IBKR gateway for benchmarks, with a live session: HTTPS with keep-alive and a self-signed certificate. */
export function ibkrServer() {
	let answers: Answers = "whole";
	let handshakes = 0;
	let requests = 0;
	const sockets = new Set<Socket>();
	const listening = selfSignedCertificate().then(async (tls) => {
		const server = createServer({ ...tls, keepAliveTimeout: 60_000 }, (request, response) => {
			requests += 1;
			request.resume();
			if (answers === "none") return;
			response.setHeader("content-type", "application/json");
			const body = others[request.url ?? ""] ?? live;
			response.setHeader("content-length", Buffer.byteLength(body));
			if (answers === "whole") return void response.end(body);
			let at = 0;
			response.flushHeaders();
			const drip = setInterval(() => response.write(body[at++] ?? ""), 1_000);
			response.on("close", () => clearInterval(drip));
		});
		server.on("secureConnection", (socket) => {
			handshakes += 1;
			sockets.add(socket);
			socket.on("close", () => sockets.delete(socket));
		});
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		return { ca: tls.cert, baseUrl: `https://127.0.0.1:${(server.address() as AddressInfo).port}/v1/api` };
	});
	return {
		address: () => listening,
		setAnswers: (value: Answers) => {
			answers = value;
		},
		seen: () => ({ handshakes, requests, open: sockets.size }),
	};
}
