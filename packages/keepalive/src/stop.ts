import type { Closed, OrdersOnClose } from "./session.ts";
import { monotonicMs, never, within } from "./time.ts";

/** What stopping needs of a loop. */
interface Leaver {
	/** Leaves within `ms` and never throws. */
	stop(orders: OrdersOnClose, ms: number): Promise<Closed>;
}

/**
 * Leaves all of them in reverse order of starting, within `ms` for the whole.
 *
 * Each begins when the one after it has been left. One that takes longer than its share of the time that is left then is
 * not waited for any further: it goes on beside the others, so that a dead network costs nobody else their turn. Until
 * its turn comes a session is kept as before.
 */
export async function stopInTurn(
	loops: readonly (readonly [name: string, loop: Leaver])[],
	orders: OrdersOnClose,
	ms: number,
): Promise<Readonly<Record<string, Closed>>> {
	const until = monotonicMs() + ms;
	const results: Promise<readonly [string, Closed]>[] = [];
	for (const [index, [name, loop]] of loops.toReversed().entries()) {
		const leftMs = Math.max(0, until - monotonicMs());
		const leaving = loop.stop(orders, leftMs);
		results.push(leaving.then((closed) => [name, closed] as const));
		await within(leftMs / (loops.length - index), never, "", () => leaving).catch(() => undefined);
	}
	return Object.fromEntries(await Promise.all(results));
}
