import { monotonicMs } from "@x/base/clock";
import type { UsedLimits } from "@x/keepalive";
import { type Pace, paces } from "./call-kind.ts";

/** The shortest time between two calls of a path is multiplied by this factor, because the clocks of the agent and the venue differ. */
const margin = 1.01;
/**
 * If a path may be called only once in this many milliseconds or more, the relay stores the time from which the path may be called again.
 * The next worker thread and the next run of the agent read this time.
 */
const keptFromMs = 60_000;

/** For each path, the time on the monotonic clock from which it may be called again. */
type FreeAt = Map<Pace["key"], number>;

/**
 * Knows when each path of IBKR that has a separate rate limit may be called again.
 *
 * Rate limits of a minute or more are stored together with the other rate limits of the session, so that a restart does not forget them.
 * Shorter rate limits are not stored: after a restart, each of these paths counts as just called.
 */
export class PathLimits {
	readonly #freeAt: FreeAt = new Map();
	/** The paths with a call that has no reply yet. */
	readonly #inFlight = new Set<Pace["key"]>();
	/**
	 * When each path may be called again because of the calls that were made before this thread started. Until `inherit` or `attach` is
	 * called, those calls are not known, and every path counts as just called.
	 */
	#earlier = freeAfter(() => Number.POSITIVE_INFINITY);
	#hasInherited = false;
	#onUsed: () => void = () => undefined;

	/** Milliseconds until a path may be called; infinite while a call to it has no reply yet. */
	freeInMs({ key }: Pace): number {
		if (this.#inFlight.has(key)) return Number.POSITIVE_INFINITY;
		return Math.max(0, this.#latest(key) - monotonicMs());
	}

	/** Has to be called right before a path is called. {@link end} has to be called once there is a reply, or no reply will come. */
	begin(pace: Pace): void {
		this.#inFlight.add(pace.key);
		this.#use(pace);
	}

	end(pace: Pace): void {
		this.#inFlight.delete(pace.key);
		this.#use(pace);
	}

	/** When the paths with a rate limit of a minute or more may be called again, to be stored with the `usedLimits` of the session. */
	get used(): UsedLimits {
		const toWall = Date.now() - monotonicMs();
		const kept = [...paces].filter(([key, everyMs]) => everyMs >= keptFromMs && this.#latest(key) > monotonicMs());
		const entries = kept.map(([key]) => [
			nameOf(key),
			{ made: [], pausedUntil: Math.round(this.#latest(key) + toWall) },
		]);
		return Object.fromEntries(entries);
	}

	/**
	 * Takes over the rate limits that earlier agents and worker threads have used. Has to be called by the `inheritLimits` of the session.
	 */
	inherit(used: UsedLimits | "all", wasKilled: boolean): void {
		const isUnknown = used === "all" || wasKilled;
		this.#hasInherited = true;
		this.#earlier = freeAfter((key, everyMs) =>
			isUnknown || everyMs < keptFromMs ? everyMs : (used[nameOf(key)]?.pausedUntil ?? 0) - Date.now(),
		);
	}

	/**
	 * Has to be called when the session is about to be opened.
	 *
	 * @param onUsed - is called when {@link used} has changed.
	 */
	attach(onUsed: () => void): void {
		this.#onUsed = onUsed;
		// If nothing was inherited, no earlier agent has used the session, so there are no earlier calls to count.
		if (!this.#hasInherited) this.#earlier.clear();
	}

	#use({ key, everyMs }: Pace): void {
		this.#freeAt.set(key, monotonicMs() + everyMs * margin);
		if (everyMs >= keptFromMs) this.#onUsed();
	}

	#latest(key: Pace["key"]): number {
		const never = Number.NEGATIVE_INFINITY;
		return Math.max(this.#freeAt.get(key) ?? never, this.#earlier.get(key) ?? never);
	}
}

const nameOf = (key: Pace["key"]): string => `path ${key}`;

/**
 * Returns when each path may be called again.
 *
 * @param ms - returns, for one path, the milliseconds until it may be called again. If they are more than the path's own limit, the limit
 * is used instead, because they can come from a wrong clock.
 */
function freeAfter(ms: (key: Pace["key"], everyMs: number) => number): FreeAt {
	const now = monotonicMs();
	return new Map([...paces].map(([key, everyMs]) => [key, now + Math.min(ms(key, everyMs), everyMs) * margin]));
}
