import type { ReplyFrame } from "./frames.ts";

/** The request that an answer of each `op` belongs to. */
type Op = ReplyFrame["op"];

interface Pending {
	readonly op: Op;
	resolve(frame: ReplyFrame): void;
	reject(reason: unknown): void;
}

/**
 * The requests of one connection that wait for their answer.
 *
 * An answer does not name its topic, so requests are told apart by `req_id`. A venue that does not send it back leaves
 * one way: the only request of that kind in flight.
 */
export class Requests {
	readonly #pending = new Map<string, Pending>();
	#last = 0;
	#echoes = false;

	/** A new id, and the promise of its answer. The promise settles once; `forget` ends its part in the table. */
	open<Frame extends ReplyFrame>(op: Frame["op"]): { id: string; answer: Promise<Frame> } {
		this.#last += 1;
		const id = String(this.#last);
		const answer = new Promise<Frame>((resolve, reject) => {
			// `settle` hands a frame only to a request whose op equals the frame's.
			this.#pending.set(id, { op, resolve: resolve as (frame: ReplyFrame) => void, reject });
		});
		// The asker may have given up: a rejection that nobody waits for must not end the process.
		answer.catch(() => undefined);
		return { id, answer };
	}

	forget(id: string): void {
		this.#pending.delete(id);
	}

	/** Gives the frame to the request it answers; false when there is none. */
	settle(frame: ReplyFrame): boolean {
		const id = frame.req_id === undefined || frame.req_id === "" ? this.#only(frame.op) : frame.req_id;
		if (frame.req_id) this.#echoes = true;
		const pending = id === undefined ? undefined : this.#pending.get(id);
		if (id === undefined || pending?.op !== frame.op) return false;
		this.#pending.delete(id);
		pending.resolve(frame);
		return true;
	}

	rejectAll(reason: unknown): void {
		for (const { reject } of this.#pending.values()) reject(reason);
		this.#pending.clear();
	}

	/** Where ids come back, a pong without one may be the late answer to an earlier ping: it proves nothing of this one. */
	#only(op: Op): string | undefined {
		if (this.#echoes && op === "pong") return undefined;
		const ids = [...this.#pending].filter(([, pending]) => pending.op === op).map(([id]) => id);
		return ids.length === 1 ? ids[0] : undefined;
	}
}
