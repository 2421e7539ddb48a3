/** One request that came in, as it was sent. */
export interface ReceivedRequest {
	method: string;
	params: unknown;
	/** `http` or the id of the connection. */
	via: string;
	/** Epoch milliseconds. */
	at: number;
}

const most = 1_000;

/** A bounded record of requests. */
export class Received {
	readonly entries: ReceivedRequest[] = [];

	add(request: Omit<ReceivedRequest, "at">): void {
		this.entries.push({ ...request, at: Date.now() });
		if (this.entries.length > most) this.entries.shift();
	}
}
