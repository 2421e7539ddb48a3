import { type BybitSessionOptions, bybitDefaults } from "./options.ts";

/** How often the venue looks for idle connections: a dead one is noticed up to this much after its idle limit. */
export const idleScanSeconds = 30;

/**
 * Allowance for what no setting bounds: the close that travels to the venue, the venue's timer, and its cancel. Not documented;
 * over a loopback up to 40 ms were seen.
 */
export const deliveryMs = 1_000;

/** The options that decide how long orders stay in the book after this process dies. */
export type ExposureTimes = Required<Pick<BybitSessionOptions, "windowSeconds" | "maxActiveTimeSeconds" | "pingMs">>;

/** How long working orders stay in the book after this process dies, by how it dies. */
export interface BybitExposure {
	/** The process ended and the operating system closed its socket: window and delivery. */
	readonly processDeathMs: number;
	/** The host or the network is gone and no close reached the venue: idle limit, scan, window and delivery. */
	readonly networkDeathMs: number;
	/** The longer of the two: the figure to plan with. */
	readonly exposureMs: number;
	/** What the figures above are made of, in milliseconds. */
	readonly parts: {
		/** `maxActiveTimeSeconds`: how long the venue counts a connection without a sign of life. */
		readonly idleLimitMs: number;
		/** How much later the venue may notice it, since it looks every 30 s. */
		readonly idleScanMs: number;
		/** `windowSeconds`: how long the venue then waits. */
		readonly windowMs: number;
		/** Allowance for the close on its way to the venue and for the venue's own cancel. */
		readonly deliveryMs: number;
	};
}

/**
 * Returns the worst-case time from the death of this process to the venue's cancel, for options as {@link bybit} takes them.
 *
 * The venue's countdown starts when it sees the connection gone. It sees a closed socket at once. It sees a silent one only
 * by its idle limit: no ping for `maxActiveTimeSeconds`, checked every 30 s. Without a network that takes up to
 * `maxActiveTimeSeconds + 30` seconds after the last ping, and then the window: 30 + 30 + 10 = 70 s with the defaults, and
 * a second of allowance. With the venue's own idle limit of 600 s it is more than ten minutes, however short the window is.
 *
 * This holds only while the connection's topics are all `dcp.*`. Messages from the venue count as activity too: with another
 * topic, such as `order`, each message may restart the idle limit after our death, without end. The session then reports its
 * protection as unknown. Use a second connection for streams.
 *
 * It does not cover a process that hangs while its pings continue: then nothing is cancelled.
 */
export function bybitExposure(
	options: Pick<BybitSessionOptions, "windowSeconds" | "maxActiveTimeSeconds" | "pingMs"> = {},
): BybitExposure {
	const { windowSeconds, maxActiveTimeSeconds } = { ...bybitDefaults, ...options };
	const parts = {
		idleLimitMs: maxActiveTimeSeconds * 1_000,
		idleScanMs: idleScanSeconds * 1_000,
		windowMs: windowSeconds * 1_000,
		deliveryMs,
	};
	const processDeathMs = parts.windowMs + deliveryMs;
	const networkDeathMs = parts.idleLimitMs + parts.idleScanMs + parts.windowMs + deliveryMs;
	return { processDeathMs, networkDeathMs, exposureMs: networkDeathMs, parts };
}

/** What is allowed but unwise, one sentence each. */
export function warningsOf(options: ExposureTimes): readonly string[] {
	const { windowSeconds, maxActiveTimeSeconds, pingMs } = options;
	const { networkDeathMs } = bybitExposure(options);
	const warnings: string[] = [];
	if (maxActiveTimeSeconds > 30 && maxActiveTimeSeconds > 3 * windowSeconds) {
		warnings.push(
			`maxActiveTimeSeconds ${maxActiveTimeSeconds} makes windowSeconds ${windowSeconds} meaningless when the network dies: ` +
				`orders then stay in the book for up to ${networkDeathMs / 1_000} s. The venue allows 30.`,
		);
	}
	if (pingMs * 2 >= maxActiveTimeSeconds * 1_000) {
		warnings.push(
			`pingMs ${pingMs} leaves no room for a lost ping within maxActiveTimeSeconds ${maxActiveTimeSeconds}: ` +
				"one lost ping ends the connection and starts the countdown.",
		);
	}
	return warnings;
}
