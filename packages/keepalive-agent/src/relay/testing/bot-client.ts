import { WebSocket } from "ws";

type Json = Record<string, unknown>;

/** A bot that speaks to the relay, or to the venue, over a WebSocket. Records frames as they came. */
export class BotClient {
	readonly frames: string[] = [];
	/** Resolves with the close. */
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

	/** @throws Error with the status of a handshake that was refused. */
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

	/** Waits for a frame. */
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

	/** Sends a request and returns the whole reply. */
	async ask(method: string, params?: Json): Promise<Json> {
		this.#id += 1;
		const id = `${this.#id}`;
		this.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
		return JSON.parse(await this.frame((text) => text.includes(`"id":"${id}"`)));
	}

	/** Logs in with the local token. @throws Error when it is refused. */
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

/** The local token of a bot of the stage. */
export const botToken = (name: string): string => `local-token-of-${name}`;

/** An order that rests. */
export const restingOrder = { instrument_name: "BTC-PERPETUAL", amount: 10, price: 1_000 } as const;
