import { monotonicMs, sleep } from "@x/base/clock";
import { TokenBucket } from "@x/base/rate-limiter";
import {
	type BybitHttp,
	type BybitOrder,
	type BybitOrdersPage,
	type BybitOrdersQuery,
	type BybitProduct,
	bybitHistoryListsOf,
	bybitOpenOrderListsOf,
} from "@x/bybit-dcp";
import { messageOf, toSessionError } from "./disposition.ts";
import type { CallLimiter } from "./limits.ts";
import type { LossTracker, Reconciliation } from "./losses.ts";

/** Pages of 50 working orders that are read of one list. */
const openPages = 200;
/** Pages of 50 ended orders. They go back seven days, so there can be very many. */
const historyPages = 20;
/** Upper bound of the error in our estimate of the venue's clock. */
const clockErrorMs = 5_000;
/** Of the venue's ten calls a second of one kind, this many leave some for the program. */
const callRate = { burst: 5, everyMs: 250 } as const;
/** If a call would have to wait longer, such as during a ban, reading the orders stops. A later beat starts it again. */
const longestWaitMs = 5_000;
/** Minimum time between two readings, so that a reading that fails is not repeated at every beat. */
const readGapMs = 5_000;

/** One reading of the orders, over one connection. */
interface Reading {
	readonly ended: AbortSignal;
	readonly done: Promise<void>;
	/** When the next one may start, on the monotonic clock; not before this one is done. */
	nextAt: number;
}

/** Reads the orders after a loss that the venue may have answered by cancelling them. */
export class OrderReader {
	readonly #http: BybitHttp;
	readonly #calls: CallLimiter;
	readonly #products: readonly BybitProduct[];
	readonly #losses: LossTracker;
	readonly #onRead: () => void;
	#latest: Reading | undefined;
	#problem: string | undefined;

	/** @param onRead - called after each reading, whether it succeeded or not. */
	constructor(
		http: BybitHttp,
		calls: CallLimiter,
		products: readonly BybitProduct[],
		losses: LossTracker,
		onRead: () => void,
	) {
		this.#http = http;
		this.#calls = calls;
		this.#products = products;
		this.#losses = losses;
		this.#onRead = onRead;
	}

	/** Why the orders are not known; undefined if they are. */
	get unreadReason(): string | undefined {
		if (!this.#losses.hasUnreadOrders) return undefined;
		const assumed = "orders may have been cancelled while the connection was lost, and they have not been read yet";
		return this.#problem === undefined ? assumed : `${assumed}: ${this.#problem}`;
	}

	/**
	 * Reads the orders if a trigger has to be assumed, one reading at a time, and adds them to the losses. Never rejects.
	 *
	 * @param ended - aborts with the connection, and ends the reading: without one that counts, the orders may change again.
	 */
	read(ended: AbortSignal): Promise<void> {
		if (!this.#losses.hasUnreadOrders || ended.aborted) return Promise.resolve();
		if (this.#latest?.ended === ended && monotonicMs() < this.#latest.nextAt) return this.#latest.done;
		const reading: Reading = { ended, done: this.#readNow(ended), nextAt: Number.POSITIVE_INFINITY };
		this.#latest = reading;
		const startedMs = monotonicMs();
		void reading.done.then(() => {
			const now = monotonicMs();
			// After one that succeeded, only a loss that came meanwhile is unread.
			const hasFailed = this.#problem !== undefined;
			reading.nextAt = now + Math.max(readGapMs, hasFailed ? now - startedMs : 0);
		});
		return reading.done;
	}

	async #readNow(ended: AbortSignal): Promise<void> {
		let problem: string | undefined;
		const begunAt = monotonicMs();
		try {
			const { orders, isComplete } = await this.#lists(ended);
			if (ended.aborted) return;
			if (isComplete) this.#losses.recordOrders(orders, begunAt);
			else problem = `there are more than ${openPages * 50} of one kind`;
		} catch (error) {
			problem = messageOf(error);
		}
		if (ended.aborted) return;
		this.#problem = problem;
		this.#onRead();
	}

	/**
	 * Lists the working orders, and those that Disconnection Protect has cancelled.
	 *
	 * The history is read from its newest end and filtered here by when an order changed. The venue filters by creation time:
	 * asked for orders "since the loss" it would leave out every order placed before it.
	 */
	async #lists(signal: AbortSignal): Promise<{ orders: Reconciliation; isComplete: boolean }> {
		// Counted back from the venue's clock: this machine's clock may have been set since the loss.
		const since = Math.floor(this.#http.serverNow() - (this.#losses.lostForMs ?? 0) - clockErrorMs);
		const open = await this.#readAll(this.#products.flatMap(bybitOpenOrderListsOf), openPages, signal, (query) =>
			this.#calls.run("openOrders", () => this.#http.openOrders(query, { signal })),
		);
		// The history comes second: it lags behind, and overrules an order that was still listed as open.
		const history = await this.#readAll(this.#products.flatMap(bybitHistoryListsOf), historyPages, signal, (query) =>
			this.#calls.run("orderHistory", () => this.#http.orderHistory(query, { signal })),
		);
		const cancelled = history.orders.filter(
			(order) => order.cancelledByDcp && (order.updatedAt === undefined || order.updatedAt >= since),
		);
		const cancelledIds = new Set(cancelled.map(({ orderId }) => orderId));
		const orders = {
			open: open.orders.filter(({ orderId }) => !cancelledIds.has(orderId)),
			cancelledByDcp: cancelled,
			since,
			historyComplete: history.isComplete,
		};
		return { orders, isComplete: open.isComplete };
	}

	/** @throws BybitError or SessionError if any list could not be read: an incomplete answer is not used. */
	async #readAll(
		lists: readonly BybitOrdersQuery[],
		mostPages: number,
		signal: AbortSignal,
		readPage: (query: BybitOrdersQuery) => Promise<BybitOrdersPage>,
	): Promise<{ orders: BybitOrder[]; isComplete: boolean }> {
		const rate = new TokenBucket(callRate);
		// By id: an order that ends between two pages shifts the others, and one may be listed twice.
		const orders = new Map<string, BybitOrder>();
		let isComplete = true;
		for (const list of lists) {
			let cursor: string | undefined;
			for (let pages = 0; pages === 0 || cursor !== undefined; pages += 1) {
				if (pages === mostPages) {
					isComplete = false;
					break;
				}
				const query = cursor === undefined ? list : { ...list, cursor };
				const page: BybitOrdersPage = await paced(rate, signal, () => readPage(query));
				for (const order of page.orders) orders.set(order.orderId, order);
				// A cursor that points to itself would never end.
				cursor = page.nextCursor === cursor ? undefined : page.nextCursor;
			}
		}
		return { orders: [...orders.values()], isComplete };
	}
}

/** Makes a call when the rate allows it, and again after a short wait that the venue or a limit of this process asks for. */
async function paced<T>(rate: TokenBucket, signal: AbortSignal, call: () => Promise<T>): Promise<T> {
	for (let waits = 0; ; waits += 1) {
		for (let ms = rate.tryAcquire(); ms > 0; ms = rate.tryAcquire()) {
			await sleep(ms, signal);
			signal.throwIfAborted();
		}
		try {
			return await call();
		} catch (error) {
			const { disposition } = toSessionError(error);
			if (disposition.action !== "wait" || disposition.forMs > longestWaitMs || waits === 5) throw error;
			await sleep(disposition.forMs, signal);
			signal.throwIfAborted();
		}
	}
}
