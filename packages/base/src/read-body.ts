/** The most bytes of a body that are read by default. The replies that the clients use have a few kilobytes. */
export const longestBodyBytes = 1_000_000;

/** Options of {@link readBody}. */
export interface ReadBodyOptions {
	/** A signal that ends the reading, even if the body does not react to the signal that was passed to `fetch`. */
	readonly signal?: AbortSignal | undefined;
	/** The most bytes that are read. Default: {@link longestBodyBytes}. */
	readonly maxBytes?: number;
}

/** The text of a response body. */
export interface BodyText {
	/** The whole body, or its first `maxBytes` bytes. */
	readonly text: string;
	/** Whether the body is longer than `maxBytes`. The rest was not read, and the stream was cancelled. */
	readonly isCut: boolean;
}

/**
 * Reads a response body as text, up to a limit. A server that is not the venue, such as a proxy, may send megabytes, or a body
 * that never ends.
 *
 * @throws the signal's reason when it aborts, or the error of the body's stream.
 */
export async function readBody(response: Response, options: ReadBodyOptions = {}): Promise<BodyText> {
	const { signal, maxBytes = longestBodyBytes } = options;
	signal?.throwIfAborted();
	const reader = response.body?.getReader();
	if (!reader) return { text: "", isCut: false };
	// Cancels the stream, which ends a pending `read()`. The cancel is not awaited, because a stream may ignore it.
	const cancel = (): void => void reader.cancel().catch(() => undefined);
	signal?.addEventListener("abort", cancel, { once: true });
	const decoder = new TextDecoder();
	let text = "";
	let bytesLeft = maxBytes;
	try {
		while (true) {
			const { done, value } = await reader.read();
			signal?.throwIfAborted();
			if (done) return { text: text + decoder.decode(), isCut: false };
			text += decoder.decode(value.subarray(0, bytesLeft), { stream: true });
			bytesLeft -= value.length;
			if (bytesLeft >= 0) continue;
			cancel();
			return { text, isCut: true };
		}
	} finally {
		signal?.removeEventListener("abort", cancel);
	}
}
