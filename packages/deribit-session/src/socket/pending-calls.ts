import { after } from "@x/base/clock";
import { DeribitError } from "../errors.ts";
import type { JsonObject } from "./read-frame.ts";

interface PendingCall {
	readonly call: string;
	onReply(body: JsonObject, text: string): void;
	fail(error: DeribitError): void;
}

interface NewCall {
	readonly call: string;
	readonly timeoutMs: number;
	readonly signal?: AbortSignal | undefined;
	/** Called when the call is settled, with or without a reply. */
	onSettled(): void;
	/**
	 * Called with the reply inside the socket's event, before the caller gets the reply.
	 *
	 * @param text - the frame as received.
	 */
	onReply(body: JsonObject, text: string): void;
	/** Called when the call is settled without a reply. */
	onFailure(error: DeribitError): void;
}

/**
 * The calls that wait for a reply. Each call is settled exactly once: by its reply, its deadline, its signal or the end
 * of the connection.
 */
export class PendingCalls {
	readonly #pending = new Map<number, PendingCall>();
	#lastId = 0;

	/** Returns an id for a new request, one more than the last id. */
	nextId(): number {
		this.#lastId += 1;
		return this.#lastId;
	}

	/** Waits for the reply with this id. The deadline counts from now. */
	wait(id: number, call: Omit<NewCall, "onFailure">): Promise<JsonObject> {
		return new Promise<JsonObject>((resolve, reject) =>
			this.add(id, {
				...call,
				onReply: (body, text) => {
					call.onReply(body, text);
					resolve(body);
				},
				onFailure: reject,
			}),
		);
	}

	/** Adds a call. Either `onReply` or `onFailure` of the call is called, exactly once. The deadline counts from now. */
	add(id: number, { call, timeoutMs, signal, onReply, onFailure, onSettled }: NewCall): void {
		const settle = (): void => {
			cancelTimer();
			signal?.removeEventListener("abort", onAbort);
			this.#pending.delete(id);
			onSettled();
		};
		const fail = (error: DeribitError): void => {
			settle();
			onFailure(error);
		};
		const onAbort = (): void => fail(abortError(call));
		const cancelTimer = after(timeoutMs, () =>
			fail(
				new DeribitError(`no reply within ${timeoutMs} ms. The venue may still have acted on it`, {
					kind: "timeout",
					call,
				}),
			),
		);
		signal?.addEventListener("abort", onAbort, { once: true });
		this.#pending.set(id, {
			call,
			fail,
			onReply: (body, text) => {
				settle();
				onReply(body, text);
			},
		});
	}

	/** Settles the call with this id by a reply; returns false when no call with this id is pending. */
	resolve(id: unknown, body: JsonObject, text: string): boolean {
		const call = typeof id === "number" ? this.#pending.get(id) : undefined;
		call?.onReply(body, text);
		return call !== undefined;
	}

	/** Fails the call with this id; returns false when no call with this id is pending. */
	fail(id: number, error: (call: string) => DeribitError): boolean {
		const pending = this.#pending.get(id);
		pending?.fail(error(pending.call));
		return pending !== undefined;
	}

	/** Fails all pending calls. The function `error` is not called when no call is pending. */
	failAll(error: () => DeribitError): void {
		for (const call of [...this.#pending.values()]) call.fail(error());
	}
}

/**
 * The error of a call whose signal aborted. The error does not contain the signal's reason, because the reason is the
 * caller's own value and may be secret.
 */
export function abortError(call: string): DeribitError {
	return new DeribitError("aborted. The venue may still have acted on it", { kind: "aborted", call });
}
