import { sleep } from "@x/base/clock";
import type { IbkrHttp, IbkrOutcomes } from "@x/ibkr-session";

/** Interval in milliseconds between two checks whether somebody has logged in. IBKR allows one tickle a second. */
const lookMs = 10_000;

/**
 * Sends tickles at intervals until a person has logged in, so that a blocked session need not wait for its next attempt. Resolves when
 * somebody has logged in, or when the signal aborts.
 *
 * @param blockedKey - the session key of a login to ignore, because it is not the expected one; undefined if there is none.
 */
export async function untilLoggedIn(
	client: IbkrHttp,
	blockedKey: string | undefined,
	signal: AbortSignal,
): Promise<void> {
	const isOther = (outcome: IbkrOutcomes["tickle"]): boolean =>
		blockedKey === undefined || keyOf(outcome) !== blockedKey;
	while (!signal.aborted) {
		await sleep(lookMs, signal);
		if (signal.aborted) return;
		// A failed call proves nothing: the loop checks again.
		const outcome = await client.tickle({ signal }).catch(() => undefined);
		if (outcome && outcome.kind !== "no-session" && isOther(outcome)) return;
	}
}

/** The session key in the reply to a tickle. Each login has another key. */
export function keyOf(outcome: IbkrOutcomes["tickle"]): string | undefined {
	return "session" in outcome ? outcome.session?.reveal() : undefined;
}
