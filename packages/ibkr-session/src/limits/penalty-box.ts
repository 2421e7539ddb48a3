import { callSafely } from "@x/base/call-safely";
import { checkOptions, milliseconds, optional } from "@x/base/option-schema";
import { RetryAfter } from "@x/base/retry-after";
import { packageName } from "../errors.ts";

/**
 * Remembers that the venue blocks this machine's IP address after a 429. The venue calls this block the "penalty box".
 * Clients that share a penalty box send nothing during a block, because any call of any client prolongs the block for
 * all clients.
 */
export interface IbkrPenaltyBox {
	/** When calls are allowed again, in epoch milliseconds; undefined while calls are allowed. */
	readonly blockedUntil: number | undefined;
	/**
	 * Blocks calls from now on, as a 429 does. Returns the new `blockedUntil`.
	 *
	 * @param forMs - how long to block, in milliseconds, such as the rest of a block that another process received. Default: the
	 * length of the block after a 429. A longer time is shortened to that length.
	 */
	block(forMs?: number): number;
	/** Calls `listener` after each {@link block}. The returned function removes the listener. */
	onBlock(listener: () => void): () => void;
}

/**
 * Creates the penalty box of one IP address.
 *
 * @throws OptionError.
 */
export function createIbkrPenaltyBox(
	options: {
		/** How long a 429 blocks, in milliseconds, 1 to 86 400 000. Default 900 000: the venue documents 10 minutes and 15 minutes. */
		readonly forMs?: number;
	} = {},
): IbkrPenaltyBox {
	const schema = { forMs: optional(milliseconds({ min: 1, max: 86_400_000 })) };
	checkOptions<typeof options>(packageName, schema, options);
	const { forMs = 900_000 } = options;
	const retryAfter = new RetryAfter();
	const listeners = new Set<() => void>();
	const blockedUntil = (): number => Math.round(Date.now() + retryAfter.remainingMs());
	return Object.freeze<IbkrPenaltyBox>({
		get blockedUntil() {
			return retryAfter.remainingMs() > 0 ? blockedUntil() : undefined;
		},
		block: (ms = forMs) => {
			retryAfter.record(Math.min(ms, forMs));
			for (const listener of listeners) callSafely(listener);
			return blockedUntil();
		},
		onBlock(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
	});
}

/**
 * The penalty box of every client in this process that has no penalty box of its own. This is the only module state of this package:
 * the venue blocks the IP address, so a 429 of one client concerns all clients.
 */
export const ibkrProcessPenaltyBox: IbkrPenaltyBox = /* @__PURE__ */ createIbkrPenaltyBox();
