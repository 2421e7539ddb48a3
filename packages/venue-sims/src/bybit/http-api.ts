import type { components } from "../generated/bybit-dcp.ts";
import type { WireReply, WireRequest } from "../venue.ts";
import type { BybitAccount } from "./account.ts";
import { accountCalls, instrumentsInfo, tickers } from "./account-calls.ts";
import type { ActiveFaults } from "./active-faults.ts";
import type { Body, Call, Outcome } from "./api-call.ts";
import { dcpCalls } from "./dcp-calls.ts";
import type { ResolvedBybitOptions } from "./options.ts";
import { orderCalls } from "./order-calls.ts";
import { type LimitState, RollingLimit } from "./rolling-rate-limit.ts";
import { checkSignature, type FindKey } from "./verify-signature.ts";

type Schemas = components["schemas"];

/** The HTTP API of a simulated Bybit. */
export class BybitRest {
	readonly #options: ResolvedBybitOptions;
	readonly #accountOf: (apiKey: unknown) => BybitAccount | undefined;
	readonly #findKey: FindKey;
	readonly #faults: ActiveFaults;
	readonly #serverTime: () => number;
	readonly #addresses: RollingLimit;
	readonly #bannedUntil = new Map<string, number>();
	readonly #calls: ReadonlyMap<string, { readonly limit: RollingLimit; readonly call: Call }>;

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
		const limited = (calls: Readonly<Record<string, Call>>, perSecond: number) =>
			Object.entries(calls).map(([name, call]) => [name, { limit: new RollingLimit(perSecond, 1_000), call }] as const);
		this.#calls = new Map([
			...limited(dcpCalls(options, faults), options.dcpCallsPerSecond),
			...limited({ ...orderCalls, ...accountCalls(options) }, options.orderCallsPerSecond),
		]);
	}

	ban(address: string, forMs: number): void {
		this.#bannedUntil.set(address, Date.now() + forMs);
	}

	/**
	 * The 403 reply that a banned or geo-blocked address gets for HTTP calls and new connections; undefined if the
	 * address is not blocked.
	 */
	refusal(address: string): WireReply | undefined {
		if (this.#faults.isGeoBlocked) return geoBlock();
		const isBanned = [address, "*"].some((key) => Date.now() < (this.#bannedUntil.get(key) ?? 0));
		return isBanned ? plain(403, "access too frequent") : undefined;
	}

	answer(request: WireRequest): WireReply {
		if (this.#faults.withheld.reply) return { kind: "hang" };
		if (!this.refusal(request.remoteAddress) && !this.#addresses.tryAcquire(request.remoteAddress).isAllowed) {
			this.ban(request.remoteAddress, this.#options.banMs);
		}
		const refusal = this.refusal(request.remoteAddress);
		if (refusal) return refusal;
		if (request.method === "GET" && request.body !== "") return plain(403, "");
		const forced = this.#faults.takeForced(request, this.#serverTime());
		if (forced) return forced;
		const name = `${request.method} ${request.url.pathname}`;
		if (name === "GET /v5/market/time") return this.#reply({ result: this.#time(), retMsg: "OK" });
		if (name === "GET /v5/market/instruments-info") return this.#reply(instrumentsInfo(request.url.searchParams));
		if (name === "GET /v5/market/tickers") return this.#reply(tickers(request.url.searchParams));
		const route = this.#calls.get(name);
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
		return this.#reply(route.call(account, body, request.url.searchParams), limit);
	}

	#time(): NonNullable<Schemas["MarketTime"]> {
		const ms = this.#serverTime();
		return { timeSecond: String(Math.floor(ms / 1_000)), timeNano: `${ms}000000` };
	}

	#reply(outcome: Outcome, limit?: LimitState): WireReply {
		if ("status" in outcome) return plain(outcome.status, "");
		const time = this.#serverTime();
		const envelope =
			"retCode" in outcome
				? { retCode: outcome.retCode, retMsg: outcome.retMsg, result: {}, retExtInfo: {}, time }
				: outcome.short
					? { retCode: 0, retMsg: outcome.retMsg }
					: { retCode: 0, retMsg: outcome.retMsg, result: outcome.result, retExtInfo: {}, time };
		const headers: Record<string, string> = { "content-type": "application/json" };
		if (limit) {
			headers["X-Bapi-Limit"] = String(limit.limit);
			headers["X-Bapi-Limit-Status"] = String(limit.remaining);
			headers["X-Bapi-Limit-Reset-Timestamp"] = String(limit.resetAt + (time - Date.now()));
		}
		return { kind: "reply", status: 200, headers, body: JSON.stringify(envelope) };
	}
}

function plain(status: number, body: string): WireReply {
	return { kind: "reply", status, body };
}

/** The page that Bybit's content delivery network returns to clients in countries that Bybit does not serve. */
function geoBlock(): WireReply {
	const body = `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN" "http://www.w3.org/TR/html4/loose.dtd">
<HTML><HEAD><META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=iso-8859-1">
<TITLE>ERROR: The request could not be satisfied</TITLE>
</HEAD><BODY>
<H1>403 ERROR</H1>
<H2>The request could not be satisfied.</H2>
The Amazon CloudFront distribution is configured to block access from your country.
</BODY></HTML>`;
	const headers = { server: "CloudFront", "content-type": "text/html", "x-cache": "Error from cloudfront" };
	return { kind: "reply", status: 403, headers, body };
}

/** The parsed JSON body; undefined if it is invalid. A GET has no body. */
function readBody(request: WireRequest): Body | undefined {
	if (request.method === "GET") return {};
	try {
		const value: unknown = JSON.parse(request.body);
		// The cast is safe: each member is checked before it is used.
		return typeof value === "object" && value !== null ? (value as Body) : undefined;
	} catch {
		return undefined;
	}
}
