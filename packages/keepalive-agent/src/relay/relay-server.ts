import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { isLoopback } from "../config/is-loopback.ts";
import { limitConnections } from "../http/limit-connections.ts";
import { answerHttp } from "./deribit/answer-http-calls.ts";
import { BotSocket } from "./deribit/bot-socket.ts";
import type { DeribitRelay } from "./deribit/deribit-relay.ts";
import { answerIbkr } from "./ibkr/answer-http-calls.ts";
import type { IbkrRelay } from "./ibkr/ibkr-relay.ts";
import { RelayedSocket, socketBotOf } from "./ibkr/relayed-socket.ts";
import { Turns, type TurnTaker } from "./limit-frames-per-turn.ts";
import { relayHost } from "./relay-port.ts";

/** At most this many WebSockets may be open, in all sessions together. */
const maxClients = 128;
/**
 * At most this many WebSockets may be open without a login. Each of them can make this thread read a chunk of frames in one turn of the
 * event loop, and so delay the bots.
 */
const maxStrangers = 32;
/** One bot may have at most this many WebSockets in one session at IBKR. */
const maxIbkrSockets = 4;
/** At most this many connections may be open, including connections for HTTP requests. */
const maxConnections = maxClients + 32;
/**
 * A frame with more bytes than this is not read, and ends the connection. A smaller frame that is still too large for the venue gets an
 * error reply.
 */
const maxFrameBytes = 65_536;
const overloaded = 1013;
const goingAway = 1001;

/** The relays of all sessions, by session name. */
export interface Relays {
	readonly deribit: ReadonlyMap<string, DeribitRelay>;
	readonly ibkr: ReadonlyMap<string, IbkrRelay>;
}

/** The relay that a request is for, and the rest of the request's path. */
type Found =
	| { readonly venue: "deribit"; readonly relay: DeribitRelay; readonly path: string; readonly isSocket: boolean }
	| { readonly venue: "ibkr"; readonly relay: IbkrRelay; readonly path: string };

const deribitRoute = /^\/deribit\/([^/?]+)(\/(ws\/)?api\/v2(?:[/?].*)?)$/;
const ibkrRoute = /^\/ibkr\/([^/?]+)\/v1\/api(\/.*)$/;

/** Serves the relays of all sessions on one port of this machine. */
export class RelayServer {
	readonly #server: Server;
	readonly #relays: Relays;
	readonly #turns = new Turns();
	readonly #takers = new WeakMap<Duplex, TurnTaker>();
	readonly #sockets = new WebSocketServer({ noServer: true, clientTracking: false, maxPayload: maxFrameBytes });

	private constructor(server: Server, relays: Relays) {
		this.#server = server;
		this.#relays = relays;
		server.on("request", (request, response) => void this.#onRequest(request, response));
		server.on("upgrade", (request, socket, head) => this.#onUpgrade(request, socket, head));
	}

	/** @throws Error of Node.js, with its `code`, if the relay cannot listen at the port. */
	static async listen(port: number, relays: Relays): Promise<RelayServer> {
		const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 60_000 });
		limitConnections(server, maxConnections);
		await new Promise<void>((resolve, reject) => {
			server.once("error", reject);
			server.listen(port, relayHost, resolve);
		});
		return new RelayServer(server, relays);
	}

	get port(): number {
		// The cast is safe: a server that listens on a TCP port has an address of this type.
		return (this.#server.address() as AddressInfo).port;
	}

	async close(): Promise<void> {
		const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
		for (const relay of this.#relays.deribit.values()) {
			for (const client of relay.clients) client.close(goingAway, "the relay ends");
		}
		for (const { sockets } of this.#relays.ibkr.values()) for (const each of sockets) each.close();
		this.#server.closeAllConnections();
		await closed;
	}

	/** Ends a connection that sends too many requests at once without waiting for the answers, because it would delay every other client. */
	#onRequest(request: IncomingMessage, response: ServerResponse): void {
		const { socket } = request;
		let taker = this.#takers.get(socket);
		if (!taker) {
			const made: TurnTaker = { handleNext: () => false };
			taker = made;
			this.#takers.set(socket, made);
			socket.once("close", () => this.#turns.forget(made));
		}
		if (this.#turns.tryUse(taker)) void this.#answer(request, response);
		else socket.destroy();
	}

	async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		try {
			const problem = refusalOf(request);
			const found = this.#find(request.url);
			if (problem !== undefined) return sendText(response, 403, problem);
			if (found?.venue === "ibkr") return await answerIbkr(found.relay, found.path, request, response);
			if (!found || found.isSocket) return sendText(response, 404, "there is no such session, or nothing at this path");
			if (request.method !== "GET" && request.method !== "POST") {
				return sendText(response, 405, "the method must be GET or POST");
			}
			await answerHttp(found.relay, found.path, request, response);
		} catch {
			// The client has disconnected while its body was read. The error is ignored, because nothing that a client does may end this thread.
			response.destroy();
		}
	}

	#onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
		socket.on("error", () => socket.destroy());
		try {
			this.#upgrade(request, socket, head);
		} catch {
			socket.destroy();
		}
	}

	#upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
		const found = this.#find(request.url);
		if (refusalOf(request) !== undefined) return void refuseUpgrade(socket, "403 Forbidden");
		if (found?.venue === "ibkr") return void this.#upgradeIbkr(found, request, socket, head);
		if (!found?.isSocket) return void refuseUpgrade(socket, "404 Not Found");
		// The status 503 is also what the venue sends during maintenance, so the bot will try again.
		if (!found.relay.connection) return void refuseUpgrade(socket, "503 Service Unavailable");
		if (!this.#makeRoom()) return void refuseUpgrade(socket, "429 Too Many Requests");
		this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
			new BotSocket(webSocket, found.relay, this.#turns);
		});
	}

	#upgradeIbkr(
		{ relay, path }: Extract<Found, { readonly venue: "ibkr" }>,
		request: IncomingMessage,
		socket: Duplex,
		head: Buffer,
	): void {
		if (!/^\/ws(?:\?|$)/.test(path)) return void refuseUpgrade(socket, "404 Not Found");
		const bot = socketBotOf(request, relay.bots);
		if (!bot) return void refuseUpgrade(socket, "401 Unauthorized");
		if (relay.notAliveReason() !== undefined) return void refuseUpgrade(socket, "503 Service Unavailable");
		const isFull = (relay.clientCounts.get(bot.name) ?? 0) >= maxIbkrSockets;
		if (isFull || !this.#makeRoom()) return void refuseUpgrade(socket, "429 Too Many Requests");
		this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
			new RelayedSocket(webSocket, bot, relay, this.#turns);
		});
	}

	/** If there are too many clients, ends the oldest client that has not logged in. Returns whether there is room for one more client. */
	#makeRoom(): boolean {
		const clients = [...this.#relays.deribit.values()].flatMap((relay) => [...relay.clients]);
		const strangers = clients.filter(({ bot }) => bot === undefined);
		const others = [...this.#relays.ibkr.values()].reduce((sum, { sockets }) => sum + sockets.size, 0);
		if (clients.length + others < maxClients && strangers.length < maxStrangers) return true;
		strangers[0]?.close(overloaded, "too many connections without a login");
		return strangers.length > 0;
	}

	#find(url = ""): Found | undefined {
		const [, atIbkr = "", ibkrPath = ""] = ibkrRoute.exec(url) ?? [];
		const ibkr = this.#relays.ibkr.get(atIbkr);
		if (ibkr) return { venue: "ibkr", relay: ibkr, path: ibkrPath };
		const [, name = "", path = "", socket] = deribitRoute.exec(url) ?? [];
		const relay = this.#relays.deribit.get(name);
		return relay && { venue: "deribit", relay, path, isSocket: socket !== undefined };
	}
}

/**
 * Returns why a request is refused; undefined if it is allowed. Requests of web pages are refused: of pages of other sites, and of pages
 * whose DNS name was changed to point to this machine (DNS rebinding).
 */
function refusalOf({ headers }: IncomingMessage): string | undefined {
	const name = URL.parse(`http://${headers.host ?? ""}`)?.hostname.replace(/^\[|\]$/g, "") ?? "";
	if (!isLoopback(name)) return "the Host header of the request does not name this machine";
	const { origin, "sec-fetch-site": site } = headers;
	// Browsers send the header `sec-fetch-site` even with requests that have no Origin. The relay serves no pages of its own, so every value
	// except `none` means that a foreign page has sent the request.
	if (site !== undefined && site !== "none") return "a page in a browser has sent the request";
	// Some libraries send the URL of the server itself as Origin, which is allowed.
	const isOwn = origin === undefined || URL.parse(origin)?.host === headers.host;
	return isOwn ? undefined : "the Origin header of the request names another site";
}

function sendText(response: ServerResponse, status: number, text: string): void {
	response.writeHead(status, {
		"content-type": "text/plain",
		"cache-control": "no-store",
		// Status 403 means that a page in a browser has sent the request, so its connection is closed.
		...(status === 403 && { connection: "close" }),
	});
	response.end(`${text}\n`);
}

function refuseUpgrade(socket: Duplex, status: string): void {
	// Node.js has removed its own error listener. Without a listener, a client that resets the connection would end the process.
	socket.on("error", () => undefined);
	// The socket is destroyed too, because a client that does not end its side would keep it open.
	socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}
