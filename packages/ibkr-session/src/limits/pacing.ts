import { IbkrError } from "../errors.ts";
import { paces } from "../generated/facts.ts";
import { onlyKnown } from "../known.ts";
import { monotonicMs } from "../time.ts";

/** The turns of one user's calls, by the venue's limits. Clients of the same user share one. */
export interface IbkrPacing {
	/**
	 * Takes the next turn of a call such as `POST /tickle`: the milliseconds until it. A turn further away than `mostMs` is
	 * not taken.
	 */
	take(call: string, mostMs: number): Turn;
}

/** A turn that was taken, or how far away the next one is. */
export type Turn =
	| {
			readonly taken: true;
			readonly waitMs: number;
			/**
			 * To be called when the call is about to leave: milliseconds for which it still has to wait, 0 when it may go. A turn
			 * that is used late, after a stall or a slow `authorize`, counts from then, and others may have come too close to it.
			 */
			used(): number;
	  }
	| { readonly taken: false; readonly waitMs: number };

/**
 * What the network can bring two calls closer together: the first one is delayed on its way and the second is not. Too
 * little of it costs a quarter of an hour in the venue's penalty box, too much of it costs this.
 */
const marginOf = (windowMs: number): number => Math.max(250, windowMs / 50);

interface Reserved {
	at: number;
}

/** Turns within a window: at most so many in any stretch of it. */
class Turns {
	readonly #most: number;
	readonly #windowMs: number;
	readonly #reserved = new Set<Reserved>();

	constructor(most: number, windowMs: number) {
		this.#most = most;
		this.#windowMs = windowMs + marginOf(windowMs);
	}

	/** The first instant from `from` on at which one more call fits between the others. */
	next(from: number, own: Reserved): number {
		const others = [...this.#reserved].filter((turn) => turn !== own).map(({ at }) => at);
		// The sum of two instants is not exact.
		const near = this.#windowMs - 0.001;
		const fits = (at: number): boolean => others.filter((other) => Math.abs(other - at) < near).length < this.#most;
		const ends = others.map((other) => other + this.#windowMs).filter((end) => end > from);
		return [from, ...ends.sort((a, b) => a - b)].find(fits) ?? from;
	}

	/** Takes the turn, again when it was moved. Those that no longer matter are forgotten. */
	reserve(turn: Reserved, now: number): void {
		for (const old of this.#reserved) if (old.at <= now - this.#windowMs) this.#reserved.delete(old);
		this.#reserved.add(turn);
	}
}

/**
 * Makes the turns of one user: all calls together, one tickle a second, one validation a minute.
 *
 * @param options - `callsPerSecond`: of all calls together, 1 to 1 000. The venue allows 10 at a gateway, the default, and 50 with OAuth.
 * @throws IbkrError of kind `options`.
 */
export function createIbkrPacing(options: { readonly callsPerSecond?: number } = {}): IbkrPacing {
	onlyKnown(options, { callsPerSecond: 1 });
	const { callsPerSecond = 10 } = options;
	if (!Number.isInteger(callsPerSecond) || callsPerSecond < 1 || callsPerSecond > 1_000) {
		throw new IbkrError("createIbkrPacing: callsPerSecond must be a whole number from 1 to 1000", { kind: "options" });
	}
	const all = new Turns(callsPerSecond, 1_000);
	const own = new Map<string, Turns>();
	for (const [call, { calls, perSeconds }] of Object.entries(paces)) {
		// The others name the limit of all calls at a gateway.
		if (calls === 1) own.set(call, new Turns(calls, perSeconds * 1_000));
	}
	return Object.freeze<IbkrPacing>({
		take: (call, mostMs) => {
			const limits = [all, ...[own.get(call) ?? []].flat()];
			const turn: Reserved = { at: 0 };
			/** Moves the turn to the first instant that fits all limits, unless it is too far away. Gives the wait until it. */
			const move = (longestMs: number): number => {
				const now = monotonicMs();
				let at = now;
				for (let last = -1; last !== at; ) {
					last = at;
					for (const turns of limits) at = turns.next(at, turn);
				}
				if (at - now > longestMs) return at - now;
				turn.at = at;
				for (const turns of limits) turns.reserve(turn, now);
				return at - now;
			};
			const waitMs = move(mostMs);
			if (waitMs > mostMs) return { taken: false, waitMs };
			return { taken: true, waitMs, used: () => move(Number.POSITIVE_INFINITY) };
		},
	});
}
