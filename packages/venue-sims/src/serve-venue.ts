import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { WebSocketServer, type WebSocket as WsSocket } from "ws";
import type { Link } from "./network-link.ts";
import { readBody, refuseBody } from "./request-body.ts";
import type { WireReply, WireRequest } from "./venue.ts";

/** A venue that is served on 127.0.0.1. */
export interface Served {
	/** The address for HTTP, such as `http://127.0.0.1:40001`. */
	http: string;
	/** The same address with scheme `ws:` or `wss:`. */
	ws: string;
	/** Closes the server, its sockets and the venue. */
	close(): Promise<void>;
}

/**
 * The largest body or WebSocket message, which is above the limit of every venue. A larger body gets 413, a larger
 * WebSocket message the close code 1009.
 */
const maxBytes = 1_048_576;

/**
 * Serves a venue on 127.0.0.1, HTTP and WebSocket on one port, until `close()` is called.
 *
 * No request ends the process: an invalid one is refused, and an error inside the simulator leads to a reply with
 * status 500 (or the close code 1011) and a process warning.
 *
 * Each HTTP reply has the header `x-simulated-venue`, with the name of the venue, so that a program can tell a
 * simulated venue from a real one.
 *
 * @param options - `port` to listen on, default 0: a free port chosen by the system. `tls`: key and certificate in PEM
 * format; if set, the venue serves HTTPS and WSS.
 * @throws Node.js system error, such as `EADDRINUSE`, if the port is not available.
 */
export async function serve(
	link: Link,
	options: { port?: number; tls?: { key: string; cert: string } } = {},
): Promise<Served> {
	const { port = 0, tls } = options;
	// Clients in other languages send `Upgrade: h2c` with ordinary requests. This callback makes Node.js treat them as requests, not as
	// WebSocket handshakes. Node.js 22 ignores this option.
	const serverOptions = { shouldUpgradeCallback: isWebSocketHandshake };
	const server = tls ? createTlsServer({ ...serverOptions, ...tls }) : createServer(serverOptions);
	const sockets = new OpenSockets();
	const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: maxBytes });
	server.on("connection", (socket: Socket) => sockets.add(socket));
	server.on("request", (request: IncomingMessage, response: ServerResponse) => {
		void answer(link, request, response, sockets);
	});
	server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
		// Node.js removes its own error listener at an upgrade. Without a listener, a client that resets the connection would end the process.
		socket.on("error", () => undefined);
		const upgrade = upgradeOf(link, request, Boolean(tls));
		if (upgrade.kind === "hang") return;
		if (upgrade.kind !== "accept") {
			refuse(socket, upgrade, sockets);
			return;
		}
		webSockets.handleUpgrade(request, socket, head, (ws) =>
			attach(link, ws, upgrade.attach, () => sockets.reset(socket)),
		);
	});
	await new Promise<void>((resolve, reject) => {
		server.once("error", reject);
		server.listen(port, "127.0.0.1", resolve);
	});
	// The cast is safe: the address of a listening TCP server is never a string or null.
	const address = server.address() as AddressInfo;
	const scheme = tls ? "s" : "";
	return {
		http: `http${scheme}://127.0.0.1:${address.port}`,
		ws: `ws${scheme}://127.0.0.1:${address.port}`,
		close: async () => {
			link.close();
			const closed = new Promise<void>((resolve) => server.close(() => resolve()));
			sockets.destroyAll();
			await closed;
		},
	};
}

/**
 * The open TCP sockets of a server, which are needed to send a TCP reset. Over TLS, a request has only its TLS socket, which cannot send a
 * TCP reset.
 *
 * The sockets are in a set, not in a map by remote port, because two open sockets can have the same remote port. The reason: the server
 * does not read a half-open connection, so it does not notice when the client closes that connection and uses its port again.
 */
class OpenSockets {
	readonly #open = new Set<Socket>();

	add(socket: Socket): void {
		this.#open.add(socket);
		socket.on("close", () => this.#open.delete(socket));
	}

	/** Resets the TCP connection of a socket. The socket may be the TLS socket on top of that connection. */
	reset(socket: Socket): void {
		const { remotePort } = socket;
		[...this.#open].findLast((each) => each.remotePort === remotePort)?.resetAndDestroy();
		socket.destroy();
	}

	destroyAll(): void {
		for (const socket of this.#open) socket.destroy();
	}
}

async function answer(
	link: Link,
	request: IncomingMessage,
	response: ServerResponse,
	sockets: OpenSockets,
): Promise<void> {
	const body = await readBody(request, maxBytes);
	if (body.kind === "aborted") return;
	if (body.kind === "too-large") {
		refuseBody(request, response, "");
		return;
	}
	const reply = await replyTo(link, request, body.text);
	if (reply.kind === "hang") return;
	if (reply.kind === "reset") {
		sockets.reset(request.socket);
		return;
	}
	try {
		response.writeHead(reply.status, { ...reply.headers, "x-simulated-venue": link.name });
		response.end(reply.body ?? "");
	} catch (error) {
		// Node.js throws here if the venue's reply has an invalid status or header.
		warn(link, error);
		response.writeHead(500);
		response.end();
	}
}

async function replyTo(link: Link, request: IncomingMessage, body: string): Promise<WireReply> {
	const wire = toWire(request, body, "encrypted" in request.socket);
	if (!wire) return badRequest;
	try {
		return await link.http(wire);
	} catch (error) {
		return failed(link, error);
	}
}

function upgradeOf(link: Link, request: IncomingMessage, isSecure: boolean): ReturnType<Link["upgrade"]> {
	const wire = toWire(request, "", isSecure);
	if (!wire || !isWebSocketHandshake(request)) return badRequest;
	try {
		return link.upgrade(wire);
	} catch (error) {
		return failed(link, error);
	}
}

const badRequest: WireReply = { kind: "reply", status: 400 };

function failed(link: Link, error: unknown): WireReply {
	warn(link, error);
	return { kind: "reply", status: 500 };
}

function warn(link: Link, error: unknown): void {
	const detail = (error instanceof Error ? error.stack : undefined) ?? String(error);
	const problem = "the simulator threw an error, shown below. The client gets status 500 or close code 1011.";
	process.emitWarning(`@x/venue-sims: ${link.name}: ${problem}`, { type: "VenueSimsWarning", detail });
}

function isWebSocketHandshake({ headers }: IncomingMessage): boolean {
	return headers.upgrade?.toLowerCase() === "websocket";
}

/** Converts a Node.js request; undefined if the request target and the header `Host` do not form a valid URL. */
function toWire(request: IncomingMessage, body: string, isSecure: boolean): WireRequest | undefined {
	const target = request.url ?? "/";
	const origin = `${isSecure ? "https" : "http"}://${request.headers.host ?? "127.0.0.1"}`;
	const address = target.startsWith("/") ? `${origin}${target}` : target;
	if (!URL.canParse(address)) return undefined;
	const headers: Record<string, string> = {};
	for (const [name, value] of Object.entries(request.headers)) {
		if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
	}
	return {
		method: request.method ?? "GET",
		url: new URL(address),
		target,
		headers,
		body,
		remoteAddress: request.socket.remoteAddress ?? "127.0.0.1",
		localAddress: `${request.socket.localAddress}:${request.socket.localPort}`,
	};
}

function refuse(socket: Socket, reply: WireReply, sockets: OpenSockets): void {
	if (reply.kind !== "reply") {
		sockets.reset(socket);
		return;
	}
	const body = reply.body ?? "";
	const headers = { ...reply.headers, connection: "close", "content-length": String(Buffer.byteLength(body)) };
	const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
	socket.end(`HTTP/1.1 ${reply.status} Refused\r\n${lines.join("\r\n")}\r\n\r\n${body}`);
}

function attach(link: Link, ws: WsSocket, connect: AttachFunction, reset: () => void): void {
	const attempt = <T>(action: () => T): T | undefined => {
		try {
			return action();
		} catch (error) {
			warn(link, error);
			ws.close(1011, "the simulator failed");
			return undefined;
		}
	};
	const end = attempt(() =>
		connect({
			send: (data) => ws.send(data),
			close: (code, reason) => ws.close(code, reason),
			drop: () => ws.terminate(),
			reset,
			silence: () => ws.pause(),
		}),
	);
	ws.on("message", (data: Buffer, isBinary: boolean) => {
		attempt(() => end?.message(isBinary ? new Uint8Array(data) : data.toString("utf8")));
	});
	ws.on("ping", () => void attempt(() => end?.ping?.()));
	ws.on("close", (code) => void attempt(() => end?.closed(code)));
	// For an invalid frame, ws emits `error` and then `close`. The listener of `close` above does everything, so `error` is ignored.
	ws.on("error", () => undefined);
}

type AttachFunction = Extract<ReturnType<Link["upgrade"]>, { kind: "accept" }>["attach"];
