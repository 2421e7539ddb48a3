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
import { messageOf, toSessionError } from "./error-disposition.ts";
import type { CallLimiter } from "./limits.ts";
import type { LossTracker, Reconciliation } from "./session-losses.ts";

/** Maximum number of pages that are read of one list of working orders. A page has 50 orders. */
const openPages = 200;
/**
 * Maximum number of pages that are read of the history of ended orders. A page has 50 orders. The history goes back seven days, so it can
 * be very long.
 */
const historyPages = 20;
/** The estimate of the venue's clock is wrong by at most this many milliseconds. */
const clockErrorMs = 5_000;
/**
 * Rate limit for reading lists of orders: four calls a second. The venue allows ten calls a second of each kind; the rest is left to the
 * program.
 */
const callRate = { burst: 5, everyMs: 250 } as const;
/**
 * If a call would have to wait longer than this many milliseconds, such as during a ban, the attempt to read the orders ends, and a later
 * beat tries again.
 */
const longestWaitMs = 5_000;
/** Minimum time in milliseconds between two attempts to read the orders, so that a failed attempt is not repeated at every beat(). */
const readGapMs = 5_000;

/** One attempt to read the orders, over one connection. */
interface Reading {
	readonly ended: AbortSignal;
	readonly done: Promise<void>;
	/** When the next attempt may start, on the monotonic clock. Infinite until this attempt is done. */
	nextAt: number;
}

/** Reads the orders after a connection loss if the venue may have cancelled some. */
export class OrderReader {
	readonly #http: BybitHttp;
	readonly #calls: CallLimiter;
	readonly #products: readonly BybitProduct[];
	readonly #losses: LossTracker;
	readonly #onRead: () => void;
	#latest: Reading | undefined;
	#problem: string | undefined;

	/** @param onRead - called after each attempt, whether it succeeded or not. */
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

	/** Why it is not known which orders were cancelled; undefined if it is known. */
	get unreadReason(): string | undefined {
		if (!this.#losses.hasUnreadOrders) return undefined;
		const assumed = "orders may have been cancelled while the connection was lost, and they have not been read yet";
		return this.#problem === undefined ? assumed : `${assumed}: ${this.#problem}`;
	}

	/**
	 * Reads the orders if the venue may have cancelled some, and adds them to the recorded connection losses. Makes one attempt at a time.
	 * Never rejects.
	 *
	 * @param ended - aborts when the connection ends, which also ends the attempt: without a connection the venue may cancel more orders.
	 */
	read(ended: AbortSignal): Promise<void> {
		if (!this.#losses.hasUnreadOrders || ended.aborted) return Promise.resolve();
		if (this.#latest?.ended === ended && monotonicMs() < this.#latest.nextAt) return this.#latest.done;
		const reading: Reading = { ended, done: this.#readNow(ended), nextAt: Number.POSITIVE_INFINITY };
		this.#latest = reading;
		const startedMs = monotonicMs();
		void reading.done.then(() => {
			const now = monotonicMs();
			// Only a failed attempt delays the next one by more than `readGapMs`. After a success, orders are unread only after a new loss.
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
			else problem = `there are more than ${openPages * 50} open or cancelled orders`;
		} catch (error) {
			problem = messageOf(error);
		}
		if (ended.aborted) return;
		this.#problem = problem;
		this.#onRead();
	}

	/**
	 * Lists the working orders, and the orders that Disconnection Protect has cancelled.
	 *
	 * The history is read from its newest end and filtered here by the time of the last change. The venue's own filter uses the
	 * time of creation, so it would leave out every order that was placed before the loss.
	 */
	async #lists(signal: AbortSignal): Promise<{ orders: Reconciliation; isComplete: boolean }> {
		// `since` is computed from the venue's clock, because this machine's clock may have been set since the connection loss.
		const since = Math.floor(this.#http.serverNow() - (this.#losses.lostForMs ?? 0) - clockErrorMs);
		const open = await this.#readAll(this.#products.flatMap(bybitOpenOrderListsOf), openPages, signal, (query) =>
			this.#calls.run("openOrders", () => this.#http.openOrders(query, { signal })),
		);
		// The history is read last, because it shows a cancel only after a delay. An order in the history has ended, even if the list that was
		// read before shows it as open.
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
		// The map is keyed by id, because an order may be listed twice: when an order ends between two requests, others move to other pages.
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
				// Stops if the venue returns the same cursor again, because otherwise the loop would never end.
				cursor = page.nextCursor === cursor ? undefined : page.nextCursor;
			}
		}
		return { orders: [...orders.values()], isComplete };
	}
}

/** Makes a call when the rate limiter allows it. Repeats the call if the venue or a limit of this process asks for a short wait. */
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
