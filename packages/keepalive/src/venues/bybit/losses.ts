import { type Instant, instantNow, longestElapsedMs } from "@x/base/instant";
import type { BybitConnection, BybitOrder, BybitProduct } from "@x/bybit-dcp";
import { reworded, type SessionError } from "../../session-error.ts";
import type { WindowRange } from "./configuration.ts";
import { retryWithin } from "./disposition.ts";
import { bybitExposure, type ExposureTimes } from "./exposure.ts";
import { StallWatch } from "./stall-watch.ts";

/**
 * A loss of the connection, and the race between reconnecting and the venue's cancel. Plain data; instants are epoch milliseconds of this
 * machine.
 *
 * - `counting`: lost, and too early for the venue to have cancelled;
 * - `averted`: a connection counted again in time, at `backAt`. That is certain if `backAt` is before `certainUntil`; otherwise
 *   it relies on the close having been noticed here without delay;
 * - `assume-fired`: too late, whether a connection counts again (`backAt`) or not. `orders` says what the venue has cancelled,
 *   once the session has read it.
 */
export type BybitLoss = {
	/**
	 * How it was lost, which decides when the venue's countdown can have started:
	 *
	 * - `closed`: the socket's end was seen here, so the venue saw it no earlier than one round trip before;
	 * - `silent`: no pong came, or the end was seen late because this process stalled. The venue may have noticed already, or may
	 *   notice only by its idle limit;
	 * - `topic`: the connection lived on, but the venue had lost a topic of it.
	 */
	readonly how: "closed" | "silent" | "topic";
	/** When it was noticed here. */
	readonly lostAt: number;
	/**
	 * The earliest time at which the venue can have lost us: when the last answered ping was sent, or for `topic` the last
	 * acknowledged subscription.
	 */
	readonly provedAt: number;
	/**
	 * The venue does not cancel before this: one window after the close was noticed, less the round trip of the last ping; or after
	 * the last answered ping where it is not known when the venue noticed.
	 */
	readonly heldUntil: number;
	/** One window after the last answered ping, even for a close that was seen here. Never later than `heldUntil`. */
	readonly certainUntil: number;
	/** The venue has cancelled by this time unless a connection counts again: the exposure after the loss. */
	readonly cancelledBy: number;
} & (
	| { readonly state: "counting"; readonly backAt: null }
	| { readonly state: "averted"; readonly backAt: number }
	| {
			readonly state: "assume-fired";
			readonly backAt: number | null;
			/** What happened to the orders. Null until all working orders were read. */
			readonly orders: {
				/** The working orders of the guarded products. */
				readonly open: readonly BybitOrder[];
				/** What Disconnection Protect has cancelled since `since`. The venue's history may lag behind by a little. */
				readonly cancelledByDcp: readonly BybitOrder[];
				/** From when on, on the venue's clock: the time at which the venue can first have lost us. */
				readonly since: number;
				/** False if there are more ended orders than were read, so that `cancelledByDcp` may be incomplete. */
				readonly historyComplete: boolean;
			} | null;
	  }
);

/** What happened to the orders. */
export type Reconciliation = NonNullable<Extract<BybitLoss, { state: "assume-fired" }>["orders"]>;

interface Loss {
	readonly how: BybitLoss["how"];
	/** When the last answered ping was sent, or the last acknowledged subscription of a topic that was lost. */
	readonly pinged: Instant;
	readonly noticed: Instant;
	/** The venue had last said that no product is enabled. */
	readonly wasNothingEnabled: boolean;
	/** When a connection counted again. */
	readonly reconnected?: Instant;
	readonly orders?: Reconciliation;
	/** The windows that may have been in force. */
	readonly windows: WindowRange;
	/** How long the news of the end may have travelled: the last round trip of a ping. */
	readonly travelMs: number;
}

/** A connection that the venue counts. */
interface Counted {
	/** When the last answered ping was sent. */
	readonly pinged: Instant;
	/** How long its answer took. */
	readonly roundTripMs: number;
}

/** What was last read of the venue's configuration. */
interface ReadConfiguration {
	/** True while no product is enabled: then the venue cancels nothing after a loss. */
	readonly isNothingEnabled: boolean;
	/** The windows that may be in force. */
	readonly windows: WindowRange;
}

/**
 * Knows which connections of this session the venue counts, and records a loss when the last of them is gone. The venue's
 * countdown runs from then on.
 *
 * Two can count at once: a new one is opened before the old one is closed.
 */
export class LossTracker {
	readonly #times: ExposureTimes;
	readonly #products: string;
	readonly #configuration: ReadConfiguration;
	readonly #pingAgeLimitMs: () => number;
	readonly #counted = new Map<BybitConnection, Counted>();
	/** While the session is down: the losses since it was last alive. While it is alive: the losses of the outage before. Oldest first. */
	#losses: readonly Loss[] = [];
	/** The next loss is the first since the session was alive. */
	#wasAlive = false;
	#hasUnreadOrders = false;

	/** @param pingAgeLimitMs - how old the last answered ping gets while this process keeps its pace. */
	constructor(
		options: ExposureTimes & { readonly products: readonly BybitProduct[] },
		configuration: ReadConfiguration,
		pingAgeLimitMs: () => number,
	) {
		this.#pingAgeLimitMs = pingAgeLimitMs;
		this.#times = options;
		this.#products = options.products.join(", ");
		this.#configuration = configuration;
	}

	/**
	 * While the session is down: the losses since it was last alive. While it is alive: the losses of the outage before. Oldest
	 * first. Empty if nothing could be cancelled.
	 */
	get losses(): readonly BybitLoss[] {
		const now = instantNow(Date.now);
		return this.#harmful.map((loss) => this.#describe(loss, now));
	}

	/** Whether a connection counts again after a loss that came too late, and the orders have not been read since. */
	get hasUnreadOrders(): boolean {
		return this.#hasUnreadOrders;
	}

	/** True while a connection may still save the orders: until the latest time at which the venue can cancel. */
	get maySaveOrders(): boolean {
		const loss = this.#openLoss;
		return loss !== undefined && longestElapsedMs(loss.noticed, instantNow(Date.now)) < this.#exposureMs(loss);
	}

	/** True while the venue cannot have cancelled since the latest loss, as far as is known here. */
	get isCounting(): boolean {
		return (this.#savableMs(instantNow(Date.now)) ?? 0) > 0;
	}

	/** Milliseconds since the venue can first have lost us, of all losses whose orders have not been read. */
	get lostForMs(): number | undefined {
		const now = instantNow(Date.now);
		const [first] = this.#losses.filter((loss) => isUnread(loss));
		return first && longestElapsedMs(first.pinged, now);
	}

	/** Adds the losses to the message, so that they appear in the status, and `withinMs` to the disposition. */
	explain(error: SessionError): SessionError {
		const description = this.#text();
		if (description === "") return error;
		const disposition = retryWithin(error.disposition, this.#savableMs(instantNow(Date.now)));
		return reworded(error, `${error.message} ${description}`, { disposition });
	}

	/** Records an answered ping of a subscribed connection: from now on the venue counts it. */
	recordPing(socket: BybitConnection, sent: Instant): void {
		if (socket.ended.aborted) return;
		const isKnown = this.#counted.has(socket);
		const reconnected = instantNow(Date.now);
		this.#counted.set(socket, { pinged: sent, roundTripMs: Math.ceil(longestElapsedMs(sent, reconnected)) });
		const open = this.#openLoss;
		// After a lost topic, only a ping that follows the new subscription stops the countdown.
		if (open && (!isKnown || sent.monotonicMs >= open.noticed.monotonicMs)) this.#replaceLast({ ...open, reconnected });
		if (isKnown) return;
		const watch = new StallWatch(socket.ended);
		const onEnded = (): void => this.#remove(socket, watch.hasStalled ? "silent" : "closed");
		socket.ended.addEventListener("abort", onEnded, { once: true });
	}

	/** When the connection's last answered ping was sent; undefined if the connection does not count. */
	lastPing(socket: BybitConnection): Instant | undefined {
		return this.#counted.get(socket)?.pinged;
	}

	/** Records a missed pong: it is not known whether and since when the venue has lost this connection. */
	recordSilence(socket: BybitConnection): void {
		this.#remove(socket, "silent");
	}

	/** Records that the venue did not acknowledge our close: it may not have seen it, or may have lost us before. */
	recordUnacknowledgedClose(): void {
		if (this.#openLoss) this.#replaceLast({ ...this.#openLoss, how: "silent" });
	}

	/** Why a topic that was lost may still let the venue count down; undefined when it does not. Allocates nothing. */
	get topicReason(): string | undefined {
		const last = this.#losses.at(-1);
		return last?.how === "topic" && !last.reconnected ? unpingedTopic : undefined;
	}

	/**
	 * Records that the venue had lost a topic of a living connection since the last acknowledgement, and has it again. A countdown
	 * may run until the next ping.
	 */
	recordTopicLoss(acknowledged: Instant): void {
		const noticed = instantNow(Date.now);
		this.#setLosses([
			...this.#losses,
			{ how: "topic", pinged: acknowledged, noticed, travelMs: 0, ...this.#whenNoticed() },
		]);
	}

	/** Records windows that were read only now, and may have been in force `since` then, monotonic. */
	recordWindows(windows: WindowRange, since: number): void {
		const losses = this.#losses.map((loss) =>
			loss.noticed.monotonicMs < since ? loss : { ...loss, windows: widest(loss.windows, windows) },
		);
		this.#setLosses(losses);
	}

	/** Records that an open has succeeded. */
	recordAlive(): void {
		this.#wasAlive = true;
	}

	/**
	 * Adds the orders, read while a connection counted, to the losses that came too late.
	 *
	 * @param begunAt - when the reading began, monotonic: it says nothing about a loss that had not ended by then.
	 */
	recordOrders(orders: Reconciliation, begunAt: number): void {
		const isAnswered = (loss: Loss) => isUnread(loss) && (loss.reconnected?.monotonicMs ?? begunAt) <= begunAt;
		this.#setLosses(this.#losses.map((loss) => (isAnswered(loss) ? { ...loss, orders } : loss)));
	}

	#remove(socket: BybitConnection, how: BybitLoss["how"]): void {
		const counted = this.#counted.get(socket);
		this.#counted.delete(socket);
		// While a countdown runs, the venue's runs on unchanged.
		if (!counted || this.#counted.size > 0 || this.#openLoss) return;
		const { pinged, roundTripMs: travelMs } = counted;
		const noticed = instantNow(Date.now);
		// After a stall of this process the close may be seen long after it happened.
		const isSeenLate = longestElapsedMs(pinged, noticed) > this.#pingAgeLimitMs();
		const earlier = this.#wasAlive ? this.#losses.filter((loss) => isUnread(loss)) : this.#losses;
		this.#wasAlive = false;
		const loss = { how: isSeenLate ? "silent" : how, pinged, noticed, travelMs, ...this.#whenNoticed() } as const;
		this.#setLosses([...earlier, loss]);
	}

	#whenNoticed(): Pick<Loss, "wasNothingEnabled" | "windows"> {
		return { wasNothingEnabled: this.#configuration.isNothingEnabled, windows: this.#configuration.windows };
	}

	/**
	 * The losses that may have cancelled orders: all but those for which the venue said, before and since, that nothing is
	 * enabled. Either answer alone may be newer than the venue's decision, or older.
	 */
	get #harmful(): readonly Loss[] {
		return this.#configuration.isNothingEnabled ? this.#losses.filter((loss) => !loss.wasNothingEnabled) : this.#losses;
	}

	/** The latest loss, if no connection counts since. */
	get #openLoss(): Loss | undefined {
		const last = this.#losses.at(-1);
		return last?.reconnected ? undefined : last;
	}

	#replaceLast(loss: Loss): void {
		this.#setLosses([...this.#losses.slice(0, -1), loss]);
	}

	#setLosses(losses: readonly Loss[]): void {
		this.#losses = losses.slice(-lossesKept);
		this.#hasUnreadOrders = losses.some((loss) => isUnread(loss));
	}

	/** Milliseconds within which a connection is certain to save the orders; 0 or less when it is too late for that. */
	#savableMs(now: Instant): number | undefined {
		const loss = this.#openLoss;
		return loss && savableMs(loss, now);
	}

	#exposureMs({ windows }: Loss): number {
		return bybitExposure({ ...this.#times, windowSeconds: windows.longestSeconds }).exposureMs;
	}

	#describe(loss: Loss, now: Instant): BybitLoss {
		const { how, pinged, noticed, reconnected, orders = null } = loss;
		const certainUntil = pinged.wallMs + shortestMs(loss);
		const times = {
			how,
			lostAt: noticed.wallMs,
			provedAt: pinged.wallMs,
			heldUntil: earliestStart(loss).wallMs + shortestMs(loss),
			certainUntil,
			cancelledBy: noticed.wallMs + this.#exposureMs(loss),
		};
		const backAt = reconnected?.wallMs ?? null;
		if (isTooLate(loss, reconnected ?? now)) return { ...times, state: "assume-fired", backAt, orders };
		return backAt === null ? { ...times, state: "counting", backAt } : { ...times, state: "averted", backAt };
	}

	/** The latest loss, and the first one whose orders have to be read, as human-readable sentences; empty if there is neither. */
	#text(): string {
		const now = instantNow(Date.now);
		const open = this.#harmful.filter((loss) => loss === this.#openLoss);
		const unread = this.#harmful.filter((loss) => isUnread(loss)).slice(0, 1);
		return [...open, ...unread]
			.map((loss) => describeLoss(this.#describe(loss, now), this.#products, savableMs(loss, now)))
			.join(" ");
	}
}

const unpingedTopic = "the venue had lost a topic, and has not answered a ping since it was subscribed again";

/** More than a keeper's limits of opens allow in an outage of some hours. */
const lossesKept = 100;

/** When the venue's countdown can have started: it may have lost a silent connection right after the last answered ping. */
function earliestStart({
	how,
	noticed,
	pinged,
	travelMs,
}: Pick<Loss, "how" | "noticed" | "pinged" | "travelMs">): Instant {
	if (how !== "closed" || longestElapsedMs(pinged, noticed) <= travelMs) return pinged;
	return { monotonicMs: noticed.monotonicMs - travelMs, wallMs: noticed.wallMs - travelMs };
}

/** Milliseconds within which a connection is certain to save the orders, by the clock that counted more. */
function savableMs(loss: Loss, now: Instant): number {
	return shortestMs(loss) - longestElapsedMs(earliestStart(loss), now);
}

/** How long after the start of its countdown the venue holds the orders. */
function shortestMs({ windows }: Loss): number {
	return windows.shortestSeconds * 1_000;
}

function isTooLate(loss: Loss, now: Instant): boolean {
	return longestElapsedMs(earliestStart(loss), now) >= shortestMs(loss);
}

function isUnread(loss: Loss): boolean {
	const { reconnected, orders } = loss;
	return reconnected !== undefined && orders === undefined && isTooLate(loss, reconnected);
}

function widest(a: WindowRange, b: WindowRange): WindowRange {
	return {
		shortestSeconds: Math.min(a.shortestSeconds, b.shortestSeconds),
		longestSeconds: Math.max(a.longestSeconds, b.longestSeconds),
	};
}

/** A loss that may cancel or has cancelled orders, as a human-readable sentence. */
function describeLoss({ state, heldUntil }: BybitLoss, products: string, leftMs: number): string {
	const at = new Date(heldUntil).toISOString();
	return state === "counting"
		? `Bybit may cancel ${products} orders from ${at} (in ${Math.max(0, Math.floor(leftMs))} ms) unless another subscribed connection counts by then.`
		: `Assume that Bybit has cancelled ${products} orders since ${at}.`;
}
