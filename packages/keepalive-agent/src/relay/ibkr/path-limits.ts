import { monotonicMs } from "@x/base/clock";
import type { UsedLimits } from "@x/keepalive";
import { type Pace, paces } from "./call-path.ts";

/** The factor by which every limit is extended, because clocks differ. */
const margin = 1.01;
/** Limits of at least this length are stored, for the next thread and for the next run of the agent. */
const keptFromMs = 60_000;

/** For each path, when it may be called again, on the monotonic clock. */
type FreeAt = Map<Pace["key"], number>;

/**
 * Knows when those paths of IBKR may be called again that have a rate limit of their own.
 *
 * Limits of a minute or more are stored with the limits of the session, so that a restart does not forget them. Shorter limits are not
 * stored at each call: after a restart each of them counts as just used up.
 */
export class PathLimits {
	readonly #freeAt: FreeAt = new Map();
	/** The paths that have a call without a reply. */
	readonly #inFlight = new Set<Pace["key"]>();
	/** When paths are free because of calls before this thread. Until these calls are known, every path counts as just called. */
	#earlier = freeAfter(() => Number.POSITIVE_INFINITY);
	#hasInherited = false;
	#onUsed: () => void = () => undefined;

	/** Milliseconds until a path may be called; infinite while a call to it has no reply yet. */
	freeInMs({ key }: Pace): number {
		if (this.#inFlight.has(key)) return Number.POSITIVE_INFINITY;
		return Math.max(0, this.#latest(key) - monotonicMs());
	}

	/** Call it right before a path is called, and {@link end} once there is a reply or none will come. */
	begin(pace: Pace): void {
		this.#inFlight.add(pace.key);
		this.#use(pace);
	}

	end(pace: Pace): void {
		this.#inFlight.delete(pace.key);
		this.#use(pace);
	}

	/** The stored limits that are not over yet, for the session's `usedLimits`. */
	get used(): UsedLimits {
		const toWall = Date.now() - monotonicMs();
		const kept = [...paces].filter(([key, everyMs]) => everyMs >= keptFromMs && this.#latest(key) > monotonicMs());
		const entries = kept.map(([key]) => [
			nameOf(key),
			{ made: [], pausedUntil: Math.round(this.#latest(key) + toWall) },
		]);
		return Object.fromEntries(entries);
	}

	/** Takes over the limits that earlier agents and threads have used, from the session's `inheritLimits`. */
	inherit(used: UsedLimits | "all", wasKilled: boolean): void {
		const isUnknown = used === "all" || wasKilled;
		this.#hasInherited = true;
		this.#earlier = freeAfter((key, everyMs) =>
			isUnknown || everyMs < keptFromMs ? everyMs : (used[nameOf(key)]?.pausedUntil ?? 0) - Date.now(),
		);
	}

	/** Call it when the session is about to be opened. @param onUsed - is called when {@link used} has changed. */
	attach(onUsed: () => void): void {
		this.#onUsed = onUsed;
		// If nothing was inherited, no earlier agent has used the session.
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

/** @param ms - the time from now on; it is limited to the path's own limit, because a clock may be wrong. */
function freeAfter(ms: (key: Pace["key"], everyMs: number) => number): FreeAt {
	const now = monotonicMs();
	return new Map([...paces].map(([key, everyMs]) => [key, now + Math.min(ms(key, everyMs), everyMs) * margin]));
}
