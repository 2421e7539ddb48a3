import type { DeribitSocketOptions } from "../options.ts";
import { connectDeribit } from "../socket/connect.ts";
import type { DeribitConnection } from "../socket/connection.ts";
import type { DeribitUnexpectedMessage } from "../socket/handlers.ts";

/** A socket in the hands of the test: what is sent is kept, what arrives is said by the test. */
export class HeldSocket extends EventTarget {
	static last: HeldSocket;
	readonly sent: { id: number; method: string; params: Record<string, unknown> }[] = [];
	binaryType = "blob";

	constructor() {
		super();
		HeldSocket.last = this;
		queueMicrotask(() => this.dispatchEvent(new Event("open")));
	}

	send(text: string): void {
		this.sent.push(JSON.parse(text));
	}

	close(): void {
		this.end(1000);
	}

	end(code: number): void {
		this.dispatchEvent(Object.assign(new Event("close"), { code }));
	}

	/** A frame: text and bytes as they are, anything else as JSON. */
	hear(frame: unknown): void {
		const data = typeof frame === "object" && !(frame instanceof ArrayBuffer) ? JSON.stringify(frame) : frame;
		this.dispatchEvent(new MessageEvent("message", { data }));
	}
}

/** A connection over such a socket, and what it calls strange. */
export async function hold(options: DeribitSocketOptions = {}): Promise<{
	connection: DeribitConnection;
	socket: HeldSocket;
	strange: DeribitUnexpectedMessage[];
}> {
	const strange: DeribitUnexpectedMessage[] = [];
	const connection = await connectDeribit({
		// The members that a client uses, which is what such a test is about.
		WebSocket: HeldSocket as unknown as typeof WebSocket,
		onUnexpected: (each) => strange.push(each),
		...options,
	});
	return { connection, socket: HeldSocket.last, strange };
}
