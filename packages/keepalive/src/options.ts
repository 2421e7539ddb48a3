import { invalid, known, requireMs } from "./checks.ts";
import { type BackoffOptions, defaultBackoff } from "./loop/backoff.ts";
import { type GateOptions, requireGate } from "./loop/health-gate.ts";
import type { TurnsOptions } from "./loop/rate-limiter.ts";
import type { OrdersOnClose } from "./session.ts";

/** How a keeper works. Every member has a default. */
export interface KeeperOptions {
	/**
	 * Waits between failed attempts to open. Default: two of 3 s at most, then doubling to 30 s; of 5 s at most while the venue
	 * is not reached at all.
	 */
	readonly backoff?: Partial<BackoffOptions>;
	/**
	 * How often one session may be opened, whatever for: `burst` times, then once in `everyMs` milliseconds, which is told as
	 * `waiting` for `budget`. Default 30 and 60 000.
	 */
	readonly restarts?: Partial<TurnsOptions>;
	/** The program's own health. Default: nobody asks after it. */
	readonly gate?: GateOptions;
	/** After this long alive, in milliseconds, earlier failures are forgotten. Default 30 000. */
	readonly stableMs?: number;
	/** Ceiling for one `open`, in milliseconds. Default 180 000: a brokerage session may load for two minutes. */
	readonly openTimeoutMs?: number;
	/** Ceiling for leaving one session, in milliseconds. Default 10 000. */
	readonly closeTimeoutMs?: number;
	/**
	 * Ceiling for a whole `stop`, in milliseconds; it can be given to `stop` as well. Default 9 000: a container is usually
	 * killed 10 s after it was asked to end.
	 */
	readonly stopTimeoutMs?: number;
	/** How often a session that needs a human is asked again, in milliseconds. Default 60 000. */
	readonly blockedRetryMs?: number;
	/** A timer this late, in milliseconds, means that our own process stood still. Default 1 000. */
	readonly stallMs?: number;
	/** What leaving a scope (`await using`) does to working orders. Default `cancel`: nobody guards them any longer. */
	readonly ordersOnDispose?: OrdersOnClose;
	/** The source of jitter, from 0 to 1, 1 excluded. Default `Math.random`. */
	readonly random?: () => number;
	/**
	 * Epoch milliseconds, for records and to notice that the machine slept; deadlines are kept by the monotonic clock.
	 * Default `Date.now`.
	 */
	readonly now?: () => number;
}

export type ResolvedOptions = Required<Omit<KeeperOptions, "backoff" | "restarts" | "gate">> & {
	readonly backoff: BackoffOptions;
	readonly restarts: TurnsOptions;
	readonly gate: GateOptions | undefined;
};

export const defaults: ResolvedOptions = Object.freeze({
	backoff: defaultBackoff,
	restarts: Object.freeze({ burst: 30, everyMs: 60_000 }),
	gate: undefined,
	stableMs: 30_000,
	openTimeoutMs: 180_000,
	closeTimeoutMs: 10_000,
	stopTimeoutMs: 9_000,
	blockedRetryMs: 60_000,
	stallMs: 1_000,
	ordersOnDispose: "cancel",
	// Read at each call: a test may replace either later.
	random: () => Math.random(),
	now: () => Date.now(),
});

/**
 * Fills in the defaults.
 *
 * @throws TypeError that names the option, its type and what is allowed.
 */
export function resolveOptions(options: KeeperOptions = {}): ResolvedOptions {
	const given = known("option", options, defaults);
	const backoff = { ...defaults.backoff, ...known("option backoff", given.backoff, defaultBackoff) };
	const restarts = { ...defaults.restarts, ...known("option restarts", given.restarts, defaults.restarts) };
	const gate = given.gate === undefined ? undefined : requireGate(given.gate);
	const resolved: ResolvedOptions = { ...defaults, ...given, backoff, restarts, gate };
	requireAllMs("option ", resolved);
	requireAllMs("option backoff.", backoff);
	requireAllMs("option restarts.", restarts);
	if (!(backoff.factor >= 1)) throw invalid("option backoff.factor", backoff.factor, "a number from 1");
	if (!(Number.isInteger(restarts.burst) && restarts.burst >= 1)) {
		throw invalid("option restarts.burst", restarts.burst, "an integer from 1");
	}
	requireOrders("option ordersOnDispose", resolved.ordersOnDispose);
	for (const name of ["random", "now"] as const) {
		if (typeof resolved[name] !== "function") throw invalid(`option ${name}`, resolved[name], "a function");
	}
	return Object.freeze({
		...resolved,
		// A source that fails must not make a loop hot, nor end it.
		random: orElse(
			resolved.random,
			(value) => value >= 0 && value < 1,
			() => 0.5,
		),
		now: orElse(resolved.now, Number.isFinite, defaults.now),
	});
}

/** The members that are milliseconds are those whose names say so. */
function requireAllMs(what: string, options: object): void {
	for (const [name, value] of Object.entries(options)) if (name.endsWith("Ms")) requireMs(what + name, value);
}

/** @throws TypeError unless it is one of the two. A wish that was misspelt must not become a cancel. */
export function requireOrders(name: string, orders: OrdersOnClose): void {
	if (orders !== "keep" && orders !== "cancel") throw invalid(name, orders, '"keep" or "cancel"');
}

function orElse(source: () => number, isUsable: (value: number) => boolean, otherwise: () => number): () => number {
	return () => {
		try {
			const value = source();
			if (typeof value === "number" && isUsable(value)) return value;
		} catch {
			// As if it had given nothing.
		}
		return otherwise();
	};
}
