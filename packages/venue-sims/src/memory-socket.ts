import type { Link, LinkConnection } from "./network-link.ts";

/**
 * Creates a `WebSocket` class that reaches a simulated venue in memory.
 *
 * The class behaves like a standard WebSocket in everything that a client could depend on:
 *
 * - events arrive in later microtasks;
 * - `send()` throws before `open`, and is ignored after the close;
 * - a refused handshake emits `error` and then `close` with code 1006, without the HTTP status;
 * - after `close()` on a half-open connection, no `close` event follows.
 *
 * @param remoteAddress - the client's IP address that the venue sees.
 */
export function memoryWebSocket(link: Link, remoteAddress = "127.0.0.1"): typeof WebSocket {
	class BoundMemorySocket extends MemorySocket {
		constructor(url: string | URL) {
			super(link, new URL(url), remoteAddress);
		}
	}
	// The cast is safe: the class has all members that clients use. Only extensions and subprotocols, which no venue has,
	// are missing.
	return BoundMemorySocket as unknown as typeof WebSocket;
}

class MemorySocket extends EventTarget {
	static readonly CONNECTING = 0;
	static readonly OPEN = 1;
	static readonly CLOSING = 2;
	static readonly CLOSED = 3;
	readonly url: string;
	binaryType: "blob" | "arraybuffer" = "blob";
	readyState = 0;
	bufferedAmount = 0;
	onopen: ((event: Event) => void) | null = null;
	onmessage: ((event: Event) => void) | null = null;
	onclose: ((event: Event) => void) | null = null;
	onerror: ((event: Event) => void) | null = null;
	#end: LinkConnection | undefined;

	constructor(link: Link, url: URL, remoteAddress: string) {
		super();
		this.url = url.href;
		for (const type of ["open", "message", "close", "error"] as const) {
			this.addEventListener(type, (event) => this[`on${type}`]?.(event));
		}
		queueMicrotask(() => this.#connect(link, url, remoteAddress));
	}

	send(data: string | ArrayBufferLike | ArrayBufferView): void {
		if (this.readyState === 0) throw new DOMException("Sent before connected.", "InvalidStateError");
		if (this.readyState !== 1) return;
		const end = this.#end;
		const frame = typeof data === "string" ? data : toBytes(data);
		queueMicrotask(() => end?.message(frame));
	}

	close(code = 1005, reason = ""): void {
		if (this.readyState >= 2) return;
		const connecting = this.readyState === 0;
		this.readyState = 2;
		queueMicrotask(() => {
			if (connecting) return this.#finish(1006, "", false);
			// On a half-open connection no close frame comes back, so the socket stays in the state CLOSING.
			if (this.#end?.closed(code)) queueMicrotask(() => this.#finish(code, reason, true));
		});
	}

	#connect(link: Link, url: URL, remoteAddress: string): void {
		if (this.readyState !== 0) return;
		const request = { method: "GET", url, headers: { host: url.host }, body: "", remoteAddress };
		const upgrade = link.upgrade(request);
		if (upgrade.kind === "hang") return;
		if (upgrade.kind !== "accept") {
			this.dispatchEvent(new Event("error"));
			this.#finish(1006, "", false);
			return;
		}
		this.readyState = 1;
		this.#end = upgrade.attach({
			send: (data) => queueMicrotask(() => this.#receive(data)),
			close: (code, reason) => queueMicrotask(() => this.#finish(code, reason, true)),
			drop: () => queueMicrotask(() => this.#finish(1006, "", false)),
			silence: () => undefined,
		});
		this.dispatchEvent(new Event("open"));
	}

	#receive(data: string | Uint8Array): void {
		if (this.readyState !== 1) return;
		const payload =
			typeof data === "string"
				? data
				: this.binaryType === "arraybuffer"
					? data.slice().buffer
					: new Blob([data.slice()]);
		this.dispatchEvent(new MessageEvent("message", { data: payload }));
	}

	#finish(code: number, reason: string, wasClean: boolean): void {
		if (this.readyState === 3) return;
		this.readyState = 3;
		// Node.js 22 has no global CloseEvent.
		this.dispatchEvent(Object.assign(new Event("close"), { code, reason, wasClean }));
	}
}

function toBytes(data: ArrayBufferLike | ArrayBufferView): Uint8Array {
	return ArrayBuffer.isView(data)
		? new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice()
		: new Uint8Array(data).slice();
}
