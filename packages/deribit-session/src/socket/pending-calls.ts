import { DeribitError } from "../errors.ts";
import type { DeribitCallOptions } from "../methods.ts";
import { after } from "../time.ts";
import type { JsonObject } from "./frames.ts";

interface Waiting {
	heard(body: JsonObject): void;
	fail(error: DeribitError): void;
}

interface NewCall extends DeribitCallOptions {
	method: string;
	timeoutMs: number;
	/** Told once that nobody waits any more, whatever the outcome. */
	onFinish?: (() => void) | undefined;
	/** Told of the reply at once, inside the socket's event, before the caller is. */
	onReply?: ((body: JsonObject) => void) | undefined;
}

/** The calls that wait for a reply. Each ends exactly once: reply, deadline, the caller's signal or the connection's end. */
export class Calls {
	readonly #waiting = new Map<number, Waiting>();
	#lastId = 0;

	/** An id that no call has had. */
	nextId(): number {
		this.#lastId += 1;
		return this.#lastId;
	}

	/** Waits for the reply to that id; its deadline runs from now. */
	wait(id: number, { method, timeoutMs, signal, onReply, onFinish }: NewCall): Promise<JsonObject> {
		return new Promise<JsonObject>((resolve, reject) => {
			const finish = (): void => {
				cancel();
				signal?.removeEventListener("abort", onAbort);
				this.#waiting.delete(id);
				onFinish?.();
			};
			const fail = (error: DeribitError): void => {
				finish();
				reject(error);
			};
			const onAbort = (): void => fail(abortedCall(method));
			const cancel = after(timeoutMs, () =>
				fail(
					new DeribitError(
						`${method} had no answer within ${timeoutMs} ms; the venue may have acted on it all the same`,
						{ kind: "timeout", method },
					),
				),
			);
			signal?.addEventListener("abort", onAbort, { once: true });
			const heard = (body: JsonObject): void => {
				finish();
				onReply?.(body);
				resolve(body);
			};
			this.#waiting.set(id, { heard, fail });
		});
	}

	/** Gives a reply to the call with that id; false when there is none. */
	settle(id: unknown, body: JsonObject): boolean {
		const call = typeof id === "number" ? this.#waiting.get(id) : undefined;
		call?.heard(body);
		return call !== undefined;
	}

	/** Fails one call. */
	fail(id: number, error: DeribitError): void {
		this.#waiting.get(id)?.fail(error);
	}

	/** Fails all of them, with an error that is made when there are any. */
	failAll(error: () => DeribitError): void {
		for (const call of [...this.#waiting.values()]) call.fail(error());
	}
}

/** What a caller gets whose signal aborted. The signal's reason is not shown: it is the caller's own. */
export function abortedCall(method: string): DeribitError {
	return new DeribitError(`${method} was given up because its signal aborted; the venue may have acted on it`, {
		kind: "aborted",
		method,
	});
}
