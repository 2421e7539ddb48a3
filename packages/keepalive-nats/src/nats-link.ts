import { readFile } from "node:fs/promises";
import { connect as connectSocket } from "node:net";
import type { ConnectionOptions, NatsConnection } from "@nats-io/transport-node";
import { withDeadline } from "@x/base/clock";
import type { NatsConnectionLike, ServerAddress, ServerOptions } from "./options.ts";

/** How a store reaches the servers. */
export interface NatsLink {
	/**
	 * Does work over a connection.
	 *
	 * @param work - gets a signal that aborts when its result is no longer awaited.
	 * @throws what the work threw, the reason of the signal, or an error after 10 s.
	 */
	use<T>(signal: AbortSignal, work: (connection: NatsConnection, signal: AbortSignal) => Promise<T>): Promise<T>;
	/** Never rejects. */
	close(): Promise<void>;
}

/** How long a call takes at most, in milliseconds, also for a caller whose signal never aborts. */
const callTimeoutMs = 10_000;
/** How long a connection may take to be made, in milliseconds. */
const connectTimeoutMs = 4_000;

function withinDeadline<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
	const onTimeout = (): Error => new Error(`no answer within ${callTimeoutMs} ms`);
	return withDeadline({ ms: callTimeoutMs, signal, onTimeout }, work);
}

/** A connection of the user. It is used as it is, and never closed. */
export function givenLink(connection: NatsConnectionLike): NatsLink {
	return {
		// The cast: the declarations of the library do not compile with each setting of the compiler, so the option names less of it.
		use: (signal, work) => withinDeadline(signal, (cut) => work(connection as NatsConnection, cut)),
		close: async () => undefined,
	};
}

/** One connection, from the attempt to make it to its end. */
interface Attempt {
	readonly connected: Promise<NatsConnection>;
	/** Undefined until one has answered. */
	server(): ServerAddress | undefined;
	/** The messages that have arrived over it. */
	received(): number;
	/** Never rejects. */
	end(): Promise<void>;
}

/**
 * Connects with the first call, and again with the next call after the connection was lost, or did not answer. The connection does not reconnect
 * by itself, so that it keeps no buffer of what was not sent. What the network delays names an earlier revision and changes nothing.
 */
export function ownLink(options: ServerOptions): NatsLink {
	let current: Attempt | undefined;
	/** The server of the last call that failed: it may have lost the others of its cluster, and they are asked first. */
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
				// Where there is only one, nothing is gained by connecting to it again.
				if (options.servers.length === 1) return;
				failed = attempt.server();
				void drop(attempt);
			};
			return withinDeadline(signal, async (cut) => {
				const onAbort = (): void => {
					// The connection may be dead, and everything sent over it would wait for the operating system.
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

/** @param last - the server that is asked only when no other one answers. */
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
			ended.abort(new Error("the connection was given up"));
			await connection?.close().catch(() => undefined);
		},
	};
}

async function connect(options: ServerOptions, { host, port }: ServerAddress): Promise<NatsConnection> {
	// Loaded only here: a program may import this package and use no server.
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
 * The server that sends its greeting first. An attempt of the library to connect to one that accepts connections and says nothing, such as a
 * frozen one, would leave a socket open for each attempt.
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
