import { sleepOrReject } from "@x/base/clock";
import { OptionError } from "@x/base/errors";
import type { DeribitConnection } from "@x/deribit-session";
import { type Disposition, SessionError } from "../../session-error.ts";
import { toSessionError } from "./error-disposition.ts";

const packageName = "@x/keepalive/deribit";
/** The length of the longest order label that Deribit stores. */
const longestLabel = 64;
/** The length of the longest name. After the name, a label has a `-` and the digits of the epoch. */
const longestName = longestLabel - 1 - String(Number.MAX_SAFE_INTEGER).length;
const maxAttempts = 20;
const retryMs = 250;

/** Options of {@link cancelEarlierEpochs}, which say whose orders it cancels. */
export interface EarlierEpochs {
	/** The first part of the orders' labels: 1 to 47 characters, the same in all processes that can lead. */
	readonly name: string;
	/**
	 * The epoch of this process, a number that grows with each new leader: the `epoch` of its leader session. Undefined while this process
	 * has not led yet.
	 */
	readonly epoch: number | undefined;
	/** Aborts when the result is no longer needed. In `onOpen`, pass the `signal` that the function gets. */
	readonly signal: AbortSignal;
}

/**
 * The label for the orders of one leader, `<name>-<epoch>`. Nothing else that Deribit stores shows which leader sent an order.
 *
 * @param name - 1 to 47 characters.
 * @param epoch - the epoch of the session that leads.
 * @throws OptionError
 */
export function epochLabel(name: string, epoch: number): string {
	if (name.length < 1 || name.length > longestName) {
		throw new OptionError(packageName, "name", `must have 1 to ${longestName} characters, got ${name.length}`);
	}
	return `${name}-${epoch}`;
}

/**
 * Cancels the open orders with an {@link epochLabel} of earlier leaders, and resolves once the venue lists no such order any more. Call
 * it in `onOpen` if several processes can lead the session. After the death of a leader, its orders may stay open for as long as the
 * exposure. Without this call, the orders of two leaders could be open at the same time. Orders with other labels are left alone.
 *
 * This function does not see an order that the earlier leader sent in its last moment and that the venue accepts later. Such an
 * order is cancelled when the connection over which it was sent ends.
 *
 * The key needs the scope `trade:read_write`.
 *
 * @returns how many orders were found and cancelled.
 * @throws SessionError (human) when a later leader has orders, because the leader store was reset or the processes use
 * different stores. SessionError (fatal) for a name that is too short or too long. SessionError (retry) when this process does
 * not lead, or some orders are still open. After an error of the venue, a SessionError whose disposition depends on that error.
 * @see https://docs.deribit.com/api-reference/trading/private-cancel_by_label
 */
export async function cancelEarlierEpochs(
	connection: DeribitConnection,
	{ name, epoch, signal }: EarlierEpochs,
): Promise<number> {
	if (epoch === undefined) throw failed("this process has not led yet");
	try {
		// Called only for its check of the name: it throws if the name is too short or too long.
		epochLabel(name, epoch);
		return await cancelAll(connection, name, epoch, signal);
	} catch (error) {
		signal.throwIfAborted();
		throw toSessionError("cancelling the orders of earlier leaders failed", error);
	}
}

async function cancelAll(
	connection: DeribitConnection,
	name: string,
	epoch: number,
	signal: AbortSignal,
): Promise<number> {
	const options = { signal, fromReserve: true };
	const cancelled = new Set<string>();
	for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
		const orders = await connection.request("private/get_open_orders", {}, options);
		const earlier = orders.flatMap(({ order_id: id, label = "" }) => {
			const other = epochOf(label, name);
			if (other === undefined || other === epoch) return [];
			if (other > epoch) throw laterLeader(other, epoch);
			return [{ id, label }];
		});
		if (earlier.length === 0) return cancelled.size;
		for (const { id } of earlier) cancelled.add(id);
		for (const label of new Set(earlier.map((order) => order.label))) {
			await connection.call("private/cancel_by_label", { label }, undefined, options);
		}
		await sleepOrReject(retryMs, signal);
	}
	throw failed(`orders of earlier leaders are still open after ${maxAttempts} attempts to cancel them`);
}

function epochOf(label: string, name: string): number | undefined {
	if (!label.startsWith(`${name}-`)) return undefined;
	const digits = label.slice(name.length + 1);
	return /^[1-9]\d{0,15}$/.test(digits) ? Number(digits) : undefined;
}

const failed = (what: string, disposition: Disposition = { action: "retry" }): SessionError =>
	new SessionError(`${packageName}: orders of earlier leaders were not cancelled: ${what}`, { disposition });

function laterLeader(other: number, epoch: number): SessionError {
	const todo =
		"Check that each process uses the same leader store, and that its epochs were not reset. Cancel the orders by hand if they are old.";
	return failed(`an order of a later leader is open (epoch ${other}; this process has epoch ${epoch})`, {
		action: "human",
		todo,
	});
}
