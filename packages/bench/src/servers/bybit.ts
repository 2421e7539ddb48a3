import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";

/**
 * What the server does with new connections: accepts them (`open`), resets them (`reset`), or never replies to the
 * handshake (`hang`).
 */
export type ConnectionMode = "open" | "reset" | "hang";
/** How the server replies to sign-ins (`auth` requests). */
export type SignIn = "ok" | "refused" | "refused and closed";

/** What the server has recorded since the last call of `forget`. Times are in milliseconds on the monotonic clock of the machine. */
export interface Seen {
	/** When each TCP connection was opened. */
	readonly connectionAttempts: readonly number[];
	readonly signIns: readonly number[];
	readonly signedIn: readonly number[];
	readonly subscribed: readonly number[];
	readonly pings: number;
	/** For each connection name, the milliseconds from the call of `silence` until the client closed that connection or reconnected. */
	readonly noticed: Readonly<Record<string, number>>;
}

const now = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000;
const envelope = (result: object): string =>
	JSON.stringify({ retCode: 0, retMsg: "OK", result, retExtInfo: {}, time: Date.now() });
const dcp = ["DERIVATIVES", "SPOT", "OPTIONS"].map((product) => ({ product, dcpStatus: "ON", timeWindow: "10" }));

/** A minimal, fast Bybit server for benchmarks, whose faults the benchmark can trigger. */
export function bybitServer() {
	let connectionMode: ConnectionMode = "open";
	let signIn: SignIn = "ok";
	let seen = emptySeen();
	const silenced = new Map<string, number>();
	const connections = new Map<string, WebSocket>();
	const sockets = new Set<Socket>();
	const frames = new WebSocketServer({ noServer: true, perMessageDeflate: false });
	// The HTTP server has a separate port, so that the count of connections contains only WebSockets.
	const calls = createServer(answer);
	calls.keepAliveTimeout = 60_000;
	calls.on("connection", (socket) => {
		if (connectionMode === "reset") socket.resetAndDestroy();
	});
	const server = createServer();
	server.on("connection", (socket) => {
		seen.connectionAttempts.push(now());
		sockets.add(socket);
		socket.on("close", () => sockets.delete(socket));
		socket.on("error", () => undefined);
		if (connectionMode === "reset") socket.resetAndDestroy();
	});
	server.on("upgrade", (request, socket, head) => {
		if (connectionMode === "hang") return;
		frames.handleUpgrade(request, socket, head, (connection) => attach(connection, request));
	});
	const listening = Promise.all(
		[server, calls].map((each) => new Promise<void>((resolve) => each.listen(0, "127.0.0.1", 4_096, resolve))),
	);

	function attach(connection: WebSocket, request: IncomingMessage): void {
		const name = new URL(request.url ?? "/", "http://x").searchParams.get("name") ?? "";
		const since = silenced.get(name);
		if (since !== undefined && seen.noticed[name] === undefined) seen.noticed[name] = now() - since;
		connections.set(name, connection);
		connection.on("error", () => undefined);
		connection.on("close", () => {
			if (connections.get(name) !== connection) return;
			const silentSince = silenced.get(name);
			if (silentSince !== undefined && seen.noticed[name] === undefined) seen.noticed[name] = now() - silentSince;
		});
		connection.on("message", (data) => hear(connection, name, String(data)));
	}

	function hear(connection: WebSocket, name: string, text: string): void {
		if (silenced.has(name) && connections.get(name) === connection && seen.noticed[name] === undefined) return;
		const id = /"req_id":\s*"([^"]*)"/.exec(text)?.[1] ?? "";
		const op = /"op":\s*"(\w+)"/.exec(text)?.[1];
		if (op === "ping") {
			seen.pings += 1;
			connection.send(`{"req_id":"${id}","op":"pong","args":["1"],"conn_id":"c"}`);
		} else if (op === "auth") {
			seen.signIns.push(now());
			const success = signIn === "ok";
			if (success) seen.signedIn.push(now());
			connection.send(
				`{"success":${success},"ret_msg":"${success ? "" : "Invalid signature"}","op":"auth","conn_id":"c","req_id":"${id}"}`,
			);
			if (signIn === "refused and closed") connection.close(1008);
		} else if (op === "subscribe") {
			seen.subscribed.push(now());
			connection.send(`{"success":true,"ret_msg":"","op":"subscribe","conn_id":"c","req_id":"${id}"}`);
		}
	}

	function answer(request: IncomingMessage, response: ServerResponse): void {
		request.resume();
		if (connectionMode === "hang") return;
		response.setHeader("content-type", "application/json");
		if (request.url?.startsWith("/v5/account/query-dcp-info")) return void response.end(envelope({ dcpInfos: dcp }));
		const seconds = String(Math.floor(Date.now() / 1_000));
		response.end(envelope({ timeSecond: seconds, timeNano: `${Date.now()}000000` }));
	}

	return {
		addresses: async () => {
			await listening;
			// The cast is safe: the address of a listening TCP server is never a string or null.
			const [ws, http] = [server, calls].map((each) => (each.address() as AddressInfo).port);
			return { http: `http://127.0.0.1:${http}`, ws: `ws://127.0.0.1:${ws}/v5/private` };
		},
		setConnectionMode: (value: ConnectionMode) => {
			connectionMode = value;
		},
		setSignIn: (value: SignIn) => {
			signIn = value;
		},
		/** Resets every connection, as when a server goes down. */
		cut: () => {
			for (const socket of sockets) socket.resetAndDestroy();
		},
		/** Makes the server stop reading and answering on the named connection, which stays open. Returns the time at which it stopped. */
		silence: ({ name }: { name: string }) => {
			connections.get(name)?.pause();
			const at = now();
			silenced.set(name, at);
			return at;
		},
		/** Sends these frames to every connection: a string as a text frame, a list of bytes as a binary frame. */
		sendToAll: (what: readonly (string | readonly number[])[]) => {
			for (const connection of connections.values()) {
				for (const each of what) connection.send(typeof each === "string" ? each : Uint8Array.from(each));
			}
		},
		/**
		 * Sends a text frame with invalid UTF-8 to every connection. The bytes are written by hand, because no library
		 * sends such a frame.
		 */
		sendBadUtf8: () => {
			for (const socket of sockets) socket.write(Uint8Array.from([0x81, 0x02, 0xc3, 0x28]));
		},
		seen: () => seen,
		now,
		forget: () => {
			seen = emptySeen();
			silenced.clear();
		},
	};
}

function emptySeen() {
	return {
		// The casts give the empty lists their type.
		connectionAttempts: [] as number[],
		signIns: [] as number[],
		signedIn: [] as number[],
		subscribed: [] as number[],
		pings: 0,
		noticed: {} as Record<string, number>,
	};
}
