import { WebSocket } from "ws";

type Json = Record<string, unknown>;

/** A bot that is connected by a WebSocket to the relay or to the venue. It records the received frames unchanged. */
export class BotClient {
	readonly frames: string[] = [];
	/** Resolves when the socket is closed. */
	readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
	readonly socket: WebSocket;
	readonly #waiting = new Set<() => void>();
	#id = 0;

	private constructor(socket: WebSocket) {
		this.socket = socket;
		socket.on("message", (data) => {
			this.frames.push(String(data));
			for (const wake of this.#waiting) wake();
		});
		this.closed = new Promise((resolve) =>
			socket.on("close", (code, reason) => resolve({ code, reason: String(reason) })),
		);
		socket.on("error", () => undefined);
	}

	/** Connects. @throws Error with the status if the handshake is refused. */
	static async open(url: string, headers: Record<string, string> = {}): Promise<BotClient> {
		const client = new BotClient(new WebSocket(url, { headers, perMessageDeflate: false }));
		await new Promise<void>((resolve, reject) => {
			client.socket.on("open", () => resolve());
			client.socket.on("error", reject);
		});
		return client;
	}

	send(text: string | Buffer): void {
		this.socket.send(text);
	}

	/**
	 * Waits for a recorded frame for which `isMeant` returns true.
	 *
	 * @param from - how many recorded frames to skip.
	 */
	async frame(isMeant: (text: string) => boolean, from = 0): Promise<string> {
		for (;;) {
			const found = this.frames.slice(from).find(isMeant);
			if (found !== undefined) return found;
			await new Promise<void>((resolve) => {
				const wake = (): void => {
					this.#waiting.delete(wake);
					resolve();
				};
				this.#waiting.add(wake);
			});
		}
	}

	/** Sends a request and resolves with the whole reply. */
	async ask(method: string, params?: Json): Promise<Json> {
		this.#id += 1;
		const id = `${this.#id}`;
		this.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
		return JSON.parse(await this.frame((text) => text.includes(`"id":"${id}"`)));
	}

	/** Logs in with the local token. @throws Error if the relay refuses it. */
	async login(name = "maker", token = botToken(name)): Promise<this> {
		const credentials = { grant_type: "client_credentials", client_id: name, client_secret: token };
		const { error } = await this.ask("public/auth", credentials);
		if (error) throw new Error(JSON.stringify(error));
		return this;
	}

	close(code?: number): void {
		this.socket.close(code);
	}
}

/** The local token of a bot in the tests. */
export const botToken = (name: string): string => `local-token-of-${name}`;

/** The parameters of a buy order far below the market, so that it stays open. */
export const restingOrder = { instrument_name: "BTC-PERPETUAL", amount: 10, price: 1_000 } as const;
