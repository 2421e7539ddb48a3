import type { components } from "../generated/bybit-dcp.ts";
import type { WireReply, WireRequest } from "../venue.ts";
import type { Account } from "./account.ts";
import { productOf, toWire } from "./book.ts";
import { Budget, type Spent } from "./budget.ts";
import type { Faults } from "./faults.ts";
import { bybitProducts, type Product, type ResolvedBybitOptions } from "./options.ts";
import { type Refusal, refuseSignature } from "./signature.ts";

type Schemas = components["schemas"];
/** What a call did: its `result`, or a refusal. */
type Outcome = { result: object; retMsg?: string; short?: boolean } | Refusal;
type Body = Readonly<Record<string, unknown>>;

interface Route {
	budget: Budget;
	run(body: Body, query: URLSearchParams): Outcome;
}

/** The HTTP calls. */
export class Rest {
	readonly #options: ResolvedBybitOptions;
	readonly #account: Account;
	readonly #faults: Faults;
	readonly #serverTime: () => number;
	readonly #addresses: Budget;
	readonly #bannedUntil = new Map<string, number>();
	readonly #routes: Readonly<Record<string, Route>>;

	constructor(options: ResolvedBybitOptions, account: Account, faults: Faults, serverTime: () => number) {
		this.#options = options;
		this.#account = account;
		this.#faults = faults;
		this.#serverTime = serverTime;
		this.#addresses = new Budget(options.addressCalls, 5_000);
		const dcp = (run: Route["run"]): Route => ({ budget: new Budget(options.dcpCallsPerSecond, 1_000), run });
		const order = (run: Route["run"]): Route => ({ budget: new Budget(options.orderCallsPerSecond, 1_000), run });
		this.#routes = {
			"POST /v5/order/disconnected-cancel-all": dcp((body) => this.#setDcp(body)),
			"GET /v5/account/query-dcp-info": dcp(() => this.#queryDcp()),
			"POST /v5/order/create": order((body) => this.#create(body)),
			"POST /v5/order/cancel-all": order((body) => this.#cancelAll(body)),
			"GET /v5/order/realtime": order((_, query) => this.#list(query, true)),
			"GET /v5/order/history": order((_, query) => this.#list(query, false)),
		};
	}

	ban(address: string, forMs: number): void {
		this.#bannedUntil.set(address, Date.now() + forMs);
	}

	/** True while the address is banned; a new connection is refused as well. */
	banned(address: string): boolean {
		return [address, "*"].some((key) => Date.now() < (this.#bannedUntil.get(key) ?? 0));
	}

	answer(request: WireRequest): WireReply {
		if (this.#faults.withheld.reply) return { kind: "hang" };
		if (!this.banned(request.remoteAddress) && !this.#addresses.spend(request.remoteAddress).passed) {
			this.ban(request.remoteAddress, this.#options.banMs);
		}
		if (this.banned(request.remoteAddress)) return plain(403, "access too frequent");
		if (request.method === "GET" && request.body !== "") return plain(403, "");
		const forced = this.#faults.take(request, this.#serverTime());
		if (forced) return forced;
		const name = `${request.method} ${request.url.pathname}`;
		if (name === "GET /v5/market/time") return this.#reply({ result: this.#time(), retMsg: "OK" });
		const route = Object.hasOwn(this.#routes, name) ? this.#routes[name] : undefined;
		if (!route) return plain(404, "");
		const refused = refuseSignature(request, this.#options, this.#serverTime());
		if (refused) return this.#reply(refused);
		const spent = route.budget.spend(name);
		if (!spent.passed)
			return this.#reply({ retCode: 10006, retMsg: "Too many visits. Exceeded the API Rate Limit." }, spent);
		const body = readBody(request);
		if (!body) return this.#reply({ retCode: 10001, retMsg: "params error: the body is not JSON" }, spent);
		return this.#reply(route.run(body, request.url.searchParams), spent);
	}

	#setDcp(body: Body): Outcome {
		// The venue's default, and the trap it is.
		const { product = "OPTIONS", timeWindow } = body;
		const known = bybitProducts.find((name) => name === product);
		if (!known) return { retCode: 10001, retMsg: "params error: product invalid" };
		if (typeof timeWindow !== "number" || !Number.isInteger(timeWindow) || timeWindow < 3 || timeWindow > 300) {
			return { retCode: 10001, retMsg: "params error: timeWindow invalid" };
		}
		const dcp = this.#account.dcp(known);
		if (!dcp.enabled && this.#options.setWhenNotEnabled === "refuse") {
			return { retCode: 10005, retMsg: "Permission denied, please check your API key permissions." };
		}
		if (dcp.enabled && !this.#faults.ignoreSet) dcp.set(timeWindow, this.#options.settleMs);
		return { result: {}, retMsg: "success", short: this.#options.setReply === "short" };
	}

	#queryDcp(): Outcome {
		const dcpInfos = bybitProducts
			.map((product) => this.#account.dcp(product))
			.filter((dcp) => dcp.enabled)
			.map((dcp): Schemas["DcpInfo"] => ({
				product: dcp.product,
				dcpStatus: "ON",
				timeWindow: String(dcp.windowSeconds),
			}));
		if (dcpInfos.length === 0 && this.#options.emptyList === "null") return { result: { dcpInfos: null } };
		if (dcpInfos.length === 0 && this.#options.emptyList === "absent") return { result: {} };
		return { result: { dcpInfos } };
	}

	#time(): NonNullable<Schemas["MarketTime"]> {
		const ms = this.#serverTime();
		return { timeSecond: String(Math.floor(ms / 1_000)), timeNano: `${ms}000000` };
	}

	#create(body: Body): Outcome {
		const product = productOf(body["category"]);
		if (!product || typeof body["symbol"] !== "string")
			return { retCode: 10001, retMsg: "params error: category or symbol" };
		const order = this.#account.place(product, body["symbol"]);
		if (!order) return { retCode: 10027, retMsg: "Transactions are banned." };
		return { result: { orderId: order.id, orderLinkId: "" } };
	}

	#cancelAll(body: Body): Outcome {
		const product = productOf(body["category"]);
		if (!product) return { retCode: 10001, retMsg: "params error: category" };
		return { result: { list: this.#account.cancelAll(product).map(({ id }) => ({ orderId: id, orderLinkId: "" })) } };
	}

	#list(query: URLSearchParams, open: boolean): Outcome {
		const category = query.get("category");
		const product: Product | undefined = productOf(category);
		if (!product) return { retCode: 10001, retMsg: "params error: category" };
		return { result: { category, nextPageCursor: "", list: this.#account.book.of(product, open).map(toWire) } };
	}

	#reply(outcome: Outcome, spent?: Spent): WireReply {
		if ("status" in outcome) return plain(outcome.status, "");
		const time = this.#serverTime();
		const envelope =
			"retCode" in outcome
				? { retCode: outcome.retCode, retMsg: outcome.retMsg, result: {}, retExtInfo: {}, time }
				: outcome.short
					? { retCode: 0, retMsg: outcome.retMsg }
					: { retCode: 0, retMsg: outcome.retMsg ?? "success", result: outcome.result, retExtInfo: {}, time };
		const headers: Record<string, string> = { "content-type": "application/json" };
		if (spent) {
			headers["X-Bapi-Limit"] = String(spent.limit);
			headers["X-Bapi-Limit-Status"] = String(spent.left);
			headers["X-Bapi-Limit-Reset-Timestamp"] = String(spent.resetAt + (time - Date.now()));
		}
		return { kind: "reply", status: 200, headers, body: JSON.stringify(envelope) };
	}
}

function plain(status: number, body: string): WireReply {
	return { kind: "reply", status, body };
}

/** The members of a body; those of a GET, which has none, are none. */
function readBody(request: WireRequest): Body | undefined {
	if (request.method === "GET") return {};
	try {
		const value: unknown = JSON.parse(request.body);
		return typeof value === "object" && value !== null ? (value as Body) : undefined;
	} catch {
		return undefined;
	}
}
