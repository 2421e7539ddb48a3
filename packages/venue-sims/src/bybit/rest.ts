import type { components } from "../generated/bybit-dcp.ts";
import type { WireReply, WireRequest } from "../venue.ts";
import type { BybitAccount } from "./account.ts";
import type { ActiveFaults } from "./active-faults.ts";
import { productOf, toWire } from "./book.ts";
import { bybitProducts, type ResolvedBybitOptions } from "./options.ts";
import { type LimitState, RollingLimit } from "./rolling-limit.ts";
import { type BybitRefusal, checkSignature, type FindKey } from "./signature.ts";

type Schemas = components["schemas"];
/** The outcome of a call: its result, or an error reply. */
type Outcome = { result: object; retMsg?: string; short?: boolean } | BybitRefusal;
type Body = Readonly<Record<string, unknown>>;

interface Route {
	limit: RollingLimit;
	run(account: BybitAccount, body: Body, query: URLSearchParams): Outcome;
}

/** The HTTP API. */
export class BybitRest {
	readonly #options: ResolvedBybitOptions;
	readonly #accountOf: (apiKey: unknown) => BybitAccount | undefined;
	readonly #findKey: FindKey;
	readonly #faults: ActiveFaults;
	readonly #serverTime: () => number;
	readonly #addresses: RollingLimit;
	readonly #bannedUntil = new Map<string, number>();
	readonly #routes: Readonly<Record<string, Route>>;

	constructor(
		options: ResolvedBybitOptions,
		accounts: { accountOf(apiKey: unknown): BybitAccount | undefined; findKey: FindKey },
		faults: ActiveFaults,
		serverTime: () => number,
	) {
		this.#options = options;
		this.#accountOf = accounts.accountOf;
		this.#findKey = accounts.findKey;
		this.#faults = faults;
		this.#serverTime = serverTime;
		this.#addresses = new RollingLimit(options.addressCalls, 5_000);
		const dcp = (run: Route["run"]): Route => ({ limit: new RollingLimit(options.dcpCallsPerSecond, 1_000), run });
		const order = (run: Route["run"]): Route => ({ limit: new RollingLimit(options.orderCallsPerSecond, 1_000), run });
		this.#routes = {
			"POST /v5/order/disconnected-cancel-all": dcp((account, body) => this.#setDcp(account, body)),
			"GET /v5/account/query-dcp-info": dcp((account) => this.#queryDcp(account)),
			"GET /v5/account/info": order(() => this.#info()),
			"POST /v5/order/create": order((account, body) => this.#create(account, body)),
			"POST /v5/order/cancel-all": order((account, body) => this.#cancelAll(account, body)),
			"GET /v5/order/realtime": order((account, _, query) => this.#list(account, query, true)),
			"GET /v5/order/history": order((account, _, query) => this.#list(account, query, false)),
		};
	}

	ban(address: string, forMs: number): void {
		this.#bannedUntil.set(address, Date.now() + forMs);
	}

	/** Whether an address is banned, for HTTP calls and for new connections. */
	isBanned(address: string): boolean {
		return [address, "*"].some((key) => Date.now() < (this.#bannedUntil.get(key) ?? 0));
	}

	answer(request: WireRequest): WireReply {
		if (this.#faults.withheld.reply) return { kind: "hang" };
		if (!this.isBanned(request.remoteAddress) && !this.#addresses.tryAcquire(request.remoteAddress).isAllowed) {
			this.ban(request.remoteAddress, this.#options.banMs);
		}
		if (this.isBanned(request.remoteAddress)) return plain(403, "access too frequent");
		if (request.method === "GET" && request.body !== "") return plain(403, "");
		const forced = this.#faults.takeForced(request, this.#serverTime());
		if (forced) return forced;
		const name = `${request.method} ${request.url.pathname}`;
		if (name === "GET /v5/market/time") return this.#reply({ result: this.#time(), retMsg: "OK" });
		const route = Object.hasOwn(this.#routes, name) ? this.#routes[name] : undefined;
		if (!route) return plain(404, "");
		const error = checkSignature(request, this.#findKey, this.#serverTime());
		if (error) return this.#reply(error);
		const account = this.#accountOf(request.headers["x-bapi-api-key"]);
		if (!account) return plain(401, "");
		const limit = route.limit.tryAcquire(account.keys[0]?.apiKey ?? "");
		if (!limit.isAllowed)
			return this.#reply({ retCode: 10006, retMsg: "Too many visits. Exceeded the API Rate Limit." }, limit);
		const body = readBody(request);
		if (!body) return this.#reply({ retCode: 10001, retMsg: "params error: the body is not JSON" }, limit);
		return this.#reply(route.run(account, body, request.url.searchParams), limit);
	}

	#setDcp(account: BybitAccount, body: Body): Outcome {
		// The venue's default product is OPTIONS, which is rarely what a caller wants.
		const { product = "OPTIONS", timeWindow } = body;
		const knownProduct = bybitProducts.find((name) => name === product);
		if (!knownProduct) return { retCode: 10001, retMsg: "params error: product invalid" };
		if (typeof timeWindow !== "number" || !Number.isInteger(timeWindow) || timeWindow < 3 || timeWindow > 300) {
			return { retCode: 10001, retMsg: "params error: timeWindow invalid" };
		}
		if (this.#options.accountMode === "classic")
			return { retCode: 10028, retMsg: "The API can only be accessed by unified account users." };
		const dcp = account.dcp(knownProduct);
		if (!dcp.enabled && this.#options.setWhenNotEnabled === "refuse") {
			return { retCode: 10005, retMsg: "Permission denied, please check your API key permissions." };
		}
		if (dcp.enabled && !this.#faults.ignoreSet) dcp.set(timeWindow, this.#options.settleMs);
		return { result: {}, retMsg: "success", short: this.#options.setReply === "short" };
	}

	#queryDcp(account: BybitAccount): Outcome {
		const dcpInfos = bybitProducts
			.map((product) => account.dcp(product))
			.filter((dcp) => dcp.enabled)
			.map((dcp): Schemas["DcpInfo"] => ({
				product: dcp.product,
				dcpStatus: "ON",
				timeWindow: String(dcp.shownSeconds),
			}));
		if (dcpInfos.length === 0 && this.#options.emptyList === "null") return { result: { dcpInfos: null } };
		if (dcpInfos.length === 0 && this.#options.emptyList === "absent") return { result: {} };
		return { result: { dcpInfos } };
	}

	/** As at the venue, `dcpStatus` and `timeWindow` here are always off, whatever Disconnection Protect is set to. */
	#info(): Outcome {
		const unifiedMarginStatus = { uta2: 5, uta1: 3, classic: 1 }[this.#options.accountMode];
		return { result: { unifiedMarginStatus, dcpStatus: "OFF", timeWindow: 0 } };
	}

	#time(): NonNullable<Schemas["MarketTime"]> {
		const ms = this.#serverTime();
		return { timeSecond: String(Math.floor(ms / 1_000)), timeNano: `${ms}000000` };
	}

	#create(account: BybitAccount, body: Body): Outcome {
		const product = productOf(body["category"]);
		if (!product || typeof body["symbol"] !== "string")
			return { retCode: 10001, retMsg: "params error: category or symbol" };
		const order = account.place(product, body["symbol"], body["triggerPrice"] !== undefined);
		if (!order) return { retCode: 10027, retMsg: "Transactions are banned." };
		return { result: { orderId: order.id, orderLinkId: "" } };
	}

	#cancelAll(account: BybitAccount, body: Body): Outcome {
		const product = productOf(body["category"]);
		if (!product) return { retCode: 10001, retMsg: "params error: category" };
		return { result: { list: account.cancelAll(product).map(({ id }) => ({ orderId: id, orderLinkId: "" })) } };
	}

	#list(account: BybitAccount, query: URLSearchParams, open: boolean): Outcome {
		const category = query.get("category") ?? "";
		if (!productOf(category)) return { retCode: 10001, retMsg: "params error: category" };
		const coin = query.get("settleCoin");
		if (open && category === "linear" && !coin && !query.has("symbol") && !query.has("baseCoin")) {
			return {
				retCode: 10001,
				retMsg: "params error: Missing some parameters that must be filled in, symbol or settleCoin or baseCoin",
			};
		}
		const limit = Number(query.get("limit") ?? 20);
		if (!Number.isInteger(limit) || limit < 1 || limit > 50) return { retCode: 10001, retMsg: "params error: limit" };
		const from = cursorIndex(query.get("cursor"));
		if (from === undefined) return { retCode: 10001, retMsg: "params error: cursor" };
		const all = account.book.list(category, coin, open);
		const list = all.slice(from, from + limit).map(toWire);
		// Contains percent signs, as the venue's cursors do: clients have to encode it.
		const nextPageCursor = from + limit < all.length ? `page_token%3D${from + limit}%26` : "";
		return { result: { category, nextPageCursor, list } };
	}

	#reply(outcome: Outcome, limit?: LimitState): WireReply {
		if ("status" in outcome) return plain(outcome.status, "");
		const time = this.#serverTime();
		const envelope =
			"retCode" in outcome
				? { retCode: outcome.retCode, retMsg: outcome.retMsg, result: {}, retExtInfo: {}, time }
				: outcome.short
					? { retCode: 0, retMsg: outcome.retMsg }
					: { retCode: 0, retMsg: outcome.retMsg ?? "success", result: outcome.result, retExtInfo: {}, time };
		const headers: Record<string, string> = { "content-type": "application/json" };
		if (limit) {
			headers["X-Bapi-Limit"] = String(limit.limit);
			headers["X-Bapi-Limit-Status"] = String(limit.remaining);
			headers["X-Bapi-Limit-Reset-Timestamp"] = String(limit.resetAt + (time - Date.now()));
		}
		return { kind: "reply", status: 200, headers, body: JSON.stringify(envelope) };
	}
}

/** The start of a page; undefined for an invalid cursor. */
function cursorIndex(cursor: string | null): number | undefined {
	if (!cursor) return 0;
	const [, digits] = /^page_token(?:%3D|=)(\d+)(?:%26|&)$/.exec(cursor) ?? [];
	return digits === undefined ? undefined : Number(digits);
}

function plain(status: number, body: string): WireReply {
	return { kind: "reply", status, body };
}

/** The parsed JSON body; undefined if it is invalid. A GET has no body. */
function readBody(request: WireRequest): Body | undefined {
	if (request.method === "GET") return {};
	try {
		const value: unknown = JSON.parse(request.body);
		return typeof value === "object" && value !== null ? (value as Body) : undefined;
	} catch {
		return undefined;
	}
}
