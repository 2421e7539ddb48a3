import type { ResolvedOkxOptions } from "./options.ts";

/**
 * Returns the longest time from the death of this process, or of its network, until the venue cancels, in milliseconds.
 *
 * The venue counts from the last call that it received, so it does not matter whether the process or the network died. The timeout of a
 * call is added, because a call whose reply never came may have restarted the countdown.
 */
export function okxExposureMs({ windowSeconds, client }: Pick<ResolvedOkxOptions, "windowSeconds" | "client">): number {
	return windowSeconds * 1_000 + client.callTimeoutMs;
}
