/** The one place of this package that sets timers, so that a fake clock moves all of it. */

/** Milliseconds on a clock that never steps. Only differences mean something. */
export function monotonicMs(): number {
	return performance.now();
}

/** Runs `action` once after `ms`; the returned function prevents it. */
export function after(ms: number, action: () => void): () => void {
	const timer = setTimeout(action, ms);
	return () => clearTimeout(timer);
}

/** Resolves after `ms`, or rejects with the signal's reason when it aborts. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
	return new Promise((resolve, reject) => {
		signal.throwIfAborted();
		const onAbort = (): void => {
			clearTimeout(timer);
			reject(signal.reason);
		};
		const timer = setTimeout(() => {
			signal.removeEventListener("abort", onAbort);
			resolve();
		}, ms);
		signal.addEventListener("abort", onAbort, { once: true });
	});
}

/** Why {@link withDeadline} gave up. */
export class GaveUp extends Error {
	override readonly name = "GaveUp";
	readonly why: "deadline" | "aborted";

	constructor(why: "deadline" | "aborted") {
		super(why);
		this.why = why;
	}
}

/**
 * Runs `work` with a signal that aborts after `ms` or with `signal`, and settles then even if the work does not.
 *
 * @throws GaveUp, or what the work threw.
 */
export async function withDeadline<T>(
	ms: number,
	signal: AbortSignal | undefined,
	work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
	if (signal?.aborted) throw new GaveUp("aborted");
	const controller = new AbortController();
	const giveUp = (why: GaveUp["why"]): void => controller.abort(new GaveUp(why));
	const timer = setTimeout(() => giveUp("deadline"), ms);
	const onAbort = (): void => giveUp("aborted");
	signal?.addEventListener("abort", onAbort, { once: true });
	try {
		return await new Promise<T>((resolve, reject) => {
			controller.signal.addEventListener("abort", () => reject(controller.signal.reason), { once: true });
			work(controller.signal).then(resolve, reject);
		});
	} finally {
		clearTimeout(timer);
		signal?.removeEventListener("abort", onAbort);
	}
}
