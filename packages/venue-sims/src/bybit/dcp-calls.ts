import type { components } from "../generated/bybit-dcp.ts";
import type { BybitAccount } from "./account.ts";
import type { ActiveFaults } from "./active-faults.ts";
import { type Body, type Call, type Outcome, paramsError } from "./api-call.ts";
import { bybitProducts, type ResolvedBybitOptions } from "./options.ts";

type Schemas = components["schemas"];

/** The two HTTP calls of Disconnection Protect. */
export function dcpCalls(options: ResolvedBybitOptions, faults: ActiveFaults): Readonly<Record<string, Call>> {
	return {
		"POST /v5/order/disconnected-cancel-all": (account, body) => setWindow(options, faults, account, body),
		"GET /v5/account/query-dcp-info": (account) => query(options, account),
	};
}

function setWindow(options: ResolvedBybitOptions, faults: ActiveFaults, account: BybitAccount, body: Body): Outcome {
	// As at the real venue, a call without `product` applies to OPTIONS, although callers rarely want that.
	const { product = "OPTIONS", timeWindow } = body;
	const knownProduct = bybitProducts.find((name) => name === product);
	if (!knownProduct) return paramsError("product invalid");
	if (typeof timeWindow !== "number" || !Number.isInteger(timeWindow) || timeWindow < 3 || timeWindow > 300) {
		return paramsError("timeWindow invalid");
	}
	if (options.accountMode === "classic") {
		return { retCode: 10028, retMsg: "The API can only be accessed by unified account users." };
	}
	const dcp = account.dcp(knownProduct);
	if (!dcp.enabled && options.setWhenNotEnabled === "refuse") {
		return { retCode: 10005, retMsg: "Permission denied, please check your API key permissions." };
	}
	if (dcp.enabled && !faults.ignoreSet) dcp.set(timeWindow, options.settleMs);
	return { result: {}, retMsg: "success", short: options.setReply === "short" };
}

function query({ emptyList }: ResolvedBybitOptions, account: BybitAccount): Outcome {
	const dcpInfos = bybitProducts
		.map((product) => account.dcp(product))
		.filter((dcp) => dcp.enabled)
		.map((dcp): Schemas["DcpInfo"] => ({
			product: dcp.product,
			dcpStatus: "ON",
			timeWindow: String(dcp.shownSeconds),
		}));
	const isEmpty = dcpInfos.length === 0;
	if (isEmpty && emptyList === "null") return { result: { dcpInfos: null }, retMsg: "success" };
	if (isEmpty && emptyList === "absent") return { result: {}, retMsg: "success" };
	return { result: { dcpInfos }, retMsg: "success" };
}
