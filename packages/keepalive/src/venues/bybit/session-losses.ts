import { type Instant, instantNow, longestElapsedMs } from "@x/base/instant";
import type { BybitConnection, BybitOrder, BybitProduct } from "@x/bybit-dcp";
import { reworded, type SessionError } from "../../session-error.ts";
import type { WindowRange } from "./dcp-configuration.ts";
import { retryWithin } from "./error-disposition.ts";
import { bybitExposure, type ExposureTimes } from "./exposure.ts";
import { StallDetector } from "./stall-detector.ts";

/**
 * A loss of the connection, and whether the session reconnected before the venue could cancel. Plain data; instants are epoch
 * milliseconds of this machine.
 *
 * - `counting`: the connection is lost, and the venue cannot have cancelled yet;
 * - `averted`: the venue accepted a new connection in time, at `backAt`. This is certain if `backAt` is before `certainUntil`; otherwise
 *   it is true only if this process noticed the close without delay;
 * - `assume-fired`: the venue may have cancelled, even if there is a new connection now (since `backAt`). `orders` says what the venue
 *   has cancelled, once the session has read the orders.
 */
export type BybitLoss = {
	/**
	 * How the connection was lost. This decides when the venue can have noticed the loss:
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
	 * As far as this process knows, the venue does not cancel before this time:
	 *
	 * - if this process saw the socket close without delay: one cancel window after it saw the close, less the round trip of the last
	 *   ping, because the close may have been on its way for that long;
	 * - otherwise: one cancel window after `provedAt`.
	 */
	readonly heldUntil: number;
	/**
	 * The venue certainly does not cancel before this time: one cancel window after `provedAt`. It is never later than `heldUntil`, which
	 * may be wrong if this process noticed the close late.
	 */
	readonly certainUntil: number;
	/**
	 * If there is no new connection, the venue has cancelled by this time: `lostAt` plus the exposure with the longest cancel window that may
	 * have been in force.
	 */
	readonly cancelledBy: number;
} & (
	| { readonly state: "counting"; readonly backAt: null }
	| { readonly state: "averted"; readonly backAt: number }
	| {
			readonly state: "assume-fired";
			readonly backAt: number | null;
			/** What happened to the orders. Null until the session has read all working orders. */
			readonly orders: {
				/** The working orders of the products that the session protects. */
				readonly open: readonly BybitOrder[];
				/**
				 * The orders that Disconnection Protect has cancelled since `since`. The newest cancels may be missing, because the venue's
				 * history lags behind a little.
				 */
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

/** What happened to the orders after a connection loss. */
export type Reconciliation = NonNullable<Extract<BybitLoss, { state: "assume-fired" }>["orders"]>;

interface Loss {
	readonly how: BybitLoss["how"];
	/** When the last answered ping was sent; for a lost topic, when the last acknowledged subscribe request was sent. */
	readonly pinged: Instant;
	readonly noticed: Instant;
	/** Whether Disconnection Protect was off for all products, according to the last configuration that was read before the loss. */
	readonly wasNothingEnabled: boolean;
	/**
	 * When the session was connected again: the time of the first pong over a new connection or, after a lost topic, of the first pong after
	 * the topic was subscribed again.
	 */
	readonly reconnected?: Instant;
	readonly orders?: Reconciliation;
	/** The cancel windows that may have been in force when the connection was lost. */
	readonly windows: WindowRange;
	/** How long the close may have been on its way before this process noticed it: the round trip of the last ping. */
	readonly travelMs: number;
}

/** A connection that the venue regards as alive: it is subscribed, and a ping was answered. */
interface Counted {
	/** Send time of the last answered ping. */
	readonly pinged: Instant;
	/** How long the answer to this ping took. */
	readonly roundTripMs: number;
}

/** The result of the last query of the venue's configuration. */
interface ReadConfiguration {
	/** True while Disconnection Protect is off for all products, so that the venue cancels nothing after a connection loss. */
	readonly isNothingEnabled: boolean;
	/** The cancel windows that may be in force. */
	readonly windows: WindowRange;
}

/**
 * Knows which connections of this session the venue regards as alive. Records a loss when the last of them is gone, because the venue
 * then cancels after the cancel window.
 *
 * Two connections can be alive at once: a new connection is opened before the old one is closed.
 */
export class LossTracker {
	readonly #times: ExposureTimes;
	readonly #products: string;
	readonly #configuration: ReadConfiguration;
	readonly #pingAgeLimitMs: () => number;
	readonly #counted = new Map<BybitConnection, Counted>();
	/**
	 * While the session is down: each loss since it was last alive. While the session is alive: each loss during the latest outage.
	 * Oldest first.
	 */
	#losses: readonly Loss[] = [];
	/** True if the session has been alive since the latest connection loss, so that the next loss begins a new outage. */
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
	 * While the session is down: each loss since it was last alive. While the session is alive: each loss during the latest outage.
	 * Oldest first. A loss is left out if Disconnection Protect was off for all products both before and after it.
	 */
	get losses(): readonly BybitLoss[] {
		const now = instantNow(Date.now);
		return this.#harmful.map((loss) => this.#describe(loss, now));
	}

	/**
	 * True if the venue may have cancelled orders after a connection loss, and the session is connected again but has not yet read the
	 * orders.
	 */
	get hasUnreadOrders(): boolean {
		return this.#hasUnreadOrders;
	}

	/**
	 * True from a connection loss until the latest time at which the venue may cancel. Until then, a new connection may prevent the cancel.
	 */
	get maySaveOrders(): boolean {
		const loss = this.#openLoss;
		return loss !== undefined && longestElapsedMs(loss.noticed, instantNow(Date.now)) < this.#exposureMs(loss);
	}

	/** True from a connection loss until the earliest time at which the venue may cancel, as far as this process knows. */
	get isCounting(): boolean {
		return (this.#savableMs(instantNow(Date.now)) ?? 0) > 0;
	}

	/**
	 * For the oldest connection loss whose orders have not been read: milliseconds since the earliest time at which the venue can have
	 * lost the connection. Undefined if there is no such loss.
	 */
	get lostForMs(): number | undefined {
		const now = instantNow(Date.now);
		const [first] = this.#losses.filter((loss) => isUnread(loss));
		return first && longestElapsedMs(first.pinged, now);
	}

	/**
	 * Appends a description of the connection losses to an error's message, so that the status shows it. While a new connection can still
	 * prevent the venue's cancel, also limits the delay before the next retry: see {@link retryWithin}.
	 */
	explain(error: SessionError): SessionError {
		const description = this.#text();
		if (description === "") return error;
		const disposition = retryWithin(error.disposition, this.#savableMs(instantNow(Date.now)));
		return reworded(error, `${error.message} ${description}`, { disposition });
	}

	/** Records an answered ping of a subscribed connection: from now on the venue regards this connection as alive. */
	recordPing(socket: BybitConnection, sent: Instant): void {
		if (socket.ended.aborted) return;
		const isKnown = this.#counted.has(socket);
		const reconnected = instantNow(Date.now);
		this.#counted.set(socket, { pinged: sent, roundTripMs: Math.ceil(longestElapsedMs(sent, reconnected)) });
		const open = this.#openLoss;
		// After the venue has lost a topic, only a ping that follows the new subscription prevents the cancel.
		if (open && (!isKnown || sent.monotonicMs >= open.noticed.monotonicMs)) this.#replaceLast({ ...open, reconnected });
		if (isKnown) return;
		const watch = new StallDetector(socket.ended);
		const onEnded = (): void => this.#remove(socket, watch.hasStalled ? "silent" : "closed");
		socket.ended.addEventListener("abort", onEnded, { once: true });
	}

	/** When the connection's last answered ping was sent; undefined if the venue does not regard the connection as alive. */
	lastPing(socket: BybitConnection): Instant | undefined {
		return this.#counted.get(socket)?.pinged;
	}

	/** Records a missed pong. It is unknown whether the venue has lost this connection too, and since when. */
	recordSilence(socket: BybitConnection): void {
		this.#remove(socket, "silent");
	}

	/**
	 * Records that the venue did not acknowledge the session's close. It is then unknown when the venue noticed the loss: it may not have
	 * received the close, or may have lost the connection before.
	 */
	recordUnacknowledgedClose(): void {
		if (this.#openLoss) this.#replaceLast({ ...this.#openLoss, how: "silent" });
	}

	/** The text to report while the venue may cancel soon because it had lost a topic; undefined otherwise. Allocates no memory. */
	get topicReason(): string | undefined {
		const last = this.#losses.at(-1);
		return last?.how === "topic" && !last.reconnected ? unpingedTopic : undefined;
	}

	/**
	 * Records that the venue lost a topic of a living connection at some time after `acknowledged`, and that the topic is subscribed again.
	 * The venue may cancel until it receives the next ping.
	 */
	recordTopicLoss(acknowledged: Instant): void {
		const noticed = instantNow(Date.now);
		this.#setLosses([
			...this.#losses,
			{ how: "topic", pinged: acknowledged, noticed, travelMs: 0, ...this.#whenNoticed() },
		]);
	}

	/**
	 * Records cancel windows that were read only after a connection loss. Changes only losses that were noticed at or after `since`.
	 *
	 * @param since - the earliest time at which the windows can have been in force, on the monotonic clock.
	 */
	recordWindows(windows: WindowRange, since: number): void {
		const losses = this.#losses.map((loss) =>
			loss.noticed.monotonicMs < since ? loss : { ...loss, windows: widest(loss.windows, windows) },
		);
		this.#setLosses(losses);
	}

	/** Records that an open succeeded, so that the session is alive. */
	recordAlive(): void {
		this.#wasAlive = true;
	}

	/**
	 * Adds the orders that were read to each connection loss after which the session did not reconnect in time.
	 *
	 * @param begunAt - when reading the orders began, on the monotonic clock. If the session reconnected only after this time, the loss gets
	 * no orders, because the venue may have cancelled more orders after they were read.
	 */
	recordOrders(orders: Reconciliation, begunAt: number): void {
		const isAnswered = (loss: Loss) => isUnread(loss) && (loss.reconnected?.monotonicMs ?? begunAt) <= begunAt;
		this.#setLosses(this.#losses.map((loss) => (isAnswered(loss) ? { ...loss, orders } : loss)));
	}

	#remove(socket: BybitConnection, how: BybitLoss["how"]): void {
		const counted = this.#counted.get(socket);
		this.#counted.delete(socket);
		// If another connection is alive, or if the venue is already about to cancel, the end of this connection changes nothing.
		if (!counted || this.#counted.size > 0 || this.#openLoss) return;
		const { pinged, roundTripMs: travelMs } = counted;
		const noticed = instantNow(Date.now);
		// If the last answered ping is older than its age limit, this process has stalled, and the close may have happened long ago.
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
	 * The connection losses after which the venue may have cancelled orders. A loss is left out only if the venue said, both before and
	 * after it, that Disconnection Protect is off for all products. One of these answers would not be enough, because it may be older or
	 * newer than the venue's decision to cancel.
	 */
	get #harmful(): readonly Loss[] {
		return this.#configuration.isNothingEnabled ? this.#losses.filter((loss) => !loss.wasNothingEnabled) : this.#losses;
	}

	/** The latest connection loss, if the session has not reconnected since. */
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

	/** For how many more milliseconds a new connection certainly prevents the cancel; 0 or less when it is too late. */
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
	 * Sentences about the latest connection loss, if the session has not reconnected since, and about the first loss whose orders have not
	 * been read. An empty string if there is neither.
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

const unpingedTopic = "the venue had lost a topic, and has answered no ping since the new subscription";

/**
 * Number of connection losses that are kept. A keeper limits how often it opens a session, so fewer losses happen in an outage of some
 * hours.
 */
const lossesKept = 100;

/**
 * The earliest time at which the venue can have noticed the connection loss:
 *
 * - if this process saw the socket close without delay: when it saw the close, less the round trip of the last ping;
 * - otherwise: when the last answered ping was sent, or for a lost topic the last acknowledged subscription.
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

/**
 * For how many more milliseconds a new connection certainly prevents the cancel, measured by the clock that shows more elapsed time.
 */
function savableMs(loss: Loss, now: Instant): number {
	return shortestMs(loss) - longestElapsedMs(earliestStart(loss), now);
}

/** How long the venue certainly keeps the orders after it has noticed the loss: the shortest cancel window that may have been in force. */
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

/** Describes, in a human-readable sentence, a connection loss after which the venue may cancel or has cancelled orders. */
function describeLoss({ state, heldUntil }: BybitLoss, products: string, leftMs: number): string {
	const at = new Date(heldUntil).toISOString();
	return state === "counting"
		? `Bybit may cancel ${products} orders from ${at} (in ${Math.max(0, Math.floor(leftMs))} ms) unless another connection is subscribed and pinged by then.`
		: `Bybit may have cancelled ${products} orders since ${at}: check them.`;
}
