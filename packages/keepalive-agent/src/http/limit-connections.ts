import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** What the server knows about one open connection. */
interface Connection {
	/** The latest request with its response; undefined before the first request. */
	exchange?: { readonly request: IncomingMessage; readonly response: ServerResponse };
	/** Whether the connection became a WebSocket. Other code limits the number of WebSockets, so a WebSocket is not closed here. */
	isWebSocket: boolean;
	/** Whether a request of this connection was answered. */
	isKnown: boolean;
}

/**
 * Keeps room for new connections: a program on this machine that opens connections and sends nothing cannot lock out the bots and the
 * operator.
 *
 * If a new connection makes the number exceed `most`, one connection is closed. It is the first of these that exists:
 * - among the old connections that never got an answer, the one that has waited longest;
 * - among all other old connections, the one that has waited longest;
 * - the new connection.
 *
 * An old connection is closed only while the server waits for its client: for a request, for the rest of a request, or for the client to
 * read an answer.
 */
export function limitConnections(server: Server, most: number): void {
	// Each answer moves its connection to the end, so the connection that has waited longest comes first.
	const open = new Map<Socket, Connection>();
	server.on("connection", (socket: Socket) => {
		open.set(socket, { isWebSocket: false, isKnown: false });
		socket.once("close", () => open.delete(socket));
		if (open.size > most) (longestWaiting(open, socket) ?? socket).destroy();
	});
	server.prependListener("request", (request, response) => {
		const { socket } = request;
		const connection = open.get(socket);
		if (!connection) return;
		connection.exchange = { request, response };
		response.once("finish", () => {
			connection.isKnown = true;
			if (open.delete(socket)) open.set(socket, connection);
		});
	});
	server.prependListener("upgrade", ({ socket }: IncomingMessage) => {
		const connection = open.get(socket);
		if (connection) connection.isWebSocket = true;
	});
}

function longestWaiting(open: ReadonlyMap<Socket, Connection>, newest: Socket): Socket | undefined {
	const waiting = [...open].filter(([socket, connection]) => socket !== newest && isWaiting(connection));
	const [first] = waiting.find(([, { isKnown }]) => !isKnown) ?? waiting[0] ?? [];
	return first;
}

/** Whether the server waits for the client: no answer is due. */
function isWaiting({ exchange, isWebSocket }: Connection): boolean {
	if (isWebSocket) return false;
	return !exchange?.request.complete || exchange.response.writableEnded;
}
