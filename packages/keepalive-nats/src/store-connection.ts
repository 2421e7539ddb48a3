import { readFile } from "node:fs/promises";
import { connect as connectSocket } from "node:net";
import type { ConnectionOptions, NatsConnection } from "@nats-io/transport-node";
import { withDeadline } from "@x/base/clock";
import type { NatsConnectionLike, ServerAddress, ServerOptions } from "./options.ts";

/** The way in which a store gets a connection to the servers. */
export interface NatsLink {
	/**
	 * Runs `work` with a connection.
	 *
	 * @param work - gets a signal that aborts when the caller no longer waits for the result.
	 * @throws the error that `work` threw, the reason of the signal, or a timeout error after 10 s.
	 */
	use<T>(signal: AbortSignal, work: (connection: NatsConnection, signal: AbortSignal) => Promise<T>): Promise<T>;
	/** Closes the connection if the store itself opened it. Never rejects. */
	close(): Promise<void>;
}

/** How long a call may take, in milliseconds. This limit applies even if the caller's signal never aborts. */
const callTimeoutMs = 10_000;
/** How long it may take to open a connection, in milliseconds. */
const connectTimeoutMs = 4_000;

function withinDeadline<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
	const onTimeout = (): Error => new Error(`no answer within ${callTimeoutMs} ms`);
	return withDeadline({ ms: callTimeoutMs, signal, onTimeout }, work);
}

/** A link that uses a connection of the user, and never closes that connection. */
export function givenLink(connection: NatsConnectionLike): NatsLink {
	return {
		// The type of the option contains only a part of the library's `NatsConnection`, because the library's own declarations do
		// not compile with every compiler setting. So a cast is needed.
		use: (signal, work) => withinDeadline(signal, (cut) => work(connection as NatsConnection, cut)),
		close: async () => undefined,
	};
}

/** One connection, from the attempt to open it until it ends. */
interface Attempt {
	readonly connected: Promise<NatsConnection>;
	/** The server of this connection; undefined until a server has answered. */
	server(): ServerAddress | undefined;
	/** How many messages have arrived over the connection. */
	received(): number;
	/** Closes the connection, or stops trying to connect. Never rejects. */
	end(): Promise<void>;
}

/**
 * A link that opens its own connection. The link connects at the first call, and again at the next call after the connection was lost or
 * did not answer. The connection does not reconnect by itself, because it would buffer writes and send them late. A write that the network
 * delays does no harm: it contains an earlier revision, so the server refuses it.
 */
export function ownLink(options: ServerOptions): NatsLink {
	let current: Attempt | undefined;
	/**
	 * The server of the last failed call. That server may be cut off from its cluster, so the next connection tries the other
	 * servers first.
	 */
	let failed: ServerAddress | undefined;
	const drop = (attempt: Attempt | undefined): Promise<void> => {
		if (current === attempt) current = undefined;
		return attempt?.end() ?? Promise.resolve();
	};
	const begin = (): Attempt => {
		const attempt = startAttempt(options, failed);
		const forget = (): void => void drop(attempt);
		attempt.connected.then((connection) => connection.closed().then(forget), forget);
		return attempt;
	};
	return {
		use: (signal, work) => {
			signal.throwIfAborted();
			current ??= begin();
			const attempt = current;
			const receivedBefore = attempt.received();
			const hasFailed = (): void => {
				// If there is only one server, the connection is kept, because a new connection would go to the same server.
				if (options.servers.length === 1) return;
				failed = attempt.server();
				void drop(attempt);
			};
			return withinDeadline(signal, async (cut) => {
				const onAbort = (): void => {
					// No message has arrived since the call began, so the connection may be dead. Over a dead connection, later
					// calls would wait until the operating system notices.
					if (attempt.received() === receivedBefore) void drop(attempt);
					hasFailed();
				};
				cut.addEventListener("abort", onAbort, { once: true });
				const connection = await attempt.connected;
				cut.throwIfAborted();
				try {
					return await work(connection, cut);
				} catch (error) {
					hasFailed();
					throw error;
				}
			});
		},
		close: () => drop(current),
	};
}

/** @param last - the server that is tried only when no other server answers. */
function startAttempt(options: ServerOptions, last: ServerAddress | undefined): Attempt {
	const ended = new AbortController();
	let connection: NatsConnection | undefined;
	let server: ServerAddress | undefined;
	const onTimeout = (): Error => new Error(`no connection within ${connectTimeoutMs} ms`);
	const connecting = withDeadline({ ms: connectTimeoutMs, signal: ended.signal, onTimeout }, async (signal) => {
		server = await chooseServer(options.servers, last, signal);
		const made = await connect(options, server);
		if (signal.aborted) await made.close();
		else connection = made;
		return made;
	});
	return {
		connected: connecting,
		server: () => server,
		received: () => connection?.stats().inMsgs ?? 0,
		end: async () => {
			ended.abort(new Error("connecting was stopped: the store was closed, or a call was not answered"));
			await connection?.close().catch(() => undefined);
		},
	};
}

async function connect(options: ServerOptions, { host, port }: ServerAddress): Promise<NatsConnection> {
	// The library is loaded at the first use, because a program may import this package without using a server.
	const library = await import("@nats-io/transport-node");
	const { user, password, token, credentialsFile } = options.credentials;
	const authentication: ConnectionOptions = {
		...(user !== undefined && password !== undefined && { user, pass: password }),
		...(token !== undefined && { token }),
		...(credentialsFile !== undefined && {
			authenticator: library.credsAuthenticator(await readFile(credentialsFile)),
		}),
	};
	return library.connect({
		...authentication,
		...(options.tls && { tls: options.tls }),
		servers: `${host.includes(":") ? `[${host}]` : host}:${port}`,
		name: "keepalive",
		reconnect: false,
		timeout: connectTimeoutMs,
	});
}

async function chooseServer(
	servers: readonly ServerAddress[],
	last: ServerAddress | undefined,
	signal: AbortSignal,
): Promise<ServerAddress> {
	const others = servers.filter((server) => server !== last);
	if (others.length === 0 || others.length === servers.length) return firstToGreet(servers, signal);
	const soon = AbortSignal.any([signal, AbortSignal.timeout(connectTimeoutMs / 2)]);
	return firstToGreet(others, soon).catch(() => firstToGreet(servers, signal));
}

/**
 * Returns the server that first sends its greeting. The library is not used for this, because it would leak a socket at each attempt to
 * connect to a frozen server, which accepts connections but sends nothing.
 */
async function firstToGreet(servers: readonly ServerAddress[], signal: AbortSignal): Promise<ServerAddress> {
	const found = new AbortController();
	const either = AbortSignal.any([signal, found.signal]);
	try {
		return await Promise.any(servers.map((server) => greeting(server, either)));
	} catch (error) {
		throw error instanceof AggregateError ? error.errors[0] : error;
	} finally {
		found.abort();
	}
}

function greeting(server: ServerAddress, signal: AbortSignal): Promise<ServerAddress> {
	return new Promise((resolve, reject) => {
		const socket = connectSocket(server);
		const onAbort = (): void => void socket.destroy();
		signal.addEventListener("abort", onAbort, { once: true });
		if (signal.aborted) onAbort();
		socket.once("data", () => {
			resolve(server);
			socket.destroy();
		});
		socket.once("error", reject);
		socket.once("close", () => {
			signal.removeEventListener("abort", onAbort);
			reject(new Error(`${server.host}:${server.port} closed the connection`));
		});
	});
}
