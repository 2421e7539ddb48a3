import { type Instant, instantNow, longestElapsedMs } from "@x/base/instant";
import type { BybitConnection, BybitOrder, BybitProduct } from "@x/bybit-dcp";
import { reworded, type SessionError } from "../../session-error.ts";
import type { WindowRange } from "./dcp-configuration.ts";
import { retryWithin } from "./disposition.ts";
import { bybitExposure, type ExposureTimes } from "./exposure.ts";
import { StallDetector } from "./stall-detector.ts";

/**
 * A loss of the connection, and the race between reconnecting and the venue's cancel. Plain data; instants are epoch milliseconds of this
 * machine.
 *
 * - `counting`: the connection is lost, and the venue cannot have cancelled yet;
 * - `averted`: the venue counted a new connection in time, at `backAt`. This is certain if `backAt` is before `certainUntil`;
 *   otherwise it is true only if this process noticed the close without delay;
 * - `assume-fired`: the venue may have cancelled, even if it now counts a connection again (`backAt`). `orders` says what the
 *   venue has cancelled, once the session has read the orders.
 */
export type BybitLoss = {
	/**
	 * How the connection was lost. This decides when the venue's countdown can have started:
	 *
	 * - `closed`: this process saw the socket close, so the venue saw it at most one round trip earlier;
	 * - `silent`: no pong came, or this process saw the close late because it had stalled. The venue may have noticed the loss already,
	 *   or may notice it only at its idle limit;
	 * - `topic`: the connection stayed open, but the venue had lost one of its topics.
	 */
	readonly how: "closed" | "silent" | "topic";
	/** When this process noticed the loss. */
	readonly lostAt: number;
	/**
	 * The earliest time at which the venue can have lost the connection: when the last answered ping was sent, or for `topic` the
	 * last acknowledged subscription.
	 */
	readonly provedAt: number;
	/**
	 * The venue does not cancel before this time: one window after this process noticed the close, less the round trip of the last
	 * ping. If it is not known when the venue noticed the loss, this is one window after the last answered ping.
	 */
	readonly heldUntil: number;
	/**
	 * The venue certainly does not cancel before this time: one window after the last answered ping. Never later than `heldUntil`, which
	 * also considers how the connection was lost.
	 */
	readonly certainUntil: number;
	/** The venue has cancelled by this time unless it counts a connection again: `lostAt` plus the exposure. */
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
				/** The orders that Disconnection Protect has cancelled since `since`. The venue's history may lag behind a little. */
				readonly cancelledByDcp: readonly BybitOrder[];
				/**
				 * Start of the period that `cancelledByDcp` covers, on the venue's clock: the earliest time at which the venue can have
				 * lost the connection.
				 */
				readonly since: number;
				/** False if there are more ended orders than the session reads, so that `cancelledByDcp` may be incomplete. */
				readonly historyComplete: boolean;
			} | null;
	  }
);

/** What happened to the orders after a loss. */
export type Reconciliation = NonNullable<Extract<BybitLoss, { state: "assume-fired" }>["orders"]>;

interface Loss {
	readonly how: BybitLoss["how"];
	/** When the last answered ping was sent; for a lost topic, when the last acknowledged subscription was sent. */
	readonly pinged: Instant;
	readonly noticed: Instant;
	/** Whether no product was enabled according to the latest configuration that was read before the loss. */
	readonly wasNothingEnabled: boolean;
	/** When the venue counted a connection again. */
	readonly reconnected?: Instant;
	readonly orders?: Reconciliation;
	/** The windows that may have been in force at the loss. */
	readonly windows: WindowRange;
	/** How long the close may have been on its way before this process noticed it: the round trip of the last ping. */
	readonly travelMs: number;
}

/** What is known about a connection that the venue counts. */
interface Counted {
	/** When the last answered ping was sent. */
	readonly pinged: Instant;
	/** How long the answer to this ping took. */
	readonly roundTripMs: number;
}

/** What the latest reading of the venue's configuration says. */
interface ReadConfiguration {
	/** True while no product is enabled, so that the venue cancels nothing after a loss. */
	readonly isNothingEnabled: boolean;
	/** The windows that may be in force. */
	readonly windows: WindowRange;
}

/**
 * Knows which connections of this session the venue counts, and records a loss when the last of these connections is gone, which
 * starts the venue's countdown.
 *
 * Two connections can count at once: a new connection is opened before the old one is closed.
 */
export class LossTracker {
	readonly #times: ExposureTimes;
	readonly #products: string;
	readonly #configuration: ReadConfiguration;
	readonly #pingAgeLimitMs: () => number;
	readonly #counted = new Map<BybitConnection, Counted>();
	/**
	 * While the session is down: the losses since the session was last alive. While the session is alive: the losses of the latest
	 * outage. Oldest first.
	 */
	#losses: readonly Loss[] = [];
	/** True if the session has been alive since the latest loss, so that the next loss begins a new outage. */
	#wasAlive = false;
	#hasUnreadOrders = false;

	/** @param pingAgeLimitMs - the greatest age of the last answered ping while this process pings on schedule, in milliseconds. */
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
	 * While the session is down: the losses since it was last alive. While the session is alive: the losses of the latest outage.
	 * Oldest first. Empty if the venue could not cancel anything.
	 */
	get losses(): readonly BybitLoss[] {
		const now = instantNow(Date.now);
		return this.#harmful.map((loss) => this.#describe(loss, now));
	}

	/** Whether orders have to be read: a loss may have led to a cancel, a connection counts again, and no reading has succeeded since. */
	get hasUnreadOrders(): boolean {
		return this.#hasUnreadOrders;
	}

	/** True after a loss until the latest time at which the venue cancels, because until then a new connection may prevent the cancel. */
	get maySaveOrders(): boolean {
		const loss = this.#openLoss;
		return loss !== undefined && longestElapsedMs(loss.noticed, instantNow(Date.now)) < this.#exposureMs(loss);
	}

	/** True after a loss as long as the venue cannot have cancelled yet, as far as this process knows. */
	get isCounting(): boolean {
		return (this.#savableMs(instantNow(Date.now)) ?? 0) > 0;
	}

	/** Milliseconds since the venue can first have lost the connection, counted from the oldest loss whose orders have not been read. */
	get lostForMs(): number | undefined {
		const now = instantNow(Date.now);
		const [first] = this.#losses.filter((loss) => isUnread(loss));
		return first && longestElapsedMs(first.pinged, now);
	}

	/** Adds the losses to the message of an error, so that they appear in the status, and `withinMs` to its disposition. */
	explain(error: SessionError): SessionError {
		const description = this.#text();
		if (description === "") return error;
		const disposition = retryWithin(error.disposition, this.#savableMs(instantNow(Date.now)));
		return reworded(error, `${error.message} ${description}`, { disposition });
	}

	/** Records an answered ping of a subscribed connection: from now on the venue counts this connection. */
	recordPing(socket: BybitConnection, sent: Instant): void {
		if (socket.ended.aborted) return;
		const isKnown = this.#counted.has(socket);
		const reconnected = instantNow(Date.now);
		this.#counted.set(socket, { pinged: sent, roundTripMs: Math.ceil(longestElapsedMs(sent, reconnected)) });
		const open = this.#openLoss;
		// After a lost topic, only a ping that follows the new subscription stops the countdown.
		if (open && (!isKnown || sent.monotonicMs >= open.noticed.monotonicMs)) this.#replaceLast({ ...open, reconnected });
		if (isKnown) return;
		const watch = new StallDetector(socket.ended);
		const onEnded = (): void => this.#remove(socket, watch.hasStalled ? "silent" : "closed");
		socket.ended.addEventListener("abort", onEnded, { once: true });
	}

	/** When the connection's last answered ping was sent; undefined if the connection does not count. */
	lastPing(socket: BybitConnection): Instant | undefined {
		return this.#counted.get(socket)?.pinged;
	}

	/** Records a missed pong. It is not known whether the venue has lost this connection, nor since when. */
	recordSilence(socket: BybitConnection): void {
		this.#remove(socket, "silent");
	}

	/**
	 * Records that the venue did not acknowledge the session's close: it may not have received the close, or may have lost the
	 * connection before.
	 */
	recordUnacknowledgedClose(): void {
		if (this.#openLoss) this.#replaceLast({ ...this.#openLoss, how: "silent" });
	}

	/** Why the venue's countdown may be running after the venue lost a topic; undefined when it is not running. Allocates nothing. */
	get topicReason(): string | undefined {
		const last = this.#losses.at(-1);
		return last?.how === "topic" && !last.reconnected ? unpingedTopic : undefined;
	}

	/**
	 * Records that the venue had lost a topic of a living connection since the last acknowledgement, and that the topic is subscribed
	 * again. The venue's countdown may run until the next ping.
	 */
	recordTopicLoss(acknowledged: Instant): void {
		const noticed = instantNow(Date.now);
		this.#setLosses([
			...this.#losses,
			{ how: "topic", pinged: acknowledged, noticed, travelMs: 0, ...this.#whenNoticed() },
		]);
	}

	/**
	 * Records windows that were read only after a loss. @param since - since when the windows may have been in force, on the monotonic clock.
	 */
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
	 * Adds the orders, which were read while a connection counted, to each loss after which no connection counted in time.
	 *
	 * @param begunAt - when the reading began, on the monotonic clock: the orders say nothing about a loss that ended later.
	 */
	recordOrders(orders: Reconciliation, begunAt: number): void {
		const isAnswered = (loss: Loss) => isUnread(loss) && (loss.reconnected?.monotonicMs ?? begunAt) <= begunAt;
		this.#setLosses(this.#losses.map((loss) => (isAnswered(loss) ? { ...loss, orders } : loss)));
	}

	#remove(socket: BybitConnection, how: BybitLoss["how"]): void {
		const counted = this.#counted.get(socket);
		this.#counted.delete(socket);
		// If another connection counts, or if a countdown is running, the end of this connection does not change what the venue does.
		if (!counted || this.#counted.size > 0 || this.#openLoss) return;
		const { pinged, roundTripMs: travelMs } = counted;
		const noticed = instantNow(Date.now);
		// After a stall, this process may notice the close long after it happened.
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
	 * The losses for which the venue may have cancelled orders: all losses except those for which the venue said, before and after the loss,
	 * that no product is enabled. Both answers are needed, because one answer alone may be older or newer than the venue's decision.
	 */
	get #harmful(): readonly Loss[] {
		return this.#configuration.isNothingEnabled ? this.#losses.filter((loss) => !loss.wasNothingEnabled) : this.#losses;
	}

	/** The latest loss, if no connection has counted after it. */
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

	/** Milliseconds during which a new connection is certain to prevent the cancel; 0 or less when it is too late. */
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

	/**
	 * The latest loss, and the first loss whose orders have to be read, as human-readable sentences; an empty string if there is no such loss.
	 */
	#text(): string {
		const now = instantNow(Date.now);
		const open = this.#harmful.filter((loss) => loss === this.#openLoss);
		const unread = this.#harmful.filter((loss) => isUnread(loss)).slice(0, 1);
		return [...open, ...unread]
			.map((loss) => describeLoss(this.#describe(loss, now), this.#products, savableMs(loss, now)))
			.join(" ");
	}
}

const unpingedTopic = "the venue had lost a topic, and has answered no ping since it was subscribed again";

/** Number of losses that are kept: a keeper's limits on opens allow fewer losses in an outage of some hours. */
const lossesKept = 100;

/**
 * When the venue's countdown can have started at the earliest: the venue may lose a silent connection right after the last answered ping.
 */
function earliestStart({
	how,
	noticed,
	pinged,
	travelMs,
}: Pick<Loss, "how" | "noticed" | "pinged" | "travelMs">): Instant {
	if (how !== "closed" || longestElapsedMs(pinged, noticed) <= travelMs) return pinged;
	return { monotonicMs: noticed.monotonicMs - travelMs, wallMs: noticed.wallMs - travelMs };
}

/** Milliseconds during which a new connection is certain to prevent the cancel, judged by the clock that shows more elapsed time. */
function savableMs(loss: Loss, now: Instant): number {
	return shortestMs(loss) - longestElapsedMs(earliestStart(loss), now);
}

/** How long after the start of its countdown the venue certainly keeps the orders: the shortest window that may have been in force. */
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

/** Describes, in a human-readable sentence, a loss after which the venue may cancel or has cancelled orders. */
function describeLoss({ state, heldUntil }: BybitLoss, products: string, leftMs: number): string {
	const at = new Date(heldUntil).toISOString();
	return state === "counting"
		? `Bybit may cancel ${products} orders from ${at} (in ${Math.max(0, Math.floor(leftMs))} ms) unless another subscribed connection counts by then.`
		: `Assume that Bybit has cancelled ${products} orders since ${at}.`;
}
