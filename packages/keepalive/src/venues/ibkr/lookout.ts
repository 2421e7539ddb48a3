import { sleep } from "@x/base/clock";
import type { IbkrHttp, IbkrOutcomes } from "@x/ibkr-session";

/** Between two looks. IBKR allows one tickle a second. */
const lookMs = 10_000;

/**
 * Looks with a tickle whether a person has logged in, so that a blocked session need not wait for its next attempt. Ends when
 * it is worth opening the session, or the signal aborts.
 *
 * @param blockedKey - the key of the login that the program does not expect, if there is one.
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
		// An answer that says nothing, and no answer, leave it to the next look.
		const outcome = await client.tickle({ signal }).catch(() => undefined);
		if (outcome && outcome.kind !== "no-session" && isOther(outcome)) return;
	}
}

/** The key of a login, which changes with it. */
export function keyOf(outcome: IbkrOutcomes["tickle"]): string | undefined {
	return "session" in outcome ? outcome.session?.reveal() : undefined;
}
