import type { ResolvedOkxOptions } from "./options.ts";

/**
 * The worst case from our death, or the network's, to the venue's cancel, in milliseconds.
 *
 * The venue counts from the last call that it received, so it does not matter which of the two died. A call that was pending
 * counts too: it may have restarted the countdown although its reply never came.
 */
export function okxExposureMs({ windowSeconds, client }: Pick<ResolvedOkxOptions, "windowSeconds" | "client">): number {
	return windowSeconds * 1_000 + client.callTimeoutMs;
}
