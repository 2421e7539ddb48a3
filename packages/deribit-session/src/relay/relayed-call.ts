import type { DeribitError } from "../errors.ts";

/** A call that another program has made. */
export interface RelayedCall {
	/** The method name, without a leading slash. */
	readonly method: string;
	/**
	 * The parameters as the JSON text of an object. The text is sent unchanged, so that every number keeps its digits.
	 */
	readonly paramsText: string;
	/** The parameters as the object that `paramsText` represents. */
	readonly params: Readonly<Record<string, unknown>>;
	/** Deadline in milliseconds. Default: the option `callTimeoutMs`. */
	readonly timeoutMs?: number;
	/** Whether the call may spend the credits that are reserved for urgent calls. Default false. */
	readonly fromReserve?: boolean;
	/**
	 * Called with the venue's reply, which may be an error, inside the socket's `message` event. Must not throw.
	 *
	 * @param text - the frame as received. Its `id` was assigned by this connection.
	 * @param body - the parsed frame, not checked against the spec.
	 */
	onReply(text: string, body: Readonly<Record<string, unknown>>): void;
	/**
	 * Called when no reply came before the deadline or the end of the connection. The venue may have acted on the call
	 * nevertheless. Must not throw.
	 */
	onFailure(error: DeribitError): void;
}
