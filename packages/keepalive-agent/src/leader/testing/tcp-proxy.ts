import { type AddressInfo, connect as connectTcp, createServer, type Server, type Socket } from "node:net";

/** A TCP proxy to a server on this machine. After a test has cut the proxy, it passes no data on, but closes no connection. */
export class TcpProxy {
	readonly #server: Server;
	readonly #sockets = new Set<Socket>();
	#isCut = false;

	private constructor(server: Server) {
		this.#server = server;
	}

	/** @param port - the port of the server on 127.0.0.1. */
	static async start(port: number): Promise<TcpProxy> {
		const server = createServer();
		const proxy = new TcpProxy(server);
		server.on("connection", (socket) => proxy.#forward(socket, port));
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		return proxy;
	}

	get port(): number {
		// The cast is safe: a server that listens on a TCP port has an address of this type.
		return (this.#server.address() as AddressInfo).port;
	}

	cut(): void {
		this.#isCut = true;
		for (const socket of this.#sockets) socket.pause();
	}

	/** Lets data pass again. Data that was sent during the cut arrives now. */
	mend(): void {
		this.#isCut = false;
		for (const socket of this.#sockets) socket.resume();
	}

	async close(): Promise<void> {
		const closed = new Promise((resolve) => this.#server.close(resolve));
		for (const socket of this.#sockets) socket.destroy();
		await closed;
	}

	#forward(client: Socket, port: number): void {
		const upstream = connectTcp(port, "127.0.0.1");
		for (const [from, to] of [
			[client, upstream],
			[upstream, client],
		] as const) {
			this.#sockets.add(from);
			from.on("data", (chunk) => to.write(chunk));
			from.on("error", () => to.destroy());
			from.on("end", () => to.end());
			from.on("close", () => this.#sockets.delete(from));
			if (this.#isCut) from.pause();
		}
	}
}
