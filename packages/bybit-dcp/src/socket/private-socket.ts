import type { BybitDcpTopic, BybitProduct } from "../dcp/product.ts";
import type { BybitError } from "../errors.ts";

/** An acknowledged subscription. */
export interface BybitSubscribed {
	/** As it was asked for. */
	readonly topic: string;
	/** It was live on this connection before. */
	readonly already: boolean;
}

/** An acknowledged proof of life. */
export interface BybitPong {
	/** From the sending of the ping to its pong, in milliseconds. */
	readonly roundTripMs: number;
}

/**
 * A private connection that has been authenticated. It ends once, is never revived, and reconnects nothing.
 *
 * While it is subscribed to a product's topic its loss counts: when it was the last such connection of the account, the
 * venue cancels the product's orders one window later.
 */
export interface BybitConnection {
	/** Aborts when the connection has ended, with a {@link BybitError} of kind `closed`. The first reason stays. */
	readonly ended: AbortSignal;
	/**
	 * The topics asked for and not refused: what may be subscribed, an answer that never came included. Made anew at each
	 * reading. With any but `dcp.*` topics the venue may take its own messages for activity and miss our death.
	 */
	readonly topics: readonly string[];
	/** How many frames could not be used. */
	readonly strangeFrames: number;
	/**
	 * Subscribes one topic, in a request of its own, and waits for its answer. "Already subscribed" is a success.
	 *
	 * @throws BybitError of kind `wrong-host`, `subscribe`, `timeout`, `closed`, `aborted` or `options`.
	 */
	subscribe(topic: string, signal?: AbortSignal): Promise<BybitSubscribed>;
	/** Subscribes the topic that makes this connection count for a product's protection. Fails like {@link subscribe}. */
	subscribeDcp(
		product: BybitProduct,
		signal?: AbortSignal,
	): Promise<BybitSubscribed & { readonly topic: BybitDcpTopic }>;
	/**
	 * The venue's own ping, answered. Protocol pings of a WebSocket library do not keep a private connection alive.
	 *
	 * @param timeoutMs - the deadline of this pong in place of `pongTimeoutMs`, in milliseconds, 1 to 600 000.
	 * @throws BybitError of kind `timeout`, `closed`, `aborted` or `options`. The connection stays as it is.
	 */
	ping(signal?: AbortSignal, timeoutMs?: number): Promise<BybitPong>;
	/**
	 * Closes the connection. **This counts as a disconnection:** if no other connection of the account is subscribed to the
	 * same `dcp.*` topic, the venue cancels the product's orders one window from now. No call prevents it.
	 *
	 * @returns whether the venue acknowledged; without that it goes on counting this connection as alive until its idle
	 * limit. Never throws, and can be called more than once.
	 */
	close(): Promise<{ readonly acknowledged: boolean }>;
}
