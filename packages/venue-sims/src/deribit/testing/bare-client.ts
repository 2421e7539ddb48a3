import { memoryFetch } from "../../memory-fetch.ts";
import { memoryWebSocket } from "../../memory-socket.ts";
import type { Link } from "../../network-link.ts";

type Json = Record<string, unknown>;

/** A minimal client for the tests of the simulated Deribit, which records frames and finds the reply to a request by its id. */
export class BareClient {
	readonly frames: Json[] = [];
	closed: { code: number; reason: string; at: number } | undefined;
	readonly #socket: WebSocket;
	#id = 0;

	constructor(link: Link) {
		this.#socket = new (memoryWebSocket(link))("wss://test.deribit.com/ws/api/v2");
		const started = performance.now();
		this.#socket.addEventListener("message", ({ data }) => void this.frames.push(JSON.parse(data)));
		this.#socket.addEventListener("close", ({ code, reason }) => {
			this.closed = { code, reason, at: performance.now() - started };
		});
	}

	static async open(link: Link): Promise<BareClient> {
		const client = new BareClient(link);
		await settle();
		return client;
	}

	send(text: string | Uint8Array<ArrayBuffer>): void {
		this.#socket.send(text);
	}

	close(): void {
		this.#socket.close(1000);
	}

	/** Sends a request. Returns the reply, or an empty object if no reply came. */
	async ask(method: string, params?: Json): Promise<Json> {
		this.#id += 1;
		const id = this.#id;
		this.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
		await settle();
		return this.frames.find((frame) => frame["id"] === id) ?? {};
	}

	/** The `params` of the heartbeat frames that were received so far. */
	heartbeats(): unknown[] {
		return this.frames.filter((frame) => frame["method"] === "heartbeat").map((frame) => frame["params"]);
	}
}

/** Makes an HTTP call to the simulated Deribit. */
export async function callHttp(link: Link, path: string, init?: RequestInit): Promise<{ status: number; body: Json }> {
	const response = await memoryFetch(link)(`https://test.deribit.com/api/v2${path}`, init);
	return { status: response.status, body: (await response.json()) as Json };
}

/** Waits until all frames in flight are delivered, without advancing the fake clock. */
export async function settle(): Promise<void> {
	for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
