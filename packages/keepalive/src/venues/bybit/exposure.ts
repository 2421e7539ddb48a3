import { type BybitSettings, bybitDefaults } from "./options.ts";

/** The venue looks for idle connections this often, so a dead one is noticed up to this much after its limit. */
export const idleScanSeconds = 30;

/** The settings that decide how long orders outlive us. */
export type BybitTimes = Pick<BybitSettings, "windowSeconds" | "maxActiveTimeSeconds" | "pingMs">;

/** How long working orders outlive us, by how we die. */
export interface BybitExposure {
	/** The process ended and the system closed its socket: the window alone. */
	readonly processDeathMs: number;
	/** The host or the network is gone and no close reached the venue: idle limit, scan and window. */
	readonly networkDeathMs: number;
	/** The worse of the two: the figure to plan with. */
	readonly exposureMs: number;
	/** What is unwise about the settings, for people. */
	readonly warnings: readonly string[];
}

/**
 * The worst case from our death to the venue's cancel, for settings as {@link bybit} takes them.
 *
 * The countdown starts when the venue sees the connection gone. It sees a closed socket at once. A silent one it sees by
 * its idle rule only: no ping for `maxActiveTimeSeconds`, looked for every 30 s. So without the network it takes up to
 * `maxActiveTimeSeconds + 30` after our last ping, and then the window: with the defaults 30 + 30 + 10 = 70 s, and with
 * the venue's own idle limit of 600 s more than ten minutes, however short the window is.
 *
 * It holds for a connection whose only topics are `dcp.*`. The idle rule is about messages of the venue as well: with another
 * topic, such as `order`, on the guarded connection every message it brings may start the idle limit anew after our death,
 * without end. The session then says that its protection is unknown; use a second connection for streams.
 *
 * It does not cover a process that hangs while something else goes on pinging: then nothing is ever cancelled.
 */
export function bybitExposure(settings: BybitTimes = {}): BybitExposure {
	const { windowSeconds, maxActiveTimeSeconds, pingMs } = { ...bybitDefaults, ...settings };
	const processDeathMs = windowSeconds * 1_000;
	const networkDeathMs = (maxActiveTimeSeconds + idleScanSeconds + windowSeconds) * 1_000;
	const warnings: string[] = [];
	if (maxActiveTimeSeconds > 30 && maxActiveTimeSeconds > 3 * windowSeconds) {
		warnings.push(
			`The idle limit of ${maxActiveTimeSeconds} s makes the window of ${windowSeconds} s meaningless when the network ` +
				`dies: orders then live up to ${networkDeathMs / 1_000} s. The least the venue allows is 30 s.`,
		);
	}
	if (pingMs * 2 >= maxActiveTimeSeconds * 1_000) {
		warnings.push(
			`A ping every ${pingMs} ms leaves no room for a lost one within the idle limit of ${maxActiveTimeSeconds} s: ` +
				"one loss ends the connection and starts the countdown.",
		);
	}
	return { processDeathMs, networkDeathMs, exposureMs: Math.max(processDeathMs, networkDeathMs), warnings };
}
