import { withoutUndefined } from "@x/base/objects";
import {
	array,
	boolean,
	checkOptions,
	func,
	integer,
	milliseconds,
	nonEmptyString,
	number,
	type OptionSchema,
	object,
	objectWith,
	oneOf,
	optional,
	rule,
} from "@x/base/option-schema";
import type { TokenBucketOptions } from "@x/base/rate-limiter";
import { isLogger, type Logger, safeLogger } from "./logger.ts";
import { type BackoffOptions, defaultBackoff } from "./loop/backoff.ts";
import type { GateOptions, NamedGateOptions } from "./loop/health-gate.ts";
import { usableRandom, withFallback } from "./safe-random-source.ts";
import type { OrdersOnClose } from "./session.ts";
import type { Tracing } from "./tracing.ts";

/** Options of a keeper. Each option has a default. */
export interface KeeperOptions {
	/**
	 * The waits between attempts to open a session. By default:
	 *
	 * - The first wait after the loss of a stable session is at most 0.5 s.
	 * - Other waits are at most 3 s at first, and then twice as long each time, up to 30 s.
	 * - While the venue is unreachable, the first 12 waits are at most 5 s.
	 * - While a new session can still save the orders from the venue's cancel, all waits are shorter.
	 */
	readonly backoff?: Partial<BackoffOptions>;
	/**
	 * How often one session may be opened, for whatever reason: `burst` times in a row, then once in `everyMs` milliseconds. A
	 * session that has to wait for this limit is in the state `waiting` with `why: "restart-limit"`. Default of `burst`: 30.
	 * Default of `everyMs`: 60 000.
	 */
	readonly restarts?: { readonly burst?: number; readonly everyMs?: number };
	/**
	 * Closes the sessions while your own program is unhealthy. A session whose protection is `unsupported` stays open, because
	 * closing it would cancel no orders. Default: disabled.
	 */
	readonly gate?: GateOptions;
	/**
	 * Separate gates for groups of sessions, such as one gate for each strategy. A session that is named here does not use
	 * `gate`; all other sessions use `gate`. Default: no separate gates.
	 */
	readonly gates?: readonly NamedGateOptions[];
	/**
	 * When a session has been alive for this many milliseconds, earlier failures no longer make the back-off longer. Default
	 * 30 000.
	 */
	readonly stableMs?: number;
	/**
	 * Deadline of one attempt to open a session, in milliseconds. If the process stalled during the attempt, the keeper verifies
	 * the session with further beats, and one of them has to be acknowledged before this deadline. Default 180 000, because a
	 * brokerage session can take two minutes to load.
	 */
	readonly openTimeoutMs?: number;
	/** Deadline for closing one session, in milliseconds. Default 10 000. */
	readonly closeTimeoutMs?: number;
	/**
	 * Deadline of a whole `stop()` call, in milliseconds; the option `timeoutMs` of `stop()` overrides it. Default 9 000,
	 * because container platforms usually kill a process 10 s after SIGTERM.
	 */
	readonly stopTimeoutMs?: number;
	/** Milliseconds between two attempts to open a session that is blocked until a person acts. Default 60 000. */
	readonly blockedRetryMs?: number;
	/** If a timer fires at least this many milliseconds late, the process counts as stalled. Default 1 000. */
	readonly stallMs?: number;
	/**
	 * What happens to the working orders at the end of an `await using` scope. Default `cancel`, because no program watches
	 * over the orders any longer.
	 */
	readonly ordersOnDispose?: OrdersOnClose;
	/** The source of jitter: returns a number from 0 up to, but not including, 1. Default `Math.random`. */
	readonly random?: () => number;
	/**
	 * Receives messages about status changes, beats and the calls of the sessions, without secrets. Default: nothing is
	 * logged.
	 */
	readonly logger?: Logger;
	/**
	 * Makes a tracing span of each open, beat and close; `@x/keepalive/opentelemetry` has an implementation. Default: no
	 * tracing.
	 */
	readonly tracing?: Tracing;
	/**
	 * The wall clock in epoch milliseconds. It is used for status records and to detect a suspended machine. Deadlines use the
	 * monotonic clock. Default `Date.now`.
	 */
	readonly now?: () => number;
}

/** Keeper options with defaults filled in. */
export type ResolvedKeeperOptions = Required<
	Omit<KeeperOptions, "backoff" | "restarts" | "gate" | "logger" | "tracing">
> & {
	readonly backoff: BackoffOptions;
	readonly restarts: TokenBucketOptions;
	readonly gate: GateOptions | undefined;
	/** A logger that never throws. */
	readonly logger: Logger | undefined;
	readonly tracing: Tracing | undefined;
};

const packageName = "@x/keepalive";

/** The options of a keeper that sets no option. */
const defaultOptions: ResolvedKeeperOptions = Object.freeze({
	backoff: defaultBackoff,
	restarts: Object.freeze({ burst: 30, everyMs: 60_000 }),
	gate: undefined,
	gates: Object.freeze([]),
	logger: undefined,
	tracing: undefined,
	stableMs: 30_000,
	openTimeoutMs: 180_000,
	closeTimeoutMs: 10_000,
	stopTimeoutMs: 9_000,
	blockedRetryMs: 60_000,
	stallMs: 1_000,
	ordersOnDispose: "cancel",
	// The functions `Math.random` and `Date.now` are looked up at each call, because a test may replace them after this module
	// was loaded.
	random: () => Math.random(),
	now: () => Date.now(),
});

// The schemas are functions, because a bundler keeps a call at module level even if nothing uses its result.

const orders = () => oneOf("keep", "cancel");

/**
 * The shortest `toleranceMs` of a gate, in milliseconds. With a shorter tolerance, the usual delays of a busy event loop would
 * count as a hang and cancel the orders.
 */
const minToleranceMs = 100;

const gateSchema = (): OptionSchema<GateOptions> => ({
	toleranceMs: milliseconds({ min: minToleranceMs }),
	isHealthy: optional(func()),
	startsHealthy: optional(boolean()),
});

const keeperSchema = (): OptionSchema<KeeperOptions> => ({
	backoff: optional(
		object<Partial<BackoffOptions>>({
			firstMs: optional(milliseconds()),
			baseMs: optional(milliseconds()),
			capMs: optional(milliseconds()),
			unreachableCapMs: optional(milliseconds()),
			factor: optional(number({ min: 1 })),
		}),
	),
	restarts: optional(
		object<Partial<TokenBucketOptions>>({
			burst: optional(integer({ min: 1 })),
			everyMs: optional(milliseconds()),
		}),
	),
	gate: optional(object<GateOptions>(gateSchema())),
	gates: optional(
		array(object<NamedGateOptions>({ ...gateSchema(), name: nonEmptyString(), sessions: array(nonEmptyString()) })),
	),
	stableMs: optional(milliseconds()),
	openTimeoutMs: optional(milliseconds()),
	closeTimeoutMs: optional(milliseconds()),
	stopTimeoutMs: optional(milliseconds()),
	blockedRetryMs: optional(milliseconds()),
	stallMs: optional(milliseconds()),
	ordersOnDispose: optional(orders()),
	logger: optional(rule("an object with the methods debug, info, warn and error", isLogger)),
	tracing: optional(objectWith<Tracing>("session")),
	random: optional(func()),
	now: optional(func()),
});

/**
 * Checks the options of a keeper, and fills in the defaults.
 *
 * @throws OptionError for an option that is not known or not allowed.
 */
export function resolveOptions(options: KeeperOptions = {}): ResolvedKeeperOptions {
	checkOptions<KeeperOptions>(packageName, keeperSchema(), options);
	const given = withoutUndefined(options);
	const { random = defaultOptions.random, now } = given;
	return Object.freeze({
		...defaultOptions,
		...given,
		backoff: { ...defaultOptions.backoff, ...withoutUndefined(given.backoff ?? {}) },
		restarts: { ...defaultOptions.restarts, ...withoutUndefined(given.restarts ?? {}) },
		gate: given.gate && { ...given.gate },
		logger: given.logger && safeLogger(given.logger),
		random: usableRandom(random),
		now: now ? withFallback(now, Number.isFinite, defaultOptions.now) : defaultOptions.now,
	});
}

/** Options of {@link Keeper.stop}. */
export interface StopOptions<Name extends string = string> {
	/** What should happen to the working orders. */
	readonly orders: OrdersOnClose;
	/**
	 * Stops only the session of this name. The other sessions go on, and the stopped session can be started again. Default:
	 * stops all sessions for good.
	 */
	readonly session?: Name;
	/** Deadline of the whole call, in milliseconds. Default: the option `stopTimeoutMs` of the keeper. */
	readonly timeoutMs?: number;
}

const stopSchema = (): OptionSchema<StopOptions> => ({
	orders: orders(),
	session: optional(nonEmptyString()),
	timeoutMs: optional(milliseconds()),
});

/**
 * Checks the options of a call of `stop()`, because a typo must not cancel orders.
 *
 * @throws OptionError for an option that is not known or not allowed.
 */
export function checkStopOptions(options: StopOptions): void {
	checkOptions<StopOptions>(packageName, stopSchema(), options);
}

/** Options of {@link Keeper.ready}. */
export interface ReadyOptions<Name extends string = string> {
	/** Waits for the session of this name. Default: waits until all sessions are alive at the same time. */
	readonly session?: Name;
	/** How long to wait, in milliseconds. Default 180 000. */
	readonly timeoutMs?: number;
	/** Ends the wait early: `ready()` rejects with the reason of this signal. */
	readonly signal?: AbortSignal;
}

const readySchema = (): OptionSchema<ReadyOptions> => ({
	session: optional(nonEmptyString()),
	timeoutMs: optional(milliseconds()),
	signal: optional(objectWith<AbortSignal>("addEventListener")),
});

/**
 * Checks the options of a call of `ready()`.
 *
 * @throws OptionError for an option that is not known or not allowed.
 */
export function checkReadyOptions(options: ReadyOptions): void {
	checkOptions<ReadyOptions>(packageName, readySchema(), options);
}

/** Options of {@link Keeper.onUnprotected}. */
export interface UnprotectedOptions<Name extends string = string> {
	/** How long a session may be unprotected before the listener is called, in milliseconds. */
	readonly afterMs: number;
	/** Watches only the session of this name. Default: watches every session, each on its own. */
	readonly session?: Name;
}

const unprotectedSchema = (): OptionSchema<UnprotectedOptions> => ({
	afterMs: milliseconds(),
	session: optional(nonEmptyString()),
});

/**
 * Checks the options of a call of `onUnprotected()`.
 *
 * @throws OptionError for an option that is not known or not allowed.
 */
export function checkUnprotectedOptions(options: UnprotectedOptions): void {
	checkOptions<UnprotectedOptions>(packageName, unprotectedSchema(), options);
}
