import { IbkrError } from "../errors.ts";
import { onlyKnown } from "../known.ts";
import { monotonicMs } from "../time.ts";

/**
 * The venue's lock of one source address after a 429, as this process knows it. Clients that share one hold all of their
 * calls while it is closed: any further call, from whichever client, prolongs the trouble of all.
 */
export interface IbkrPenaltyBox {
	/** Until when no call may be sent, in epoch milliseconds; undefined while it is open. */
	readonly until: number | undefined;
	/** Closes it from now on, as a 429 does. Gives the new `until`. */
	close(): number;
}

/**
 * Makes a box for one source address.
 *
 * @param options - `forMs`: how long it stays closed, 1 to 86 400 000. Default 900 000, the longer of the venue's two figures.
 * @throws IbkrError of kind `options`.
 */
export function createIbkrPenaltyBox(options: { readonly forMs?: number } = {}): IbkrPenaltyBox {
	onlyKnown(options, { forMs: 1 });
	const { forMs = 900_000 } = options;
	if (typeof forMs !== "number" || !(forMs >= 1 && forMs <= 86_400_000)) {
		const message = "createIbkrPenaltyBox: forMs must be a number of milliseconds from 1 to 86400000";
		throw new IbkrError(message, { kind: "options" });
	}
	// A wall clock that is set meanwhile must not open it.
	let opensAt = Number.NEGATIVE_INFINITY;
	const untilOf = (leftMs: number): number => Math.round(Date.now() + leftMs);
	return Object.freeze<IbkrPenaltyBox>({
		get until() {
			const leftMs = opensAt - monotonicMs();
			return leftMs > 0 ? untilOf(leftMs) : undefined;
		},
		close: () => {
			opensAt = monotonicMs() + forMs;
			return untilOf(forMs);
		},
	});
}

/**
 * The box of every client of this process that is not given its own. The only state of this package that outlives a
 * client: the venue locks the address, so one client's 429 concerns them all.
 */
export const ibkrProcessPenaltyBox: IbkrPenaltyBox = /* @__PURE__ */ createIbkrPenaltyBox();
