import { after } from "@x/base/clock";
import { abortedError, timeoutError } from "../errors.ts";
import type { ReplyFrame } from "./read-frame.ts";

/** What a request waits for: the reply to its operation (`op`), or the opening of the WebSocket. */
type Awaited = ReplyFrame | { readonly op: "open"; readonly req_id?: undefined };

interface Pending {
	readonly id: string;
	readonly op: Awaited["op"];
	resolve(frame: Awaited): void;
	reject(reason: unknown): void;
}

/** The name and deadline of a request. */
export interface RequestOptions {
	/** The name of the request in errors. */
	readonly call: string;
	readonly timeoutMs: number;
	readonly signal: AbortSignal | undefined;
}

/**
 * The requests of one connection that wait for their reply.
 *
 * A reply does not name its topic, so it is matched with its request by `req_id`. A reply without `req_id` is matched by its `op` if
 * only one request with this `op` is pending.
 */
export class PendingRequests {
	/** The pending requests. Most of the time there are none, and an empty list uses less memory than a map. */
	#pending: readonly Pending[] = [];
	/** The last ID that was used. The first ID, 0, stands for the opening of the WebSocket and is not sent. */
	#lastId = -1;
	#hasSeenIds = false;

	/**
	 * Sends a request with a new ID, and waits for its reply.
	 *
	 * @throws BybitError of kind `timeout` or `aborted`, the error that `send` throws, or the reason that `rejectAll` is given.
	 */
	request<Frame extends Awaited>(
		op: Frame["op"],
		{ call, timeoutMs, signal }: RequestOptions,
		send: (id: string) => void,
	): Promise<Frame> {
		return new Promise((resolve, reject) => {
			if (signal?.aborted) return reject(abortedError(call));
			this.#lastId += 1;
			const id = String(this.#lastId);
			const remove = (): void => {
				cancelTimeout();
				signal?.removeEventListener("abort", onAbort);
				// A new array is created, because an array that was emptied would keep its memory.
				this.#pending = this.#pending.filter((one) => one !== pending);
			};
			const pending: Pending = {
				id,
				op,
				resolve: (frame) => {
					remove();
					// The cast is safe: `settle` passes only a frame with the same `op`.
					resolve(frame as Frame);
				},
				reject: (reason) => {
					remove();
					reject(reason);
				},
			};
			const cancelTimeout = after(timeoutMs, () => pending.reject(timeoutError(call, timeoutMs)));
			const onAbort = (): void => pending.reject(abortedError(call));
			signal?.addEventListener("abort", onAbort);
			this.#pending = [...this.#pending, pending];
			try {
				send(id);
			} catch (error) {
				pending.reject(error);
			}
		});
	}

	/** Resolves the request that the frame replies to; returns false when there is none. */
	settle(frame: Awaited): boolean {
		const { op, req_id: id } = frame;
		const found = id ? this.#pending.find((one) => one.id === id) : this.#onlyPending(op);
		if (id) this.#hasSeenIds = true;
		if (found?.op !== op) return false;
		found.resolve(frame);
		return true;
	}

	rejectAll(reason: unknown): void {
		for (const { reject } of this.#pending) reject(reason);
	}

	/**
	 * The only pending request with this `op`; undefined when there is none or more than one.
	 *
	 * Once the venue has sent any reply with an ID, a pong without an ID matches no request: it may be the late reply to a ping
	 * that is no longer pending.
	 */
	#onlyPending(op: Awaited["op"]): Pending | undefined {
		if (this.#hasSeenIds && op === "pong") return undefined;
		const [only, second] = this.#pending.filter((one) => one.op === op);
		return second ? undefined : only;
	}
}
