import { after, monotonicMs } from "@x/base/clock";
import type { IbkrPacing } from "@x/ibkr-session";
import { callKind, limitedCallOf, type Pace, paceOf } from "./call-kind.ts";
import type { PathLimits } from "./path-rate-limits.ts";

/** At most this many calls of one bot may wait. */
const maxWaiting = 16;
/** A call may wait for at most this many milliseconds. */
const maxWaitMs = 8_000;
/**
 * How many calls of each kind may be without a reply at the same time, for all bots together:
 * - `other`: four.
 * - `order`: six, minus the calls of kind `other` that have no reply. As these are four at most, at least two places are left for orders.
 * - `cancel`: three.
 *
 * The last place of a kind is given only to a bot that has no other call of this kind without a reply. A gateway allows bots eight calls in
 * one window. Calls of the kinds `order` and `other` that have no reply take at most seven of these, so that slow calls do not hold back a
 * cancel.
 */
const maxInFlight = { other: 4, order: 6, cancel: 3 } as const;
/** In each window of the rate limit, this many calls are left for the session itself. */
const kept = 2;
/**
 * The length of the window in which the venue counts all calls, in milliseconds. It includes a margin, because the venue's clock differs
 * from this machine's clock. This queue counts a call from its sending until this long after its reply. The venue receives the call between
 * these two times, so no network delay can bring too many calls into one window.
 */
const windowMs = 1_050;

type Reservation = Extract<ReturnType<IbkrPacing["tryAcquire"]>, { readonly acquired: true }>;

/** The permission to send one call now. */
export interface Turn {
	/** The reservation that the session's rate limiter has given. */
	readonly reservation: Reservation;
	/** Has to be called once the call has its reply or has failed. */
	end(): void;
}

/** Why a call may not be sent. */
export type NoTurn =
	/** Too many calls of the same bot are waiting already. */
	| "too-many"
	/** The call has waited for too long. */
	| "too-long"
	/** No client waits for the reply any more. */
	| "gone"
	/** The rate limit of the call's path allows the next call only after this many milliseconds. */
	| { readonly freeInMs: number };

type Kind = keyof typeof maxInFlight;

interface Waiting {
	readonly bot: string;
	readonly kind: Kind;
	readonly call: string;
	/** Whether the session's rate limiter has a separate limit for this call. */
	readonly hasOwnLimit: boolean;
	readonly pace: Pace | undefined;
	/** The time at which the call will have waited for too long, on the monotonic clock. */
	readonly until: number;
	settle(outcome: Turn | NoTurn): void;
}

/**
 * Queues the calls of all bots until the rate limit of a session allows them.
 *
 * - Bots take turns, so that a bot that floods delays another bot by at most one call.
 * - The cancels of a bot go before its other calls.
 * - A waiting call takes nothing from the rate limit: only when it can be sent does the queue take a call from the session's rate limiter.
 *   So a beat (tickle) of the session never waits behind the waiting calls of bots.
 */
export class CallQueue {
	readonly #pacing: IbkrPacing;
	readonly #perWindow: number;
	readonly #pathLimits: PathLimits;
	/** The waiting calls by bot. The bot whose turn is next comes first. */
	readonly #waiting = new Map<string, Waiting[]>();
	/** The calls that were sent but have no reply yet. */
	readonly #inFlight = new Set<Waiting>();
	/** The times, on the monotonic clock, at which replies came within the last window. */
	#repliedAt: number[] = [];
	#cancelTimer: () => void = () => undefined;

	constructor(pacing: IbkrPacing, callsPerSecond: number, pathLimits: PathLimits) {
		this.#pacing = pacing;
		this.#pathLimits = pathLimits;
		this.#perWindow = Math.max(1, callsPerSecond - kept);
	}

	/** Waits until a call may be sent. @param signal - aborts when no client waits for the reply any more. */
	acquire(bot: string, method: string, path: string, signal: AbortSignal): Promise<Turn | NoTurn> {
		const calls = this.#waiting.get(bot) ?? [];
		const now = monotonicMs();
		const kind = kindOf(method, path);
		const pace = paceOf(path);
		const limited = limitedCallOf(path);
		if (signal.aborted) return Promise.resolve("gone");
		if (calls.length >= maxWaiting) return Promise.resolve("too-many");
		const freeInMs = pace ? this.#pathLimits.freeInMs(pace) : 0;
		// Infinity means that an earlier call of this path has no reply yet. It is not known when the path may be called again, so this call is
		// not refused but waits.
		if (freeInMs > maxWaitMs && freeInMs !== Number.POSITIVE_INFINITY) return Promise.resolve({ freeInMs });
		return new Promise((resolve) => {
			const onAbort = (): void => waiting.settle("gone");
			const waiting: Waiting = {
				bot,
				kind,
				call: limited ?? `${method} ${path}`,
				hasOwnLimit: limited !== undefined,
				pace,
				until: now + maxWaitMs,
				settle: (outcome) => {
					signal.removeEventListener("abort", onAbort);
					this.#remove(waiting);
					resolve(outcome);
				},
			};
			signal.addEventListener("abort", onAbort, { once: true });
			this.#waiting.set(bot, [...calls, waiting]);
			this.#dispatch();
		});
	}

	#remove(waiting: Waiting): void {
		const left = (this.#waiting.get(waiting.bot) ?? []).filter((each) => each !== waiting);
		if (left.length === 0) this.#waiting.delete(waiting.bot);
		else this.#waiting.set(waiting.bot, left);
		if (this.#waiting.size === 0) this.#cancelTimer();
	}

	#dispatch(): void {
		this.#cancelTimer();
		const now = monotonicMs();
		this.#repliedAt = this.#repliedAt.filter((at) => at > now - windowMs);
		for (const calls of [...this.#waiting.values()]) {
			for (const each of calls) if (each.until <= now) each.settle("too-long");
		}
		let next = this.#sendNext(now);
		while (next === "sent") next = this.#sendNext(now);
		if (this.#waiting.size === 0) return;
		const earliest = Math.min(next, ...[...this.#waiting.values()].flat().map(({ until }) => until - now));
		this.#cancelTimer = after(Math.max(1, Math.ceil(earliest)), () => this.#dispatch());
	}

	/** Lets one waiting call be sent. If no call may be sent, returns in how many milliseconds to try again. */
	#sendNext(now: number): "sent" | number {
		let againMs = maxWaitMs;
		for (const waiting of this.#byTurn()) {
			const blockedMs = this.#blockedMs(waiting, now);
			if (blockedMs > 0) {
				againMs = Math.min(againMs, blockedMs);
				continue;
			}
			const found = this.#pacing.tryAcquire(waiting.call, 0);
			if (found.acquired) {
				this.#give(waiting, found);
				return "sent";
			}
			againMs = Math.min(againMs, found.waitMs);
			// This call has no separate limit, so it is waiting for the limit of all calls, and no other call can be sent either.
			if (!waiting.hasOwnLimit) break;
		}
		return againMs;
	}

	/**
	 * The waiting calls in the order in which they are tried: the first call of each bot, then the second call of each bot. A bot's cancels
	 * come before its other calls.
	 */
	#byTurn(): readonly Waiting[] {
		const ofBots = [...this.#waiting.values()].map((calls) => [
			...calls.filter(({ kind }) => kind === "cancel"),
			...calls.filter(({ kind }) => kind !== "cancel"),
		]);
		return Array.from({ length: maxWaiting }, (_, turn) => ofBots.flatMap((calls) => calls[turn] ?? [])).flat();
	}

	/** How many milliseconds a call has to wait because of the limits of this queue. */
	#blockedMs({ bot, kind, pace }: Waiting, now: number): number {
		const [oldest = now + maxWaitMs] = this.#repliedAt;
		// If the window is full of calls that have no reply yet, it is not known when it has room again, so the longest wait is returned. This
		// delays no call, because the queue tries again after every reply.
		const isFull = this.#inFlight.size + this.#repliedAt.length >= this.#perWindow;
		const windowLeftMs = isFull ? Math.min(maxWaitMs, oldest + windowMs - now) : 0;
		const ofKind = [...this.#inFlight].filter((each) => each.kind === kind);
		const others = kind === "order" ? [...this.#inFlight].filter((each) => each.kind === "other").length : 0;
		const left = maxInFlight[kind] - ofKind.length - others;
		if (left <= 0 || (left === 1 && ofKind.some((each) => each.bot === bot))) return maxWaitMs;
		const notCancels = [...this.#inFlight].filter((each) => each.kind !== "cancel").length;
		if (kind !== "cancel" && notCancels >= Math.max(1, this.#perWindow - 1)) return maxWaitMs;
		return Math.max(windowLeftMs, pace ? this.#pathLimits.freeInMs(pace) : 0);
	}

	#give(waiting: Waiting, reservation: Reservation): void {
		const { bot, pace } = waiting;
		if (pace) this.#pathLimits.begin(pace);
		this.#inFlight.add(waiting);
		waiting.settle({
			reservation,
			end: () => {
				this.#inFlight.delete(waiting);
				this.#repliedAt.push(monotonicMs());
				if (pace) this.#pathLimits.end(pace);
				this.#dispatch();
			},
		});
		// Bots take turns, so this bot is moved behind the other bots.
		const left = this.#waiting.get(bot);
		if (left) {
			this.#waiting.delete(bot);
			this.#waiting.set(bot, left);
		}
	}
}

function kindOf(method: string, path: string): Kind {
	const { kind } = callKind(method, path);
	return kind === "order" || kind === "cancel" ? kind : "other";
}
