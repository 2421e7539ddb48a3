import { integer, object, oneOf } from "@x/base/option-schema";
import type { Check } from "@x/base/reply-check";
import createClient from "openapi-fetch";
import { type BybitClockSkew, ServerClock } from "../auth/server-clock.ts";
import { accountModeOf, type BybitAccountMode } from "../dcp/account-mode.ts";
import { type BybitDcpInfo, readDcpInfos } from "../dcp/dcp-info.ts";
import { type BybitProduct, bybitProducts } from "../dcp/protected-product.ts";
import {
	getV5AccountInfo200,
	getV5AccountQueryDcpInfo200,
	getV5MarketTime200,
	getV5OrderHistory200,
	getV5OrderRealtime200,
	postV5OrderDisconnectedCancelAll200,
} from "../generated/check.ts";
import type { paths } from "../generated/schema.ts";
import { type BybitCallOptions, type BybitHttpOptions, checkArgument, resolveOptions } from "../options.ts";
import { type BybitOrdersPage, type BybitOrdersQuery, ordersQuery, readOrders } from "../orders/order-pages.ts";
import { replyError, sendRequest } from "./send-request.ts";

/** The HTTP calls of Disconnection Protect, and the calls that list orders. Each call has one deadline and is not retried. */
export interface BybitHttp {
	/**
	 * Sets the window of a product: how long the venue waits before it cancels the product's orders, once the last
	 * connection that is subscribed to the product's topic is lost.
	 *
	 * A successful call does not mean that the orders are protected. The venue puts the window in force about 10 s later: read
	 * the setting back then, and keep a subscribed connection open. After an error of kind `timeout`, `network`, `aborted`
	 * or `unknown-outcome` the window may or may not have been set.
	 *
	 * @throws BybitError of any kind that an HTTP call can fail with; OptionError for a wrong argument.
	 * @see https://bybit-exchange.github.io/docs/v5/order/dcp
	 */
	setDcp(
		window: {
			/**
			 * The product, which is required here, because without a product the venue itself would use `OPTIONS` and report
			 * success.
			 */
			readonly product: BybitProduct;
			/** How long the venue waits before it cancels the orders: 3 to 300 whole seconds. */
			readonly windowSeconds: number;
		},
		options?: BybitCallOptions,
	): Promise<void>;

	/**
	 * Reads the time windows in force: one entry for each of `DERIVATIVES`, `SPOT` and `OPTIONS`, in this order. For an
	 * account without Disconnection Protect, no entry is enabled.
	 *
	 * @throws BybitError, OptionError, as {@link setDcp} does.
	 * @see https://bybit-exchange.github.io/docs/v5/account/dcp-info
	 */
	queryDcp(options?: BybitCallOptions): Promise<BybitDcpInfo[]>;

	/**
	 * Reads the mode of the account, which decides what Disconnection Protect covers.
	 *
	 * @throws BybitError, OptionError, as {@link setDcp} does.
	 * @see https://bybit-exchange.github.io/docs/v5/account/account-info
	 */
	accountMode(options?: BybitCallOptions): Promise<BybitAccountMode>;

	/**
	 * Reads one page of open orders, sorted by their creation, newest first. `bybitOpenOrderListsOf` gives the queries for
	 * a product.
	 *
	 * @throws BybitError, OptionError, as {@link setDcp} does.
	 * @see https://bybit-exchange.github.io/docs/v5/order/open-order
	 */
	openOrders(query: BybitOrdersQuery, options?: BybitCallOptions): Promise<BybitOrdersPage>;

	/**
	 * Reads one page of the orders that ended within the last seven days, sorted by their creation (not by their end),
	 * newest first. Orders may appear in the list some time after they ended. `bybitHistoryListsOf` gives the queries for
	 * a product.
	 *
	 * @throws BybitError, OptionError, as {@link setDcp} does.
	 * @see https://bybit-exchange.github.io/docs/v5/order/order-list
	 */
	orderHistory(query: BybitOrdersQuery, options?: BybitCallOptions): Promise<BybitOrdersPage>;

	/**
	 * Reads the venue's clock. This call needs no valid API key.
	 *
	 * @throws BybitError, OptionError, as {@link setDcp} does.
	 * @see https://bybit-exchange.github.io/docs/v5/market/time
	 */
	serverTime(options?: BybitCallOptions): Promise<{
		/** Milliseconds since 1970. */
		readonly epochMs: number;
		/** Nanoseconds since 1970. */
		readonly epochNs: bigint;
		/** How long the call took, in milliseconds. */
		readonly roundTripMs: number;
	}>;

	/**
	 * The difference between this machine's clock and the venue's clock, as estimated from the venue's replies. Undefined
	 * before the first reply. After this machine was suspended or its clock was set, undefined until the next reply.
	 */
	readonly skew: BybitClockSkew | undefined;

	/**
	 * The estimated time of the venue's clock, in epoch milliseconds. Pass this function to {@link connectBybit} as the
	 * option `now`.
	 */
	serverNow(): number;

	/**
	 * Discards the estimate of the venue's clock: until the next reply `serverNow` returns this machine's clock. Call this
	 * method when a clock may have been set, such as after a login that was refused with kind `auth`, and then call
	 * {@link serverTime}.
	 */
	forgetSkew(): void;

	/**
	 * For how many more milliseconds the venue bans calls from this IP address to this host; 0 without a ban. The client
	 * learns of a ban from a reply with HTTP 403 or code 10018. All clients of this process with the same `fetch` share a
	 * ban: until it ends, their calls fail with kind `banned` and are not sent, because each call would extend the ban.
	 */
	readonly bannedMs: number;
}

/**
 * Creates a client for the HTTP calls. Nothing is sent before the first call.
 *
 * @throws OptionError.
 */
export function createBybitHttp(options: BybitHttpOptions): BybitHttp {
	const client = resolveOptions(options);
	const clock = new ServerClock(client.now);
	const api = createClient<paths>({ baseUrl: client.restUrl });
	/**
	 * The options of one call for openapi-fetch. That library builds the URL and the body and gives the reply its type;
	 * `sendRequest` of this package sends the request.
	 */
	const by = (check: Check, options: BybitCallOptions | undefined, signed = true) => ({
		fetch: (request: Request) => sendRequest(client, clock, request, { check, options, signed }),
	});
	return {
		async setDcp(window, callOptions) {
			const rules = { product: oneOf(...bybitProducts), windowSeconds: integer({ min: 3, max: 300 }) };
			// The values are copied before they are checked, so that a getter cannot return other values after the check.
			const { product, windowSeconds } = checkArgument("setDcp", object<Parameters<BybitHttp["setDcp"]>[0]>(rules), {
				...window,
			});
			const body = { product, timeWindow: windowSeconds };
			const sent = by(postV5OrderDisconnectedCancelAll200, callOptions);
			await api.POST("/v5/order/disconnected-cancel-all", { body, ...sent });
		},

		async queryDcp(callOptions) {
			const path = "/v5/account/query-dcp-info";
			const { data } = await api.GET(path, by(getV5AccountQueryDcpInfo200, callOptions));
			// A missing list means the same as an empty list: no product is enabled.
			const read = readDcpInfos(data?.result?.dcpInfos ?? []);
			if ("problem" in read) throw replyError(`GET ${path}`, 200, read.problem);
			return read.infos;
		},

		async accountMode(callOptions) {
			const path = "/v5/account/info";
			const { data } = await api.GET(path, by(getV5AccountInfo200, callOptions));
			// A missing mode is an error: `unknown` would mean that the venue sent a mode which this version does not know.
			const status = data?.result?.unifiedMarginStatus;
			if (status === undefined) throw replyError(`GET ${path}`, 200, "result.unifiedMarginStatus is missing");
			return accountModeOf(status);
		},

		openOrders: (query, callOptions) => page("/v5/order/realtime", getV5OrderRealtime200, query, callOptions),

		orderHistory: (query, callOptions) => page("/v5/order/history", getV5OrderHistory200, query, callOptions),

		async serverTime(callOptions) {
			const path = "/v5/market/time";
			const sentAt = clock.localNow();
			const { data } = await api.GET(path, by(getV5MarketTime200, callOptions, false));
			const roundTripMs = clock.localNow() - sentAt;
			const timeNano = data?.result?.timeNano ?? "";
			if (!/^\d{16,20}$/.test(timeNano)) {
				throw replyError(`GET ${path}`, 200, "result.timeNano is not a number of nanoseconds");
			}
			const epochNs = BigInt(timeNano);
			return { epochMs: Number(epochNs / 1_000_000n), epochNs, roundTripMs };
		},

		get skew() {
			return clock.skew;
		},
		serverNow: () => clock.serverNow(),
		forgetSkew: () => clock.forget(),
		get bannedMs() {
			return Math.ceil(client.ban.remainingMs());
		},
	};

	async function page(
		path: "/v5/order/realtime" | "/v5/order/history",
		check: Check,
		asked: BybitOrdersQuery,
		callOptions: BybitCallOptions | undefined,
	): Promise<BybitOrdersPage> {
		const query = ordersQuery(asked);
		const { data } = await api.GET(path, { params: { query }, ...by(check, callOptions) });
		const read = readOrders(data?.result, query.category);
		if ("problem" in read) throw replyError(`GET ${path}`, 200, read.problem);
		return read;
	}
}

/**
 * Checks options without creating a client.
 *
 * @throws OptionError.
 */
export function checkBybitHttpOptions(options: BybitHttpOptions): void {
	resolveOptions(options);
}
