import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after } from "@x/base/clock";
import type { Logger } from "@x/keepalive";
import type { HttpConfig } from "../config/config.ts";
import { Problem } from "./http-problem.ts";
import { limitConnections } from "./limit-connections.ts";
import type { Guard } from "./request-guard.ts";
import { answer, type RouteContext, send } from "./routes.ts";
import { listenAtPath } from "./unix-socket.ts";

/** At most this many connections may be open at the port, and as many at the Unix socket. */
const maxConnections = 512;
/** When the server is closed, responses in progress get this many milliseconds to end. Then their connections are closed. */
const closeMs = 1_000;

/** The HTTP server of the agent. It listens before any session is started, so that an address in use prevents the start. */
export class HttpServer {
	readonly #server: Server;
	/** The server of the Unix socket, if one is configured. */
	readonly #local: Server | undefined;

	private constructor(server: Server, local: Server | undefined) {
		this.#server = server;
		this.#local = local;
	}

	/**
	 * Listens at the port, and at the Unix socket if one is configured. Requests get status 503 until {@link serve} is called.
	 *
	 * @throws Error of Node.js, with its `code`, if the port cannot be used; UnixSocketError if the Unix socket cannot be used.
	 */
	static async listen({ host, port, socket, socketAccess = "owner" }: HttpConfig): Promise<HttpServer> {
		const server = createUnserved();
		await new Promise<void>((resolve, reject) => {
			server.once("error", reject);
			server.listen(port, host, resolve);
		});
		const local = socket === undefined ? undefined : createUnserved();
		const http = new HttpServer(server, local);
		try {
			if (local && socket !== undefined) await listenAtPath(local, socket, socketAccess);
		} catch (error) {
			await http.close();
			throw error;
		}
		return http;
	}

	/** The URL of the server, such as `http://127.0.0.1:7300`. */
	get url(): string {
		// The cast is safe: a server that listens on a TCP port has an address of this type.
		const { address, port, family } = this.#server.address() as AddressInfo;
		return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
	}

	/** From now on, answers requests with the routes of the agent. */
	serve(context: RouteContext & { readonly guard: Guard }, logger: Logger): void {
		const { guard } = context;
		for (const server of this.#servers) {
			const own = { ...context, guard: server === this.#local ? guard.forSocket : guard };
			server.off("request", answerStarting);
			server.on("request", (request, response) => void respond(own, logger, request, response));
		}
	}

	/** Stops listening. Resolves once the responses in progress are sent, at the latest after one second. */
	async close(): Promise<void> {
		const closed = this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
		for (const server of this.#servers) server.closeIdleConnections();
		const cancel = after(closeMs, () => {
			for (const server of this.#servers) server.closeAllConnections();
		});
		await Promise.all(closed);
		cancel();
	}

	get #servers(): readonly Server[] {
		return this.#local ? [this.#server, this.#local] : [this.#server];
	}
}

/** Creates a server that answers every request with 503 until {@link HttpServer.serve} is called. */
function createUnserved(): Server {
	// Idle connections are kept for a minute: a bot that asks every few seconds must not write to a connection that the server is closing.
	const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 60_000 });
	limitConnections(server, maxConnections);
	server.on("request", answerStarting);
	return server;
}

/** Answers requests while the thread that runs the sessions starts. Without this answer, these requests would hang. */
function answerStarting(_: IncomingMessage, response: ServerResponse): void {
	sendProblem(response, new Problem(503, "the agent is starting", { "retry-after": "1" }));
}

async function respond(
	context: RouteContext,
	logger: Logger,
	request: IncomingMessage,
	response: ServerResponse,
): Promise<void> {
	try {
		await answer(context, request, response);
	} catch (error) {
		if (!(error instanceof Problem)) {
			logger.error("a request failed in an unexpected way", { error: error instanceof Error ? error.name : "unknown" });
		}
		if (response.headersSent) return void response.destroy();
		sendProblem(response, error instanceof Problem ? error : new Problem(500, "the agent failed to answer"));
	}
}

function sendProblem(response: ServerResponse, { status, body, headers }: Problem): void {
	send(response, status, "application/problem+json", JSON.stringify(body), {
		...headers,
		// Status 403 means that a page of another site has sent the request, so its connection is closed.
		...(status === 403 && { connection: "close" }),
	});
}
