import { monotonicMs } from "@x/base/clock";
import type { UsedLimits } from "@x/keepalive";
import { type Pace, paces } from "./path.ts";

/** What clocks differ by in a limit, as a part of it. */
const margin = 1.01;
/** Limits that are at least so long are kept for the thread and the agent after this one. */
const keptFromMs = 60_000;

/** A path may be called again at `at`, on the monotonic clock. */
type FreeAt = Map<Pace["key"], number>;

/**
 * When the paths of IBKR that have a rate limit of their own may be called again.
 *
 * The limits of minutes are kept with those of the session, so that a restart does not forget them. Those of seconds are not written down
 * at each call: after a restart each counts as used up at the start.
 */
export class PathLimits {
	readonly #freeAt: FreeAt = new Map();
	/** The calls that have no reply yet. */
	readonly #inFlight = new Set<Pace["key"]>();
	/** By what was called before this thread. Until that is known, everything may have been. */
	#earlier = freeAfter(() => Number.POSITIVE_INFINITY);
	#hasInherited = false;
	#onUsed: () => void = () => undefined;

	/** Milliseconds until a path may be called; infinite while a call of it has no reply yet. */
	freeInMs({ key }: Pace): number {
		if (this.#inFlight.has(key)) return Number.POSITIVE_INFINITY;
		return Math.max(0, this.#latest(key) - monotonicMs());
	}

	/** A path is about to be called. Call {@link end} once there is a reply, or none will come. */
	begin(pace: Pace): void {
		this.#inFlight.add(pace.key);
		this.#use(pace);
	}

	end(pace: Pace): void {
		this.#inFlight.delete(pace.key);
		this.#use(pace);
	}

	/** See `Session.usedLimits`. */
	get used(): UsedLimits {
		const toWall = Date.now() - monotonicMs();
		const kept = [...paces].filter(([key, everyMs]) => everyMs >= keptFromMs && this.#latest(key) > monotonicMs());
		const entries = kept.map(([key]) => [
			nameOf(key),
			{ made: [], pausedUntil: Math.round(this.#latest(key) + toWall) },
		]);
		return Object.fromEntries(entries);
	}

	/** See `Session.inheritLimits`. */
	inherit(used: UsedLimits | "all", wasKilled: boolean): void {
		const isUnknown = used === "all" || wasKilled;
		this.#hasInherited = true;
		this.#earlier = freeAfter((key, everyMs) =>
			isUnknown || everyMs < keptFromMs ? everyMs : (used[nameOf(key)]?.pausedUntil ?? 0) - Date.now(),
		);
	}

	/** The session is about to be opened. @param onUsed - called when {@link used} has changed. */
	attach(onUsed: () => void): void {
		this.#onUsed = onUsed;
		// No agent before this one has used the session.
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

/** @param ms - how long from now on, at the longest the limit itself, whatever a clock says. */
function freeAfter(ms: (key: Pace["key"], everyMs: number) => number): FreeAt {
	const now = monotonicMs();
	return new Map([...paces].map(([key, everyMs]) => [key, now + Math.min(ms(key, everyMs), everyMs) * margin]));
}
