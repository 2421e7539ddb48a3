import type { ResolvedOkxOptions } from "./options.ts";

/**
 * The longest time in milliseconds for which orders stay open after this process has died or lost its network.
 *
 * The venue counts from the last call that it received. The timeout of a call is added, because a call without a reply may still have
 * restarted the countdown.
 */
export function okxExposureMs({ windowSeconds, client }: Pick<ResolvedOkxOptions, "windowSeconds" | "client">): number {
	return windowSeconds * 1_000 + client.callTimeoutMs;
}
