import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { WebSocketServer, type WebSocket as WsSocket } from "ws";
import type { Link } from "./link.ts";
import type { WireReply, WireRequest } from "./venue.ts";

/** A venue that is served on 127.0.0.1. */
export interface Served {
	/** Such as `http://127.0.0.1:40001`. */
	http: string;
	/** The same address with scheme `ws:` or `wss:`. */
	ws: string;
	/** Closes the server, its sockets and the venue. */
	close(): Promise<void>;
}

/** Options of `serve`. */
export interface ServeOptions {
	/** Port to listen on. Default 0: a free port chosen by the system. */
	port?: number;
	/** Key and certificate in PEM format. If set, the venue serves HTTPS and WSS. */
	tls?: { key: string; cert: string };
}

/**
 * Serves a venue on 127.0.0.1, HTTP and WebSocket on one port, until `close()` is called.
 *
 * @throws Node.js system error, such as `EADDRINUSE`, if the port is not available.
 */
export async function serve(link: Link, { port = 0, tls }: ServeOptions = {}): Promise<Served> {
	const server = tls ? createTlsServer(tls) : createServer();
	const sockets = new Set<Socket>();
	const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
	server.on("connection", (socket: Socket) => {
		sockets.add(socket);
		socket.on("close", () => sockets.delete(socket));
	});
	server.on("request", (request: IncomingMessage, response: ServerResponse) => {
		void answer(link, request, response);
	});
	server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
		const upgrade = link.upgrade(toWire(request, "", Boolean(tls)));
		if (upgrade.kind === "hang") return;
		if (upgrade.kind !== "accept") {
			refuse(socket, upgrade);
			return;
		}
		webSockets.handleUpgrade(request, socket, head, (ws) => attach(ws, socket, upgrade.attach));
	});
	await new Promise<void>((resolve, reject) => {
		server.once("error", reject);
		server.listen(port, "127.0.0.1", resolve);
	});
	// A listening TCP server's address is never a string or null.
	const address = server.address() as AddressInfo;
	const scheme = tls ? "s" : "";
	return {
		http: `http${scheme}://127.0.0.1:${address.port}`,
		ws: `ws${scheme}://127.0.0.1:${address.port}`,
		close: async () => {
			link.close();
			const closed = new Promise<void>((resolve) => server.close(() => resolve()));
			for (const socket of sockets) socket.destroy();
			await closed;
		},
	};
}

async function answer(link: Link, request: IncomingMessage, response: ServerResponse): Promise<void> {
	const chunks: Buffer[] = [];
	try {
		for await (const chunk of request) chunks.push(chunk as Buffer);
	} catch {
		return; // The client disconnected before the request was complete.
	}
	const secure = "encrypted" in request.socket;
	const reply = await link.http(toWire(request, Buffer.concat(chunks).toString("utf8"), secure));
	if (reply.kind === "hang") return;
	if (reply.kind === "reset") {
		request.socket.resetAndDestroy();
		return;
	}
	response.writeHead(reply.status, { ...reply.headers });
	response.end(reply.body ?? "");
}

function toWire(request: IncomingMessage, body: string, secure: boolean): WireRequest {
	const headers: Record<string, string> = {};
	for (const [name, value] of Object.entries(request.headers)) {
		if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
	}
	return {
		method: request.method ?? "GET",
		url: new URL(request.url ?? "/", `${secure ? "https" : "http"}://${request.headers.host ?? "127.0.0.1"}`),
		target: request.url ?? "/",
		headers,
		body,
		remoteAddress: request.socket.remoteAddress ?? "127.0.0.1",
	};
}

function refuse(socket: Socket, reply: WireReply): void {
	if (reply.kind !== "reply") {
		socket.resetAndDestroy();
		return;
	}
	const body = reply.body ?? "";
	const headers = { ...reply.headers, connection: "close", "content-length": String(Buffer.byteLength(body)) };
	const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
	socket.end(`HTTP/1.1 ${reply.status} Refused\r\n${lines.join("\r\n")}\r\n\r\n${body}`);
}

function attach(ws: WsSocket, socket: Socket, connect: AttachFunction): void {
	const end = connect({
		send: (data) => ws.send(data),
		close: (code, reason) => ws.close(code, reason),
		drop: () => ws.terminate(),
		reset: () => void socket.resetAndDestroy(),
		silence: () => ws.pause(),
	});
	ws.on("message", (data: Buffer, isBinary: boolean) =>
		end.message(isBinary ? new Uint8Array(data) : data.toString("utf8")),
	);
	ws.on("close", (code) => end.closed(code));
	// ws emits `error` for an invalid frame and then `close`, which is handled above.
	ws.on("error", () => undefined);
}

type AttachFunction = Extract<ReturnType<Link["upgrade"]>, { kind: "accept" }>["attach"];
