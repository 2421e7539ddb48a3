import { IbkrError } from "./errors.ts";
import { facts } from "./generated/facts.ts";
import { monotonicMs } from "./time.ts";

/** The turns of one user's calls, by the venue's limits. Clients of the same user share one. */
export interface Pacing {
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
			/** To be called when the call leaves: a turn that is used late, after a stall, counts from then. */
			used(): void;
	  }
	| { readonly taken: false; readonly waitMs: number };

/** What the network can bring two calls closer together. */
const marginMs = 50;

/** Turns within a window: at most so many in any stretch of it. */
class Turns {
	readonly #most: number;
	readonly #windowMs: number;
	readonly #taken: number[] = [];

	constructor(most: number, windowMs: number) {
		this.#most = most;
		this.#windowMs = windowMs + marginMs;
	}

	next(now: number): number {
		const first = this.#taken.length < this.#most ? undefined : this.#taken[0];
		return first === undefined ? now : Math.max(now, first + this.#windowMs);
	}

	take(at: number): void {
		this.#taken.push(at);
		if (this.#taken.length > this.#most) this.#taken.shift();
	}

	/** The turn of `at` was used at `now`. */
	move(at: number, now: number): void {
		const index = this.#taken.lastIndexOf(at);
		if (index === -1 || now <= at) return;
		this.#taken[index] = now;
		this.#taken.sort((a, b) => a - b);
	}
}

/**
 * Makes the turns of one user: all calls together, one tickle a second, one validation a minute.
 *
 * @param options - `callsPerSecond`: of all calls together, 1 to 1 000. The venue allows 10 at a gateway, the default, and 50 with OAuth.
 * @throws IbkrError of kind `options`.
 */
export function createPacing(options: { readonly callsPerSecond?: number } = {}): Pacing {
	const { callsPerSecond = 10 } = options;
	if (!Number.isInteger(callsPerSecond) || callsPerSecond < 1 || callsPerSecond > 1_000) {
		throw new IbkrError("createPacing: callsPerSecond must be a whole number from 1 to 1000", { kind: "options" });
	}
	const all = new Turns(callsPerSecond, 1_000);
	const own = new Map<string, Turns>();
	for (const [call, fact] of Object.entries(facts)) {
		// The others name the limit of all calls at a gateway.
		if (!("pace" in fact) || fact.pace.calls !== 1) continue;
		own.set(call, new Turns(fact.pace.calls, fact.pace.perSeconds * 1_000));
	}
	return Object.freeze<Pacing>({
		take: (call, mostMs) => {
			const now = monotonicMs();
			const limits = [all, ...[own.get(call) ?? []].flat()];
			const at = Math.max(...limits.map((turns) => turns.next(now)));
			const waitMs = at - now;
			if (waitMs > mostMs) return { taken: false, waitMs };
			for (const turns of limits) turns.take(at);
			const used = (): void => {
				for (const turns of limits) turns.move(at, monotonicMs());
			};
			return { taken: true, waitMs, used };
		},
	});
}
