import { sleep } from "@x/base/clock";
import type { IbkrHttp, IbkrOutcomes } from "@x/ibkr-session";

/** Interval in milliseconds between two checks for a login. IBKR allows one tickle a second. */
const lookMs = 10_000;

/**
 * Sends tickles at intervals until a person has logged in, so that a blocked session need not wait for its next attempt. Resolves
 * once there is a login with which the session can be opened, or once the signal aborts.
 *
 * @param blockedKey - the key of a login that is not the expected one, to be ignored; undefined if there is none.
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

/** The key of a login. Each login has another key. */
export function keyOf(outcome: IbkrOutcomes["tickle"]): string | undefined {
	return "session" in outcome ? outcome.session?.reveal() : undefined;
}
