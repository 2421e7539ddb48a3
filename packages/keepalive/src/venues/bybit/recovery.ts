import {
	type BybitHttp,
	type BybitOrder,
	type BybitOrdersPage,
	type BybitOrdersQuery,
	type BybitProduct,
	bybitHistoryListsOf,
	bybitOpenOrderListsOf,
} from "@x/bybit-dcp";

import type { Calls } from "./limits.ts";

/** What became of the orders. Plain data; instants are epoch milliseconds. */
export interface BybitReconciliation {
	/** The working orders of the guarded products. */
	readonly open: readonly BybitOrder[];
	/** What Disconnection Protect has cancelled since `since`. The venue's history may lag behind by a little. */
	readonly cancelledByDcp: readonly BybitOrder[];
	/** On the venue's clock; null when nothing was lost and the venue's seven days were searched. */
	readonly since: number | null;
	/** False when the working orders are more than were read; then a trigger goes on being assumed. */
	readonly openComplete: boolean;
	/** False when the ended orders are more than were read, so that `cancelledByDcp` may lack some. */
	readonly historyComplete: boolean;
}

/** Pages of 50 read of one list. More would take longer than the window of the next loss. */
const pagesPerList = 20;
/** The venue's clock and ours are known to each other to less than this. */
const clockDoubtMs = 5_000;

/**
 * Lists the working orders, and those that Disconnection Protect has cancelled.
 *
 * The history is searched from its newest end and filtered here by when an order changed: the venue sorts and cuts by
 * creation, so asking it for "since the loss" would leave out every order that was placed before it.
 *
 * @throws BybitError of any list that could not be read: half an answer is none.
 */
export async function listOrders(
	http: BybitHttp,
	calls: Calls,
	products: readonly BybitProduct[],
	lostForMs: number | undefined,
	signal: AbortSignal,
): Promise<BybitReconciliation> {
	// Back from now, on the venue's clock: ours may have been set since.
	const since = lostForMs === undefined ? null : Math.floor(http.serverNow() - lostForMs - clockDoubtMs);
	const open = await readAll(products.flatMap(bybitOpenOrderListsOf), (query) =>
		calls.ask(() => http.openOrders(query, signal)),
	);
	// The history last: it lags behind, and what it says of an order is later than that it was open.
	const history = await readAll(products.flatMap(bybitHistoryListsOf), (query) =>
		calls.ask(() => http.orderHistory(query, signal)),
	);
	const fired = history.orders.filter(
		(order) => order.cancelledByDcp && (since === null || order.updatedAt === undefined || order.updatedAt >= since),
	);
	const gone = new Set(fired.map(({ orderId }) => orderId));
	return {
		open: open.orders.filter(({ orderId }) => !gone.has(orderId)),
		cancelledByDcp: fired,
		since,
		openComplete: open.complete,
		historyComplete: history.complete,
	};
}

async function readAll(
	lists: readonly BybitOrdersQuery[],
	page: (query: BybitOrdersQuery) => Promise<BybitOrdersPage>,
): Promise<{ orders: BybitOrder[]; complete: boolean }> {
	// By id: an order that ends while pages are read moves the others, and one may be seen twice.
	const orders = new Map<string, BybitOrder>();
	let complete = true;
	for (const list of lists) {
		let cursor: string | undefined;
		for (let pages = 0; pages === 0 || cursor !== undefined; pages += 1) {
			if (pages === pagesPerList) {
				complete = false;
				break;
			}
			const read: BybitOrdersPage = await page(cursor === undefined ? list : { ...list, cursor });
			for (const order of read.orders) orders.set(order.orderId, order);
			// A cursor that leads back to itself would be followed for ever.
			cursor = read.nextCursor === cursor ? undefined : read.nextCursor;
		}
	}
	return { orders: [...orders.values()], complete };
}
