import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** A TCP proxy on 127.0.0.1 that forwards to a port. It can lose or delay the data that passes through it. */
export class FaultyProxy {
	/** How many connections were made to the proxy. */
	accepted = 0;
	readonly #server: Server;
	readonly #sockets = new Set<Socket>();
	/** The fault begins with the client's first request that contains this text. Undefined while no fault is set. */
	#text: string | undefined;
	#fault: "lose replies" | "hold requests" | undefined;
	#begun: (() => void) | undefined;
	#held: (() => void)[] = [];
	/** The connections over which the proxy passes no more data. */
	#silent = new WeakSet<Socket>();

	private constructor(target: number) {
		this.#server = createServer((client) => this.#forward(client, connect(target, "127.0.0.1")));
	}

	static async start(target: number): Promise<FaultyProxy> {
		const proxy = new FaultyProxy(target);
		await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
		return proxy;
	}

	get port(): number {
		// The cast is safe: a server that listens on TCP has an address of this type.
		return (this.#server.address() as AddressInfo).port;
	}

	/**
	 * Loses every reply from now on until {@link heal}, beginning with the reply to the first request that contains this text.
	 * Resolves when the first reply is lost: the server has executed that request by then.
	 */
	loseReplyTo(text: string): Promise<void> {
		return this.#begin("lose replies", text);
	}

	/**
	 * Holds back every request until {@link heal}, beginning with the first request that contains this text. Resolves when that
	 * first request is held back.
	 */
	hold(text: string): Promise<void> {
		return this.#begin("hold requests", text);
	}

	/** Passes no more data over the connections that are open now. New connections work. */
	silence(): void {
		for (const socket of this.#sockets) this.#silent.add(socket);
	}

	heal(): void {
		this.#text = undefined;
		this.#fault = undefined;
		for (const send of this.#held.splice(0)) send();
	}

	async close(): Promise<void> {
		for (const socket of this.#sockets) socket.destroy();
		await new Promise((resolve) => this.#server.close(resolve));
	}

	#begin(fault: "lose replies" | "hold requests", text: string): Promise<void> {
		return new Promise((resolve) => {
			this.#text = text;
			this.#begun = () => {
				this.#fault = fault;
				if (fault === "hold requests") resolve();
				else this.#begun = resolve;
			};
		});
	}

	#forward(client: Socket, server: Socket): void {
		this.accepted += 1;
		for (const socket of [client, server]) {
			this.#sockets.add(socket);
			socket.on("error", () => undefined);
			socket.on("close", () => {
				this.#sockets.delete(socket);
				client.destroy();
				server.destroy();
			});
		}
		client.on("data", (chunk) => {
			if (this.#silent.has(client)) return;
			if (this.#fault === undefined && this.#text !== undefined && chunk.includes(this.#text)) this.#begun?.();
			if (this.#fault === "hold requests") this.#held.push(() => server.write(chunk));
			else server.write(chunk);
		});
		server.on("data", (chunk) => {
			if (this.#silent.has(client)) return;
			if (this.#fault === "lose replies") this.#begun?.();
			else client.write(chunk);
		});
	}
}
