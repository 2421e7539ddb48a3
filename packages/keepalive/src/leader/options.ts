import { OptionError } from "@x/base/errors";
import { isObject } from "@x/base/objects";
import { checkOptions, func, milliseconds, nonEmptyString, optional, rule } from "@x/base/option-schema";
import { usableRandom } from "../with-fallback.ts";
import type { LeaderStore } from "./leader-store.ts";

/** How the processes that could run one session agree on the one that runs it. Every process needs the same options, except `holder`. */
export interface LeaderOptions {
	/** Where the processes agree on the leader, such as `postgresLeaderStore` of `@x/keepalive-postgres`. */
	readonly store: LeaderStore;
	/** The name under which the processes compete for the lead. Default: the name of the session. */
	readonly name?: string;
	/**
	 * How long a leader leads without a renewal, in milliseconds, 5 000 to 600 000. A leader that dies is replaced after `ttlMs` plus
	 * `pollMs` at the latest; with a store that has no clock of its own, after `ttlMs` plus twice `pollMs`. If the store failed meanwhile,
	 * the longer of `pollMs` and `renewMs` counts in place of `pollMs`, from the moment when the store is back if that is after `ttlMs`.
	 * Default 15 000.
	 */
	readonly ttlMs?: number;
	/** Milliseconds between two renewals; a third of `ttlMs` at most. Default: a third of `ttlMs`. */
	readonly renewMs?: number;
	/**
	 * A leader stops this many milliseconds before its time runs out at the store. The margin covers clocks that run at different speeds,
	 * and the time that closing the session takes. At least 1 000 plus 1 % of `ttlMs`. Default: this minimum plus up to 1 000 more.
	 */
	readonly marginMs?: number;
	/**
	 * Milliseconds between two attempts of a standby process to take the lead. While the store fails, the attempts become rarer, down to one
	 * in `renewMs` if `renewMs` is longer than `pollMs`. Default: a third of `ttlMs`, 1 000 at most.
	 */
	readonly pollMs?: number;
	/**
	 * A leader whose session has not been open for this many milliseconds gives the lead up when the next open fails: another process may
	 * have a better network connection to the venue. A leader keeps the lead while it waits because the venue asked for it, and while its
	 * user is logged in elsewhere. At least 10 000; default 60 000.
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
	// Two renewals may fail before the leader has to stop.
	if (3 * renewMs > ttlMs) {
		throw new OptionError(packageName, "renewMs", `must be ${ttlMs / 3} or less, a third of ttlMs, got ${renewMs}`);
	}
	if (marginMs < leastMarginMs || marginMs > ttlMs - 2 * renewMs) {
		throw new OptionError(
			packageName,
			"marginMs",
			`must be from ${leastMarginMs} (1 000 and 1 % of ttlMs) to ${ttlMs - 2 * renewMs} (ttlMs without two renewals), got ${marginMs}`,
		);
	}
	return { store, name, ttlMs, renewMs, marginMs, pollMs, handOverMs, holder, random: usableRandom(random) };
}

function isStore(value: unknown): boolean {
	return (
		isObject(value) && ["take", "renew", "release"].every((method) => typeof Reflect.get(value, method) === "function")
	);
}
