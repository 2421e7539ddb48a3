/**
 * The longest time from the death of this process, or of the network, until the venue cancels, in milliseconds.
 *
 * The venue counts from when it heard the last call, and does not look whether we live: both deaths are the same. The call
 * that was under way counts too: it may have started the countdown anew though its answer never came.
 */
export function okxExposureMs({
	windowSeconds,
	callTimeoutMs,
}: {
	windowSeconds: number;
	callTimeoutMs: number;
}): number {
	return windowSeconds * 1_000 + callTimeoutMs;
}
