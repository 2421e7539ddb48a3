import { type BybitClockSkew, ServerClock } from "../auth/clock.ts";
import { type BybitDcpInfo, readDcpInfos } from "../dcp/dcp-info.ts";
import { type BybitProduct, requireProduct } from "../dcp/product.ts";
import {
	type Check,
	getV5AccountQueryDcpInfo200,
	getV5MarketTime200,
	getV5OrderHistory200,
	getV5OrderRealtime200,
	postV5OrderDisconnectedCancelAll200,
} from "../generated/check.ts";
import type { components } from "../generated/schema.ts";
import { integer, onlyNames } from "../option-checks.ts";
import { type BybitHttpOptions, resolveHttpOptions } from "../options.ts";
import { type BybitOrdersPage, type BybitOrdersQuery, ordersQuery, readOrders } from "../orders/orders.ts";
import { type Exchanged, exchange, replyError } from "./exchange.ts";

/** Arguments of {@link BybitHttp.setDcp}. */
export interface BybitSetDcp {
	/**
	 * Required here although the venue makes it optional: there its absence means `OPTIONS`, so a futures desk that
	 * forgot it would have protected nothing and seen a success.
	 */
	readonly product: BybitProduct;
	/** 3 to 300, whole seconds. */
	readonly timeWindowSeconds: number;
}

/** The venue's clock. */
export interface BybitServerTime {
	/** Milliseconds since 1970. */
	readonly epochMs: number;
	/** Nanoseconds since 1970: more digits than a number holds. */
	readonly epochNs: bigint;
	/** How long the call took, on this machine's clock. */
	readonly roundTripMs: number;
}

/** The HTTP calls of Disconnection Protect, and those that tell what it has cancelled. Each has one deadline, repeats nothing and keeps no schedule. */
export interface BybitHttp {
	/**
	 * Sets how long the venue waits, after the last connection subscribed to the product's topic is gone, before it cancels.
	 *
	 * A success is not evidence of protection: the setting is in force, and can be read back, about 10 s later, and it
	 * protects nobody without a live subscribed connection. After an error of kind `timeout`, `network` or
	 * `unknown-outcome` it may or may not have been taken.
	 *
	 * @throws BybitError of any kind in {@link BybitErrorKind} but those of the socket.
	 * @see https://bybit-exchange.github.io/docs/v5/order/dcp
	 */
	setDcp(window: BybitSetDcp, signal?: AbortSignal): Promise<void>;

	/**
	 * What the venue says of every product: one entry each for `DERIVATIVES`, `SPOT` and `OPTIONS`, in this order.
	 *
	 * The only evidence of the setting. An account without Disconnection Protect gets three entries that are not enabled.
	 *
	 * @throws BybitError, as for {@link setDcp}.
	 * @see https://bybit-exchange.github.io/docs/v5/account/dcp-info
	 */
	queryDcp(signal?: AbortSignal): Promise<BybitDcpInfo[]>;

	/**
	 * One page of the open orders of a list, newest first by creation. Which lists a product has: `bybitOpenOrderListsOf`.
	 *
	 * @throws BybitError, as for {@link setDcp}.
	 * @see https://bybit-exchange.github.io/docs/v5/order/open-order
	 */
	openOrders(query: BybitOrdersQuery, signal?: AbortSignal): Promise<BybitOrdersPage>;

	/**
	 * One page of the orders that ended within seven days, newest first by creation: an old order that was cancelled just
	 * now stands far back. It may lag behind. Which lists a product has: `bybitHistoryListsOf`.
	 *
	 * @throws BybitError, as for {@link setDcp}.
	 * @see https://bybit-exchange.github.io/docs/v5/order/order-list
	 */
	orderHistory(query: BybitOrdersQuery, signal?: AbortSignal): Promise<BybitOrdersPage>;

	/**
	 * The venue's clock. Needs no valid key.
	 *
	 * @throws BybitError, as for {@link setDcp}.
	 * @see https://bybit-exchange.github.io/docs/v5/market/time
	 */
	serverTime(signal?: AbortSignal): Promise<BybitServerTime>;

	/** How far this machine's clock is off, from the replies so far; undefined before the first. */
	skew(): BybitClockSkew | undefined;

	/** The best estimate of the venue's clock, in epoch milliseconds. Hand it to the socket as its `now`. */
	serverNow(): number;

	/**
	 * Forgets what the replies so far have told of the venue's clock: until the next reply, `serverNow` is this machine's.
	 *
	 * For when a clock was set, here or there, and the estimate is still the old one: a socket whose authentication is
	 * refused most often shows it, and only an HTTP reply, such as that of {@link serverTime}, makes a new one.
	 */
	forgetSkew(): void;

	/**
	 * How much longer no call may be made from here to this host, in milliseconds; 0 when any may. The venue answers 403 when
	 * an address has made too many, and wants ten minutes of silence. Every client of this process that was handed the same
	 * `fetch`, or none, shares it, and fails with kind `banned` meanwhile without sending anything.
	 */
	bannedMs(): number;
}

/**
 * The HTTP side of Disconnection Protect.
 *
 * @throws BybitError of kind `options`, at once, for an option that cannot be right.
 */
export function createBybitHttp(options: BybitHttpOptions): BybitHttp {
	const resolved = resolveHttpOptions(options);
	const clock = new ServerClock(resolved.now);
	return {
		async setDcp(window, signal) {
			onlyNames(window, ["product", "timeWindowSeconds"], "setDcp: ");
			const { product, timeWindowSeconds } = window;
			requireProduct("setDcp", product);
			integer("timeWindowSeconds", timeWindowSeconds, 3, 300);
			const body = { product, timeWindow: timeWindowSeconds };
			const check = postV5OrderDisconnectedCancelAll200;
			await exchange(resolved, clock, "POST /v5/order/disconnected-cancel-all", signal, { check, body });
		},

		async queryDcp(signal) {
			const attempt = "GET /v5/account/query-dcp-info";
			const reply = await exchange(resolved, clock, attempt, signal, { check: getV5AccountQueryDcpInfo200 });
			const { result } = typed<"QueryDcpReply">(reply);
			// Empty, null and absent are all seen as "nothing is enabled", the reading that claims no protection.
			const read = readDcpInfos(result?.dcpInfos ?? []);
			if ("problem" in read) throw replyError(attempt, 200, read.problem);
			return read.infos;
		},

		openOrders: (asked, signal) => page("openOrders", "GET /v5/order/realtime", getV5OrderRealtime200, asked, signal),

		orderHistory: (asked, signal) => page("orderHistory", "GET /v5/order/history", getV5OrderHistory200, asked, signal),

		async serverTime(signal) {
			const attempt = "GET /v5/market/time";
			const call = { check: getV5MarketTime200, signed: false };
			const reply = await exchange(resolved, clock, attempt, signal, call);
			const { result } = typed<"MarketTimeReply">(reply);
			if (!result?.timeNano || !/^\d{16,20}$/.test(result.timeNano)) {
				throw replyError(attempt, 200, "result.timeNano is no number of nanoseconds");
			}
			const epochNs = BigInt(result.timeNano);
			return { epochMs: Number(epochNs / 1_000_000n), epochNs, roundTripMs: reply.roundTripMs };
		},

		skew: () => clock.skew(),
		serverNow: () => clock.serverNow(),
		forgetSkew: () => clock.forget(),
		bannedMs: () => resolved.ban.leftMs,
	};

	async function page(
		call: string,
		attempt: "GET /v5/order/realtime" | "GET /v5/order/history",
		check: Check,
		asked: BybitOrdersQuery,
		signal: AbortSignal | undefined,
	): Promise<BybitOrdersPage> {
		const query = ordersQuery(call, asked);
		const reply = await exchange(resolved, clock, attempt, signal, { check, query });
		const read = readOrders(typed<"OrdersReply">(reply).result, query.category);
		if ("problem" in read) throw replyError(attempt, 200, read.problem);
		return read;
	}
}

/** The reply as its schema's type: `exchange` has just run the check that was generated from that schema. */
function typed<Name extends keyof components["schemas"]>(reply: Exchanged): components["schemas"][Name] {
	return reply.value as components["schemas"][Name];
}
