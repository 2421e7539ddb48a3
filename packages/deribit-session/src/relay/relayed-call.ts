import type { DeribitError } from "../errors.ts";

/** A call that another program has made. */
export interface RelayedCall {
	/** Without a leading slash. */
	readonly method: string;
	/** The parameters: JSON text of an object, which is sent as it is, so that every number stays as it was written. */
	readonly paramsText: string;
	/** What that text says. */
	readonly params: Readonly<Record<string, unknown>>;
	/** Deadline in milliseconds. Default: the option `callTimeoutMs`. */
	readonly timeoutMs?: number;
	/** Allows the call to spend the reserved credits. */
	readonly fromReserve?: boolean;
	/**
	 * Called inside the socket's event with the venue's reply, which may be an error. It must not throw.
	 *
	 * @param text - as it came, with an id of the connection.
	 * @param body - what it says, not checked.
	 */
	onReply(text: string, body: Readonly<Record<string, unknown>>): void;
	/** Called when there is no reply: the deadline passed, or the connection ended. The venue may have acted on the call. It must not throw. */
	onFailure(error: DeribitError): void;
}
