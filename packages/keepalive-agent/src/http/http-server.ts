import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after } from "@x/base/clock";
import type { Logger } from "@x/keepalive";
import type { HttpConfig } from "../config/config.ts";
import type { Guard } from "./guard.ts";
import { Problem } from "./problem.ts";
import { answer, type RouteContext, send } from "./routes.ts";
import { listenAtPath } from "./unix-socket.ts";

const maxConnections = 512;
/** How long responses may take to leave when the server is closed. */
const closeMs = 1_000;

/** The HTTP server of the agent. It takes its addresses first, so that one in use starts no session. */
export class HttpServer {
	readonly #server: Server;
	/** The one of the Unix socket, if there is one. */
	readonly #local: Server | undefined;

	private constructor(server: Server, local: Server | undefined) {
		this.#server = server;
		this.#local = local;
	}

	/**
	 * Takes the port, and the Unix socket if there is one. Requests are answered with 503 until {@link serve} is called.
	 *
	 * @throws Error of Node.js, with its `code`, for the port; UnixSocketError.
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

	/** The address, such as `http://127.0.0.1:7300`. */
	get url(): string {
		// The cast: a server that listens on TCP has such an address.
		const { address, port, family } = this.#server.address() as AddressInfo;
		return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
	}

	/** Answers requests from now on. */
	serve(context: RouteContext & { readonly guard: Guard }, logger: Logger): void {
		const { guard } = context;
		for (const server of this.#servers) {
			const own = { ...context, guard: server === this.#local ? guard.forSocket : guard };
			server.removeAllListeners("request");
			server.on("request", (request, response) => void respond(own, logger, request, response));
		}
	}

	/** Ends once the responses in progress are sent, or a second later. */
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

/** A server that is not ready yet. */
function createUnserved(): Server {
	// A bot that asks every few seconds must not find its connection closed at the moment in which it asks.
	const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 60_000 });
	server.maxConnections = maxConnections;
	// Without an answer they would hang: the thread of the sessions takes a moment to start.
	server.on("request", (_, response) =>
		sendProblem(response, new Problem(503, "the agent is starting", { "retry-after": "1" })),
	);
	return server;
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
		// A page of another site keeps no connection.
		...(status === 403 && { connection: "close" }),
	});
}
