import {
	type BybitHttp,
	type BybitOrder,
	type BybitOrdersPage,
	type BybitOrdersQuery,
	type BybitProduct,
	bybitHistoryListsOf,
	bybitOpenOrderListsOf,
} from "@x/bybit-dcp";
import type { CallLimiter } from "./limits.ts";

/** What happened to the orders. Plain data; instants are epoch milliseconds. */
export interface BybitReconciliation {
	/** The working orders of the guarded products. */
	readonly open: readonly BybitOrder[];
	/** What Disconnection Protect has cancelled since `since`. The venue's history may lag behind by a little. */
	readonly cancelledByDcp: readonly BybitOrder[];
	/** On the venue's clock; null if nothing was lost: then the venue's whole history of seven days was searched. */
	readonly since: number | null;
	/** False if there are more working orders than were read; a trigger then remains assumed. */
	readonly openComplete: boolean;
	/** False if there are more ended orders than were read, so that `cancelledByDcp` may be incomplete. */
	readonly historyComplete: boolean;
}

/** Pages of 50 orders that are read of one list. More would take longer than the window of the next loss. */
const pagesPerList = 20;
/** Upper bound of the error in our estimate of the venue's clock. */
const clockErrorMs = 5_000;

/**
 * Lists the working orders, and those that Disconnection Protect has cancelled.
 *
 * The history is read from its newest end and filtered here by when an order changed. The venue filters by creation time:
 * asked for orders "since the loss" it would leave out every order placed before it.
 *
 * @throws BybitError if any list could not be read: an incomplete answer is not used.
 */
export async function listOrders(
	http: BybitHttp,
	calls: CallLimiter,
	products: readonly BybitProduct[],
	lostForMs: number | undefined,
	signal: AbortSignal,
): Promise<BybitReconciliation> {
	// Counted back from the venue's clock: this machine's clock may have been set since the loss.
	const since = lostForMs === undefined ? null : Math.floor(http.serverNow() - lostForMs - clockErrorMs);
	const open = await readAll(products.flatMap(bybitOpenOrderListsOf), (query) =>
		calls.run(() => http.openOrders(query, { signal })),
	);
	// The history comes second: it lags behind, and overrules an order that was still listed as open.
	const history = await readAll(products.flatMap(bybitHistoryListsOf), (query) =>
		calls.run(() => http.orderHistory(query, { signal })),
	);
	const cancelled = history.orders.filter(
		(order) => order.cancelledByDcp && (since === null || order.updatedAt === undefined || order.updatedAt >= since),
	);
	const cancelledIds = new Set(cancelled.map(({ orderId }) => orderId));
	return {
		open: open.orders.filter(({ orderId }) => !cancelledIds.has(orderId)),
		cancelledByDcp: cancelled,
		since,
		openComplete: open.isComplete,
		historyComplete: history.isComplete,
	};
}

async function readAll(
	lists: readonly BybitOrdersQuery[],
	readPage: (query: BybitOrdersQuery) => Promise<BybitOrdersPage>,
): Promise<{ orders: BybitOrder[]; isComplete: boolean }> {
	// By id: an order that ends between two pages shifts the others, and one may be listed twice.
	const orders = new Map<string, BybitOrder>();
	let isComplete = true;
	for (const list of lists) {
		let cursor: string | undefined;
		for (let pages = 0; pages === 0 || cursor !== undefined; pages += 1) {
			if (pages === pagesPerList) {
				isComplete = false;
				break;
			}
			const page: BybitOrdersPage = await readPage(cursor === undefined ? list : { ...list, cursor });
			for (const order of page.orders) orders.set(order.orderId, order);
			// A cursor that points to itself would never end.
			cursor = page.nextCursor === cursor ? undefined : page.nextCursor;
		}
	}
	return { orders: [...orders.values()], isComplete };
}
