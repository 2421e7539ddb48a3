import type { DeribitSocketOptions } from "../options.ts";
import type { DeribitUnexpectedMessage } from "../socket/call-user-handlers.ts";
import { connectDeribit } from "../socket/connect.ts";
import type { DeribitConnection } from "../socket/connection.ts";

/**
 * A WebSocket for tests: it records what the client sends, and delivers to the client what the test passes to
 * {@link FakeSocket.receive}.
 */
export class FakeSocket extends EventTarget {
	static last: FakeSocket;
	readonly sent: { id: number; method: string; params: Record<string, unknown> }[] = [];
	binaryType = "blob";

	constructor() {
		super();
		FakeSocket.last = this;
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

	/** Delivers a frame to the client: strings and bytes unchanged, any other value as JSON. */
	receive(frame: unknown): void {
		const data = typeof frame === "object" && !(frame instanceof ArrayBuffer) ? JSON.stringify(frame) : frame;
		this.dispatchEvent(new MessageEvent("message", { data }));
	}
}

/**
 * Opens a connection over a {@link FakeSocket} and records the messages that the connection reports to `onUnexpected`.
 */
export async function connectFake(options: DeribitSocketOptions = {}): Promise<{
	connection: DeribitConnection;
	socket: FakeSocket;
	unexpected: DeribitUnexpectedMessage[];
}> {
	const unexpected: DeribitUnexpectedMessage[] = [];
	const connection = await connectDeribit({
		// The cast is safe: FakeSocket has all members that the client uses.
		WebSocket: FakeSocket as unknown as typeof WebSocket,
		onUnexpected: (each) => unexpected.push(each),
		...options,
	});
	return { connection, socket: FakeSocket.last, unexpected };
}
