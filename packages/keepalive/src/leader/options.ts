import { OptionError } from "@x/base/errors";
import { checkOptions, func, milliseconds, nonEmptyString, optional, rule } from "@x/base/option-schema";
import { isObject } from "@x/base/record";
import { usableRandom } from "../usable-source.ts";
import type { LeaderStore } from "./leader-store.ts";

/** How the processes that could run one session agree on which of them does. The same in each of them, except `holder`. */
export interface LeaderOptions {
	/** Where they agree, such as `postgresLeaderStore` of `@x/keepalive-postgres`. */
	readonly store: LeaderStore;
	/** The name that they compete for. Default: the name of the session. */
	readonly name?: string;
	/**
	 * How long a leader leads without a renewal, in milliseconds, 5 000 to 600 000. A leader that dies is replaced after this time and
	 * `pollMs`, at the latest; twice `pollMs` where the store has no clock of its own. Where the store failed meanwhile, `renewMs` takes the
	 * place of `pollMs` if it is longer, and counts from the moment at which the store is back if that is later. Default 15 000.
	 */
	readonly ttlMs?: number;
	/** Milliseconds between two renewals; a third of `ttlMs` at most. Default: a third of `ttlMs`. */
	readonly renewMs?: number;
	/**
	 * By how many milliseconds a leader stops earlier than its time runs out at the store. It covers clocks that run at different
	 * speeds, and the time that closing the session takes. At least 1 000 and 1 % of `ttlMs`. Default: that, and up to 1 000 more.
	 */
	readonly marginMs?: number;
	/**
	 * Milliseconds between two attempts of a standby to take over. While the store fails they become fewer, down to one in `renewMs` if
	 * that is longer. Default: a third of `ttlMs`, 1 000 at most.
	 */
	readonly pollMs?: number;
	/**
	 * A leader whose session was not open for this many milliseconds gives the lead up with the next open that fails: another process
	 * may have a better line to the venue. One that waits because the venue asked for it keeps the lead, and so does one whose user is
	 * logged in elsewhere. At least 10 000; default 60 000.
	 */
	readonly handOverMs?: number;
	/** Names this process in the records of the others: unique for each start of it. Default: a random UUID. */
	readonly holder?: string;
	/** The source of jitter: a number from 0, less than 1. Default `Math.random`. */
	readonly random?: () => number;
}

/** Leader options with defaults filled in. */
export type ResolvedLeaderOptions = Required<LeaderOptions>;

const packageName = "@x/keepalive";

/** @throws OptionError */
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
