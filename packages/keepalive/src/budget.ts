import { invalid } from "./checks.ts";
import { monotonicMs } from "./time.ts";

/** Attempts counted by host over a rolling time, whether they succeed or not, as a venue counts them. */
export interface Budget {
	/** Counts an attempt and returns 0; or counts none and returns the milliseconds until one passes. */
	spend(host: string): number;
}

interface Attempts {
	made: readonly number[];
	/** When those that were refused were told to come back, a place for each, so that they do not come at once; `limit` at most. */
	promised: readonly number[];
}

/**
 * A budget of so many attempts to one host in any `perMs`. Share one among all that a venue counts together.
 *
 * @param limit - an integer from 1.
 * @param perMs - milliseconds above 0.
 * @throws TypeError for a limit or a time that cannot be right.
 */
export function rollingBudget(limit: number, perMs: number): Budget {
	if (!(Number.isInteger(limit) && limit >= 1)) throw invalid("rollingBudget: limit", limit, "an integer from 1");
	if (!(perMs > 0)) throw invalid("rollingBudget: perMs", perMs, "a number of milliseconds above 0");
	const hosts = new Map<string, Attempts>();
	return {
		spend(host) {
			const now = monotonicMs();
			const before = hosts.get(host) ?? { made: [], promised: [] };
			const made = before.made.filter((at) => now - at < perMs);
			const promised = before.promised.filter((at) => at > now);
			if (made.length < limit) {
				hosts.set(host, { made: [...made, now], promised });
				return 0;
			}
			const place = (made[promised.length % made.length] ?? now) + perMs;
			hosts.set(host, { made, promised: promised.length < limit ? [...promised, place] : promised });
			return Math.max(1, Math.ceil(place - now));
		},
	};
}

/**
 * One budget for all who leave by the same way, such as the same `fetch` or `WebSocket`.
 *
 * What it returns stands at the module level of a venue because the limits do: sessions and keepers of one process do not
 * know of each other, and the venue counts them together. By way, because one of its own is how a session leaves by another
 * address.
 */
export function sharedBudgets(make: () => Budget): (way: object | undefined) => Budget {
	const budgets = new WeakMap<object, Budget>();
	return (way) => {
		// Without one that can be a way, the client refuses by itself; there is nothing to count.
		if (Object(way) !== way || !way) return make();
		const known = budgets.get(way) ?? make();
		budgets.set(way, known);
		return known;
	};
}
