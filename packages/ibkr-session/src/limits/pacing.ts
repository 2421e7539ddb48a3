import { monotonicMs } from "@x/base/clock";
import { checkOptions, integer, optional } from "@x/base/option-schema";
import { packageName } from "../errors.ts";
import { paces } from "../generated/facts.ts";

/** A rate limiter for the calls of one user. All clients of the user share the same rate limiter. */
export interface IbkrPacing {
	/**
	 * Reserves the earliest time at which a call such as `POST /tickle` is within the venue's rate limits, unless that
	 * time is more than `maxWaitMs` away.
	 *
	 * @returns the wait until the reserved time if `acquired` is true, or until the earliest possible time if `acquired`
	 * is false.
	 */
	tryAcquire(
		call: string,
		maxWaitMs: number,
	):
		| {
				readonly acquired: true;
				/** Milliseconds until the call may be sent. */
				readonly waitMs: number;
				/**
				 * Must be called right before the call is sent. Returns 0 when the call may be sent, otherwise the milliseconds to wait
				 * before `start` is called again. A slow `authorize` or a blocked event loop can make a call later than its reserved
				 * time. `start` then reserves a new time, because other calls may be too close to the current time.
				 */
				start(): number;
		  }
		| { readonly acquired: false; readonly waitMs: number };
}

/**
 * If the network delays only the first of two calls, the calls arrive closer together than they were sent. Without this
 * margin, in milliseconds, the calls could cause a 429, which blocks the IP address for 15 minutes.
 */
const marginMs = (windowMs: number): number => Math.max(250, windowMs / 50);

interface Reserved {
	/** The reserved time, in milliseconds of the monotonic clock. */
	at: number;
}

/** Reserved times for calls. Any period of `windowMs` contains at most `limit` reserved times. */
class ReservedWindow {
	readonly #limit: number;
	readonly #windowMs: number;
	readonly #reserved = new Set<Reserved>();

	constructor(limit: number, windowMs: number) {
		this.#limit = limit;
		this.#windowMs = windowMs + marginMs(windowMs);
	}

	/** The earliest time, not before `from`, at which the reservation `own` fits between all other reservations. */
	earliest(from: number, own: Reserved): number {
		const others = [...this.#reserved].filter((each) => each !== own).map(({ at }) => at);
		// The tolerance of 0.001 ms is needed because the sum of two times is not exact.
		const near = this.#windowMs - 0.001;
		const fits = (at: number): boolean => others.filter((other) => Math.abs(other - at) < near).length < this.#limit;
		const ends = others.map((other) => other + this.#windowMs).filter((end) => end > from);
		return [from, ...ends.sort((a, b) => a - b)].find(fits) ?? from;
	}

	/** Adds a reservation, unless it was added before. Removes reservations that are older than the window. */
	add(reserved: Reserved, now: number): void {
		for (const old of this.#reserved) if (old.at <= now - this.#windowMs) this.#reserved.delete(old);
		this.#reserved.add(reserved);
	}
}

/**
 * Creates the rate limiter of one user. It limits all calls together to `callsPerSecond`, tickles to one a second, and validations to
 * one a minute.
 *
 * @throws OptionError.
 */
export function createIbkrPacing(
	options: {
		/** Limit for all calls together, 1 to 1 000. Default 10, the venue's limit at a gateway; with OAuth the venue's limit is 50. */
		readonly callsPerSecond?: number;
	} = {},
): IbkrPacing {
	const schema = { callsPerSecond: optional(integer({ min: 1, max: 1_000 })) };
	checkOptions<typeof options>(packageName, schema, options);
	const { callsPerSecond = 10 } = options;
	const allCalls = new ReservedWindow(callsPerSecond, 1_000);
	const byCall = new Map<string, ReservedWindow>();
	for (const [call, { calls, perSeconds }] of Object.entries(paces)) {
		// A limit of several calls in a second is the gateway's limit on all calls together, which `allCalls` enforces already.
		if (calls === 1) byCall.set(call, new ReservedWindow(calls, perSeconds * 1_000));
	}
	return Object.freeze<IbkrPacing>({
		tryAcquire: (call, maxWaitMs) => {
			const windows = [allCalls, ...[byCall.get(call) ?? []].flat()];
			const reserved: Reserved = { at: 0 };
			/**
			 * Moves the reservation to the earliest time that is within all rate limits, unless that time is more than `maxMs`
			 * away. Returns the wait in milliseconds.
			 */
			const move = (maxMs: number): number => {
				const now = monotonicMs();
				let at = now;
				for (let last = -1; last !== at; ) {
					last = at;
					for (const window of windows) at = window.earliest(at, reserved);
				}
				if (at - now > maxMs) return at - now;
				reserved.at = at;
				for (const window of windows) window.add(reserved, now);
				return at - now;
			};
			const waitMs = move(maxWaitMs);
			if (waitMs > maxWaitMs) return { acquired: false, waitMs };
			return { acquired: true, waitMs, start: () => move(Number.POSITIVE_INFINITY) };
		},
	});
}
