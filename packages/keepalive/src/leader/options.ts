import { OptionError } from "@x/base/errors";
import { isObject } from "@x/base/objects";
import { checkOptions, func, milliseconds, nonEmptyString, optional, rule } from "@x/base/option-schema";
import { usableRandom } from "../safe-random-source.ts";
import type { LeaderStore } from "./leader-store.ts";

/** How several processes agree which of them runs a session. Every process needs the same options, except `holder`. */
export interface LeaderOptions {
	/** The store in which the processes agree on the leader, such as `postgresLeaderStore` of `@x/keepalive-postgres`. */
	readonly store: LeaderStore;
	/** The name under which the processes compete for the lead. Default: the name of the session. */
	readonly name?: string;
	/**
	 * How long a leader leads without a renewal, in milliseconds, 5 000 to 600 000. Default 15 000.
	 *
	 * A standby process asks for the lead at intervals of at most `pollMs`. While the store fails, the intervals grow, at most to
	 * `pollMs` or `renewMs`, whichever is longer. If the leader dies, another process leads at the latest:
	 *
	 * - `ttlMs` plus one interval later;
	 * - `ttlMs` plus two intervals later, with a store that has no clock of its own;
	 * - one interval after the store works again, if the store failed for longer than `ttlMs`.
	 */
	readonly ttlMs?: number;
	/** Milliseconds between two renewals; at most a third of `ttlMs`. Default: a third of `ttlMs`. */
	readonly renewMs?: number;
	/**
	 * A leader stops leading this many milliseconds before its time runs out at the store. This margin covers clocks that run at
	 * different speeds, and the time that closing the session takes. At least 1 000 plus 1 % of `ttlMs`, at most `ttlMs` minus twice
	 * `renewMs`. Default: 2 000 plus 1 % of `ttlMs`, or the maximum if that is less.
	 */
	readonly marginMs?: number;
	/**
	 * Milliseconds between two attempts of a standby process to take the lead. Default: a third of `ttlMs`, at most 1 000. While the
	 * store fails, this time grows, at most to `renewMs` if that is longer.
	 */
	readonly pollMs?: number;
	/**
	 * If a leader has been without an open session for this many milliseconds, it gives the lead up when the next attempt to open the
	 * session fails: another process may have a better network connection to the venue. While the venue has asked for a wait, the
	 * leader makes no attempt, so it keeps the lead. It also keeps the lead while another login of the session's user has the
	 * session. At least 10 000; default 60 000.
	 */
	readonly handOverMs?: number;
	/**
	 * Names this process in the status records of the other processes. It must be unique for each start of the process. Default:
	 * a random UUID.
	 */
	readonly holder?: string;
	/** The source of jitter: returns a number from 0 up to, but not including, 1. Default `Math.random`. */
	readonly random?: () => number;
}

/** Leader options with defaults filled in. */
export type ResolvedLeaderOptions = Required<LeaderOptions>;

const packageName = "@x/keepalive";

/** @throws OptionError for options that are not allowed. */
export function resolveLeaderOptions(session: string, options: LeaderOptions): ResolvedLeaderOptions {
	checkOptions<LeaderOptions>(
		packageName,
		{
			store: rule("an object with the functions take, renew and release", isStore),
			name: optional(nonEmptyString()),
			ttlMs: optional(milliseconds({ min: 5_000, max: 600_000 })),
			renewMs: optional(milliseconds({ min: 100 })),
			marginMs: optional(milliseconds({ min: 1_000 })),
			pollMs: optional(milliseconds({ min: 100 })),
			handOverMs: optional(milliseconds({ min: 10_000 })),
			holder: optional(nonEmptyString()),
			random: optional(func()),
		},
		options,
	);
	const { ttlMs = 15_000 } = options;
	const leastMarginMs = 1_000 + ttlMs / 100;
	const {
		store,
		name = session,
		renewMs = ttlMs / 3,
		marginMs = Math.min(leastMarginMs + 1_000, ttlMs - 2 * renewMs),
		pollMs = Math.min(ttlMs / 3, 1_000),
		handOverMs = 60_000,
		holder = crypto.randomUUID(),
		random = () => Math.random(),
	} = options;
	// `renewMs` is at most a third of `ttlMs`, so that two renewals may fail before the leader has to stop.
	if (3 * renewMs > ttlMs) {
		throw new OptionError(packageName, "renewMs", `must be ${ttlMs / 3} or less, a third of ttlMs, got ${renewMs}`);
	}
	if (marginMs < leastMarginMs || marginMs > ttlMs - 2 * renewMs) {
		throw new OptionError(
			packageName,
			"marginMs",
			`must be from ${leastMarginMs} (1000 plus 1 % of ttlMs) to ${ttlMs - 2 * renewMs} (ttlMs minus twice renewMs), got ${marginMs}`,
		);
	}
	return { store, name, ttlMs, renewMs, marginMs, pollMs, handOverMs, holder, random: usableRandom(random) };
}

function isStore(value: unknown): boolean {
	return (
		isObject(value) && ["take", "renew", "release"].every((method) => typeof Reflect.get(value, method) === "function")
	);
}
