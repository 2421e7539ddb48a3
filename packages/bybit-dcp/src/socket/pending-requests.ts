import { aborted, cutAfter } from "../time.ts";
import type { ReplyFrame } from "./frames.ts";

/** What is waited for: the answer of an `op`, or the opening of the socket itself. */
export type Awaited = ReplyFrame | { readonly op: "open"; readonly req_id?: undefined };

interface Pending {
	readonly id: string;
	readonly op: Awaited["op"];
	resolve(frame: Awaited): void;
	reject(reason: unknown): void;
}

/** How long to wait for an answer, and how to tell that none came. */
export interface Asking {
	readonly attempt: string;
	readonly ms: number;
	readonly signal: AbortSignal | undefined;
	/** What did not happen in time, where it is not that the attempt had no answer. */
	readonly late?: string;
}

/**
 * The requests of one connection that wait for their answer.
 *
 * An answer does not name its topic, so requests are told apart by `req_id`. A venue that does not send it back leaves
 * one way: the only request of that kind in flight.
 */
export class Requests {
	/** Few at a time, and most of the time none: a list weighs less than a map. */
	#pending: readonly Pending[] = [];
	/** The opening takes the first, which is never sent. */
	#last = -1;
	#echoes = false;

	/**
	 * Sends a request by a new id, and waits for its answer.
	 *
	 * @throws BybitError of kind `timeout` or `aborted`; or what `send` threw, or what `rejectAll` was given.
	 */
	ask<Frame extends Awaited>(op: Frame["op"], asking: Asking, send: (id: string) => void): Promise<Frame> {
		const { attempt, ms, signal, late } = asking;
		return new Promise((resolve, reject) => {
			if (signal?.aborted) return reject(aborted(attempt));
			this.#last += 1;
			const id = String(this.#last);
			const end = (): void => {
				done();
				// A new list: one that was emptied keeps the room of what was in it.
				this.#pending = this.#pending.filter((one) => one !== pending);
			};
			const pending: Pending = {
				id,
				op,
				resolve: (frame) => {
					end();
					// `settle` hands a frame only to a request whose op equals the frame's.
					resolve(frame as Frame);
				},
				reject: (reason) => {
					end();
					reject(reason);
				},
			};
			const done = cutAfter(ms, signal, attempt, pending.reject, late);
			this.#pending = [...this.#pending, pending];
			try {
				send(id);
			} catch (error) {
				pending.reject(error);
			}
		});
	}

	/** Gives the frame to the request it answers; false when there is none. */
	settle(frame: Awaited): boolean {
		const { op, req_id: id } = frame;
		const found = id ? this.#pending.find((one) => one.id === id) : this.#only(op);
		if (id) this.#echoes = true;
		if (found?.op !== op) return false;
		found.resolve(frame);
		return true;
	}

	rejectAll(reason: unknown): void {
		for (const { reject } of this.#pending) reject(reason);
	}

	/** Where ids come back, a pong without one may be the late answer to an earlier ping: it proves nothing of this one. */
	#only(op: Awaited["op"]): Pending | undefined {
		if (this.#echoes && op === "pong") return undefined;
		const [only, second] = this.#pending.filter((one) => one.op === op);
		return second ? undefined : only;
	}
}
