import { after, monotonicMs } from "@x/base/clock";
import type { IbkrPacing } from "@x/ibkr-session";
import { callKind, limitedCallOf, type Pace, paceOf } from "./path.ts";
import type { PathLimits } from "./path-limits.ts";

/** Calls of one bot that may wait. */
const maxWaiting = 16;
/** How long a call may wait. */
const maxWaitMs = 8_000;
/**
 * Calls of each kind without a reply yet, of all bots together. The last one is left for a bot that has none of its kind. Orders count
 * with those of kind `other`, so two of six are left for orders. A gateway's window of all calls allows two besides the six: for cancels.
 */
const maxInFlight = { other: 4, order: 6, cancel: 3 } as const;
/** Calls of each window that are left for the session. */
const kept = 2;
/**
 * The venue's window of all calls, with what clocks differ by. A call counts from when it is sent until so long after its reply: the venue
 * got it at some time between the two, so no delay on the way can bring more calls into one of its windows.
 */
const windowMs = 1_050;

type Reservation = Extract<ReturnType<IbkrPacing["tryAcquire"]>, { readonly acquired: true }>;

/** The right to send one call now. */
export interface Turn {
	/** What the rate limiter has given. */
	readonly reservation: Reservation;
	/** Must be called once the call has its reply. */
	end(): void;
}

/** Why a call got no turn. */
export type NoTurn =
	/** Its bot has too many that wait. */
	| "too-many"
	/** It has waited for too long. */
	| "too-long"
	/** Nobody wants the reply any more. */
	| "gone"
	/** The limit of its path leaves no room for so long. */
	| { readonly freeInMs: number };

type Kind = keyof typeof maxInFlight;

interface Waiting {
	readonly bot: string;
	readonly kind: Kind;
	readonly call: string;
	/** Whether the rate limiter limits it by itself. */
	readonly hasOwnLimit: boolean;
	readonly pace: Pace | undefined;
	/** On the monotonic clock. */
	readonly until: number;
	settle(outcome: Turn | NoTurn): void;
}

/**
 * Lets the calls of all bots wait for the rate limit of a session. Bots take turns, so that one that floods delays another one by no
 * more than a call; of each bot cancels go first. It reserves nothing ahead, so that a beat of the session never waits behind calls of bots.
 */
export class CallQueue {
	readonly #pacing: IbkrPacing;
	readonly #perWindow: number;
	readonly #pathLimits: PathLimits;
	/** The calls that wait by bot, the bot whose turn it is first. */
	readonly #waiting = new Map<string, Waiting[]>();
	/** Calls without a reply. */
	readonly #inFlight = new Set<Waiting>();
	/** When the latest replies came. */
	#repliedAt: number[] = [];
	#cancelTimer: () => void = () => undefined;

	constructor(pacing: IbkrPacing, callsPerSecond: number, pathLimits: PathLimits) {
		this.#pacing = pacing;
		this.#pathLimits = pathLimits;
		this.#perWindow = Math.max(1, callsPerSecond - kept);
	}

	/** Waits until a call may be sent. @param signal - aborts when nobody wants the reply any more. */
	acquire(bot: string, method: string, path: string, signal: AbortSignal): Promise<Turn | NoTurn> {
		const calls = this.#waiting.get(bot) ?? [];
		const now = monotonicMs();
		const kind = kindOf(method, path);
		const pace = paceOf(path);
		const limited = limitedCallOf(path);
		if (signal.aborted) return Promise.resolve("gone");
		if (calls.length >= maxWaiting) return Promise.resolve("too-many");
		const freeInMs = pace ? this.#pathLimits.freeInMs(pace) : 0;
		// While such a call has no reply yet it is not known.
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

	/** Gives one call its turn; returns in how many milliseconds to try again when none can have it. */
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
			// Any other call waits for the limit of all calls together.
			if (!waiting.hasOwnLimit) break;
		}
		return againMs;
	}

	/** One call of each bot, then the second of each. Of a bot its cancels first. */
	#byTurn(): readonly Waiting[] {
		const ofBots = [...this.#waiting.values()].map((calls) => [
			...calls.filter(({ kind }) => kind === "cancel"),
			...calls.filter(({ kind }) => kind !== "cancel"),
		]);
		return Array.from({ length: maxWaiting }, (_, turn) => ofBots.flatMap((calls) => calls[turn] ?? [])).flat();
	}

	/** How long a call has to wait by the limits of this queue. */
	#blockedMs({ bot, kind, pace }: Waiting, now: number): number {
		const [oldest = now + maxWaitMs] = this.#repliedAt;
		// A reply that comes dispatches again.
		const isFull = this.#inFlight.size + this.#repliedAt.length >= this.#perWindow;
		const windowLeftMs = isFull ? Math.min(maxWaitMs, oldest + windowMs - now) : 0;
		const ofKind = [...this.#inFlight].filter((each) => each.kind === kind);
		const others = kind === "order" ? [...this.#inFlight].filter((each) => each.kind === "other").length : 0;
		const left = maxInFlight[kind] - ofKind.length - others;
		if (left <= 0 || (left === 1 && ofKind.some((each) => each.bot === bot))) return maxWaitMs;
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
		// Behind the other bots.
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
