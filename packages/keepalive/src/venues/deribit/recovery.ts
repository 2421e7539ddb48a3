import type { DeribitCancelOnDisconnectFired, DeribitConnection, DeribitEndReason } from "@x/deribit-session";
import { isDeribitError } from "@x/deribit-session";

/** A connection that is over, and the orders that may have gone with it. Plain data. */
export interface DeribitLoss {
	/** Epoch milliseconds. */
	readonly endedAt: number;
	readonly why: DeribitEndReason;
	/** Whether the venue cancelled the orders that were placed over it. */
	readonly cancelOnDisconnectFired: DeribitCancelOnDisconnectFired;
	/**
	 * Orders placed over it that were not known to have ended, by the replies heard over it. An order whose reply never
	 * came is missing: the venue's own list (`private/get_open_orders`) is the truth.
	 */
	readonly orderIds: readonly string[];
	/** How many calls over it may have placed an order and had no reply. What they placed has no id here. */
	readonly unansweredOrders: number;
}

/** More connections cannot be lost between two that hold, unless nobody listens. */
const most = 1_000;

/** The connections that were lost, until a new one holds. */
export class Losses {
	readonly #noted = new WeakSet<DeribitConnection>();
	#pending: DeribitLoss[] = [];
	#before: readonly DeribitLoss[] = [];

	/** Notes a connection that ended or is being given up, once. */
	note(connection: DeribitConnection): DeribitLoss | undefined {
		if (this.#noted.has(connection)) return undefined;
		this.#noted.add(connection);
		const loss = lossOf(connection);
		this.#pending = [...this.#pending.slice(1 - most), loss];
		const told = (): void => this.#tell(loss, connection);
		if (!connection.ended.aborted) connection.ended.addEventListener("abort", told, { once: true });
		return loss;
	}

	/** The end of a connection that was given up before it came: the venue may have told why after all. */
	#tell(loss: DeribitLoss, connection: DeribitConnection): void {
		const end = lossOf(connection);
		const known = end.why === "disconnect" ? { ...end, why: loss.why } : end;
		const replaced = (losses: readonly DeribitLoss[]) => losses.map((each) => (each === loss ? known : each));
		this.#pending = replaced(this.#pending);
		this.#before = replaced(this.#before);
	}

	/** What was lost since a connection last held. */
	get pending(): readonly DeribitLoss[] {
		return this.#pending;
	}

	/** What was lost before the connection that holds now. */
	get before(): readonly DeribitLoss[] {
		return this.#before;
	}

	/** A new connection holds, and whoever wanted to has reconciled. */
	settle(): void {
		this.#before = this.#pending;
		this.#pending = [];
	}
}

function lossOf(connection: DeribitConnection): DeribitLoss {
	const reason: unknown = connection.ended.reason;
	const orders = { orderIds: connection.openOrderIds(), unansweredOrders: connection.unansweredOrders };
	if (isDeribitError(reason)) {
		const { at, why = "network", cancelOnDisconnectFired = "unknown" } = reason;
		return { endedAt: at, why, cancelOnDisconnectFired, ...orders };
	}
	// Given up on this side: over a dead line its end may take the venue as long as the exposure says.
	const armed = connection.cancelOnDisconnect;
	const cancelOnDisconnectFired = armed ? "likely" : armed === false ? "no" : "unknown";
	// With heartbeats on, something comes at least every 1.1 intervals.
	const dead = connection.silentMs > (connection.heartbeatSeconds || 60) * 1_100;
	return { endedAt: Date.now(), why: dead ? "silence" : "disconnect", cancelOnDisconnectFired, ...orders };
}

const shown = 10;

/** The orders of a loss in words for people; nothing when there are none. */
export function ordersInWords({ orderIds, unansweredOrders, cancelOnDisconnectFired }: DeribitLoss): string {
	const fate = { likely: "are probably cancelled", no: "keep working", unknown: "may have been cancelled" };
	const more = orderIds.length > shown ? ` and ${orderIds.length - shown} more` : "";
	const known = ` The orders placed over it ${fate[cancelOnDisconnectFired]}: ${orderIds.slice(0, shown).join(", ")}${more}`;
	const unknown = ` Calls that may have placed an order and had no reply: ${unansweredOrders}`;
	const sentences = [...(orderIds.length > 0 ? [known] : []), ...(unansweredOrders > 0 ? [unknown] : [])];
	return sentences.join(".");
}
