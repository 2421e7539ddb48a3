import { type BackoffOptions, defaultBackoff } from "./backoff.ts";
import type { OrdersOnClose } from "./session.ts";

/** How a keeper works. Every member has a default. */
export interface KeeperOptions {
	/** Waits between failed attempts to open. Default: 1 s doubling to 30 s, each drawn from its upper half. */
	readonly backoff?: Partial<BackoffOptions>;
	/** After this long alive, in milliseconds, earlier failures are forgotten. Default 30 000. */
	readonly stableMs?: number;
	/** Ceiling for one `open`, in milliseconds. Default 180 000: a brokerage session may load for two minutes. */
	readonly openTimeoutMs?: number;
	/** Ceiling for one `close`, in milliseconds. Default 10 000. */
	readonly closeTimeoutMs?: number;
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

export type ResolvedOptions = Required<Omit<KeeperOptions, "backoff">> & { readonly backoff: BackoffOptions };

export const defaults: Omit<ResolvedOptions, "now" | "random"> = Object.freeze({
	backoff: defaultBackoff,
	stableMs: 30_000,
	openTimeoutMs: 180_000,
	closeTimeoutMs: 10_000,
	blockedRetryMs: 60_000,
	stallMs: 1_000,
	ordersOnDispose: "cancel",
});

/**
 * Fills in the defaults.
 *
 * @throws TypeError that names the option, its type and what is allowed.
 */
export function resolveOptions(options: KeeperOptions = {}): ResolvedOptions {
	const backoff = { ...defaults.backoff, ...options.backoff };
	const resolved: ResolvedOptions = {
		...defaults,
		random: Math.random,
		// Read at each call: a test may replace the clock later.
		now: () => Date.now(),
		...options,
		backoff,
	};
	for (const name of ["stableMs", "openTimeoutMs", "closeTimeoutMs", "blockedRetryMs", "stallMs"] as const) {
		requirePositive(name, resolved[name]);
	}
	requirePositive("backoff.baseMs", backoff.baseMs);
	requirePositive("backoff.capMs", backoff.capMs);
	if (!(backoff.factor >= 1)) throw invalid("backoff.factor", backoff.factor, "a number from 1");
	if (resolved.ordersOnDispose !== "keep" && resolved.ordersOnDispose !== "cancel") {
		throw invalid("ordersOnDispose", resolved.ordersOnDispose, '"keep" or "cancel"');
	}
	return Object.freeze(resolved);
}

function requirePositive(name: string, value: number): void {
	if (!(Number.isFinite(value) && value > 0)) throw invalid(name, value, "a number of milliseconds above 0");
}

function invalid(name: string, value: unknown, allowed: string): TypeError {
	const shown = typeof value === "number" ? `number ${value}` : typeof value;
	return new TypeError(`@x/keepalive: option ${name} is a ${shown}; it must be ${allowed}`);
}
