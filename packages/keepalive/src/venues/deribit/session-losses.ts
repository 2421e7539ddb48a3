import { monotonicMs } from "@x/base/clock";
import {
	type DeribitCancelOnDisconnectFired,
	type DeribitConnection,
	type DeribitEndReason,
	isDeribitError,
} from "@x/deribit-session";

/** A connection that has ended, with the orders that the venue may have cancelled because of it. Plain data. */
export interface DeribitLoss {
	/** When the connection ended, in epoch milliseconds. */
	readonly endedAt: number;
	/** Why the connection ended. */
	readonly why: DeribitEndReason;
	/** Whether the venue cancelled the orders placed over this connection. */
	readonly cancelOnDisconnectFired: DeribitCancelOnDisconnectFired;
	/**
	 * Orders placed over this connection that were still open according to the replies received over it. An order whose reply never arrived
	 * is missing here; `private/get_open_orders` lists all orders.
	 */
	readonly orderIds: readonly string[];
	/** How many calls over this connection may have placed an order but had no reply. The ids of those orders are not known. */
	readonly unansweredOrders: number;
	/**
	 * Whether quotes were sent over this connection for which neither the ids nor the number are known (`private/mass_quote` without
	 * `detailed`).
	 */
	readonly hasUnlistedQuotes: boolean;
}

/** A connection over which orders were open, and when it ended. */
interface ConnectionEnd {
	readonly connection: DeribitConnection;
	/** When the connection ended, on the monotonic clock; undefined while its close is under way. */
	endedAt: number | undefined;
}

/** The close code that a WebSocket reports if the connection ended without a close frame. */
const noCloseFrame = 1006;

function isConfirmed({ ended }: DeribitConnection): boolean {
	const reason: unknown = ended.reason;
	return isDeribitError(reason) && reason.closeCode !== undefined && reason.closeCode !== noCloseFrame;
}

function hasOrders({ orderIds, unansweredOrders, hasUnlistedQuotes }: DeribitLoss): boolean {
	return orderIds.length + unansweredOrders > 0 || hasUnlistedQuotes;
}

/** Maximum number of lost connections that are kept until an open succeeds. If there are more, the oldest are dropped. */
const maxPending = 1_000;

/** The connections that were lost since the last successful open, and those that were lost in the outage before it. */
export class LostConnections {
	readonly #recorded = new WeakSet<DeribitConnection>();
	#pending: DeribitLoss[] = [];
	#previous: readonly DeribitLoss[] = [];
	#ends: ConnectionEnd[] = [];

	/**
	 * Records a connection that has ended or is being closed. Ignores a second call for the same connection.
	 *
	 * @param isSilent - whether the connection is closed because no data arrives over it.
	 */
	record(connection: DeribitConnection, isSilent = false): DeribitLoss | undefined {
		if (this.#recorded.has(connection)) return undefined;
		this.#recorded.add(connection);
		const loss = lossOf(connection, isSilent);
		this.#pending = [...this.#pending.slice(1 - maxPending), loss];
		const end: ConnectionEnd = { connection, endedAt: connection.ended.aborted ? monotonicMs() : undefined };
		if (hasOrders(loss)) this.#ends = [...this.#ends.slice(1 - maxPending), end];
		const update = (): void => {
			end.endedAt = monotonicMs();
			this.#update(loss, connection);
		};
		if (!connection.ended.aborted) connection.ended.addEventListener("abort", update, { once: true });
		return loss;
	}

	/**
	 * Corrects a record of a loss that was made before the connection had ended, because the close from the venue may tell the reason.
	 */
	#update(loss: DeribitLoss, connection: DeribitConnection): void {
		const end = lossOf(connection);
		const corrected = end.why === "disconnect" ? { ...end, why: loss.why } : end;
		const replaceIn = (losses: readonly DeribitLoss[]) => losses.map((each) => (each === loss ? corrected : each));
		this.#pending = replaceIn(this.#pending);
		this.#previous = replaceIn(this.#previous);
	}

	/** The connections that were lost since the last successful open. */
	get pending(): readonly DeribitLoss[] {
		return this.#pending;
	}

	/**
	 * The connections that were lost in the outage before the last successful open. Several are possible, because a new connection may be
	 * lost before its open succeeds.
	 */
	get previous(): readonly DeribitLoss[] {
		return this.#previous;
	}

	/**
	 * How many milliseconds the venue may still take to notice the end of all connections that had open orders; 0 if the venue has certainly
	 * noticed it.
	 *
	 * @param exposureMs - how long the venue may take to notice the end of a connection that ended without the venue's close frame.
	 */
	unnoticedMs(exposureMs: number): number {
		const now = monotonicMs();
		const leftMs = ({ endedAt }: ConnectionEnd): number => exposureMs - (endedAt === undefined ? 0 : now - endedAt);
		this.#ends = this.#ends.filter((end) => leftMs(end) > 0 && !isConfirmed(end.connection));
		return Math.ceil(Math.max(0, ...this.#ends.map(leftMs)));
	}

	/** To be called when an open has succeeded, after its `onOpen`. */
	markRecovered(): void {
		this.#previous = this.#pending;
		this.#pending = [];
	}
}

function lossOf(connection: DeribitConnection, isSilent = false): DeribitLoss {
	const reason: unknown = connection.ended.reason;
	const { openOrderIds: orderIds, unansweredOrders, hasUnlistedQuotes } = connection;
	const orders = { orderIds, unansweredOrders, hasUnlistedQuotes };
	if (isDeribitError(reason)) {
		const { at, why = "network", cancelOnDisconnectFired = "unknown" } = reason;
		return { endedAt: at, why, cancelOnDisconnectFired, ...orders };
	}
	// The connection has not ended yet: this process is closing it. If it is dead, the venue notices its end only after up to
	// `networkDeathMs`.
	const isArmed = connection.cancelOnDisconnect;
	const cancelOnDisconnectFired = isArmed ? "likely" : isArmed === false ? "no" : "unknown";
	// With heartbeats on, a frame arrives at least every 1.1 intervals, so a longer silence means that the connection is dead.
	const hasBeenSilent = isSilent || connection.silentMs > (connection.heartbeatSeconds || 60) * 1_100;
	return { endedAt: Date.now(), why: hasBeenSilent ? "silence" : "disconnect", cancelOnDisconnectFired, ...orders };
}

const maxOrderIdsShown = 10;

/** The orders of a lost connection, as sentences to append to an error message; an empty string if there are no orders. */
export function describeOrders(loss: DeribitLoss): string {
	const { orderIds, unansweredOrders, hasUnlistedQuotes, cancelOnDisconnectFired } = loss;
	const outcome = { likely: "are probably cancelled", no: "keep working", unknown: "may have been cancelled" };
	const hidden = orderIds.length - maxOrderIdsShown;
	const ids = orderIds.slice(0, maxOrderIdsShown).join(", ") + (hidden > 0 ? ` and ${hidden} more` : "");
	const sentences = [
		...(orderIds.length > 0
			? [` The orders placed over this connection ${outcome[cancelOnDisconnectFired]}: ${ids}`]
			: []),
		...(unansweredOrders > 0 ? [` Order calls without a reply: ${unansweredOrders} (check the orders)`] : []),
		...(hasUnlistedQuotes ? [` An unknown number of quotes ${outcome[cancelOnDisconnectFired]}`] : []),
	];
	return sentences.join(".");
}
