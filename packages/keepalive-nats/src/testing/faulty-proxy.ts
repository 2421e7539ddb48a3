import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** A TCP proxy on 127.0.0.1 to a port, which loses or delays what passes through it. */
export class FaultyProxy {
	/** How many connections were made to it. */
	accepted = 0;
	readonly #server: Server;
	readonly #sockets = new Set<Socket>();
	/** Of a request of the client that begins the fault. */
	#text: string | undefined;
	#fault: "lose replies" | "hold requests" | undefined;
	#begun: (() => void) | undefined;
	#held: (() => void)[] = [];
	/** The connections over which nothing passes any more. */
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
		// The cast: a server that listens on TCP has such an address.
		return (this.#server.address() as AddressInfo).port;
	}

	/**
	 * Loses every answer, from the one to a request with this text, until {@link heal}. Resolves with the first one that is lost, so the server
	 * has carried the request out.
	 */
	loseReplyTo(text: string): Promise<void> {
		return this.#begin("lose replies", text);
	}

	/** Holds back every request, from one with this text, until {@link heal} lets them through. Resolves with the first one. */
	hold(text: string): Promise<void> {
		return this.#begin("hold requests", text);
	}

	/** Lets nothing pass any more over the connections that are open. New ones work. */
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
