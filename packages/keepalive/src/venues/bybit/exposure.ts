import { type BybitSessionOptions, bybitDefaults } from "./options.ts";

/**
 * Seconds between two checks of the venue for idle connections. So the venue may notice a dead connection up to this long after the
 * idle limit.
 */
export const idleScanSeconds = 30;

/**
 * Allowance for delays that no option limits: the close on its way to the venue, the precision of the venue's timer, and the cancel
 * itself. Bybit does not document these delays. Over a loopback connection, up to 40 ms were measured.
 */
export const deliveryMs = 1_000;

/** The options that decide how long orders stay in the book after this process dies. */
export type ExposureTimes = Required<Pick<BybitSessionOptions, "windowSeconds" | "maxActiveTimeSeconds" | "pingMs">>;

/** How long working orders stay in the book after this process dies, for each way in which it can die. */
export interface BybitExposure {
	/** If the process ends and the operating system closes its socket: `windowMs` plus `deliveryMs`. */
	readonly processDeathMs: number;
	/** If the host or the network fails, so that no close reaches the venue: the sum of all `parts`. */
	readonly networkDeathMs: number;
	/** The longer of `processDeathMs` and `networkDeathMs`: the figure to plan with. */
	readonly exposureMs: number;
	/** The times of which the fields above are the sums, in milliseconds. */
	readonly parts: {
		/** `maxActiveTimeSeconds`: how long the venue waits for a ping before it regards the connection as gone. */
		readonly idleLimitMs: number;
		/** How much later than the idle limit the venue may notice an idle connection, because it checks every 30 s. */
		readonly idleScanMs: number;
		/** `windowSeconds`: how long the venue waits before it cancels, once it has noticed that the connection is gone. */
		readonly windowMs: number;
		/** Allowance for the close on its way to the venue and for the venue's own cancel. */
		readonly deliveryMs: number;
	};
}

/**
 * Returns the worst-case time from the death of this process to the venue's cancel, for options as {@link bybit} takes them.
 *
 * The venue's countdown starts when the venue notices that the connection is gone. It notices a closed socket at once, but a
 * silent socket only at the idle limit: no ping for `maxActiveTimeSeconds`, checked every 30 s. So if the network fails, the
 * countdown starts up to `maxActiveTimeSeconds + 30` seconds after the last ping, and lasts `windowSeconds`. With the defaults
 * the sum is 30 + 30 + 10 = 70 s, plus an allowance of one second. With the venue's own idle limit of 600 s the worst case is
 * more than ten minutes, however short the window is.
 *
 * This result holds only while all topics of the connection are `dcp.*`. The venue may count its own messages as activity too: with
 * another topic, such as `order`, each message after the death of this process may restart the idle limit, so that it never passes. With
 * such a topic the session reports its protection as unknown. Use a second connection for streams.
 *
 * The result does not cover a process that hangs while its pings continue: in this case the venue cancels nothing.
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

/** Advice on options that are allowed but unwise, one sentence each. */
export function warningsOf(options: ExposureTimes): readonly string[] {
	const { windowSeconds, maxActiveTimeSeconds, pingMs } = options;
	const { networkDeathMs } = bybitExposure(options);
	const warnings: string[] = [];
	if (maxActiveTimeSeconds > 30 && maxActiveTimeSeconds > 3 * windowSeconds) {
		warnings.push(
			`maxActiveTimeSeconds ${maxActiveTimeSeconds} makes windowSeconds ${windowSeconds} meaningless when the network dies: ` +
				`orders then stay in the book for up to ${networkDeathMs / 1_000} s. Lower maxActiveTimeSeconds (at least 30).`,
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
