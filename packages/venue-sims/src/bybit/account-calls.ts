import { positionEntry, walletEntry } from "./account-formats.ts";
import { type Call, paramsError, readPage } from "./api-call.ts";
import { findInstrument, instrumentInfo, instruments, ticker } from "./instruments.ts";
import type { ResolvedBybitOptions } from "./options.ts";

const createdAt = "2026-01-01T00:00:00Z";
const expiresAt = "2031-01-01T00:00:00Z";

/**
 * The HTTP calls that return the details of the API key, the account, its balances and its positions. Clients make these calls when they
 * start.
 */
export function accountCalls({ accountMode }: ResolvedBybitOptions): Readonly<Record<string, Call>> {
	return {
		"GET /v5/user/query-api": (account) => ({
			retMsg: "",
			result: {
				id: String(account.userId),
				note: "simulated",
				apiKey: account.keys[0]?.apiKey,
				readOnly: 0,
				secret: "",
				permissions: {
					ContractTrade: ["Order", "Position"],
					Spot: ["SpotTrade"],
					Wallet: ["AccountTransfer", "SubMemberTransfer"],
					Options: ["OptionsTrade"],
					Derivatives: accountMode === "classic" ? [] : ["DerivativesTrade"],
					CopyTrading: [],
					BlockTrade: [],
					Exchange: [],
					NFT: [],
					Affiliate: [],
					Earn: [],
				},
				ips: ["*"],
				type: 1,
				deadlineDay: 90,
				expiredAt: expiresAt,
				createdAt,
				unified: 0,
				uta: accountMode === "classic" ? 0 : 1,
				userID: account.userId,
				inviterID: 0,
				vipLevel: "No VIP",
				mktMakerLevel: "0",
				affiliateID: 0,
				rsaPublicKey: account.keys[0]?.rsaPublicKey ?? "",
				isMaster: true,
				parentUid: "0",
				kycLevel: "LEVEL_DEFAULT",
				kycRegion: "",
			},
		}),
		// As at the real venue, `/v5/account/info` always returns `dcpStatus` OFF and `timeWindow` 0, whatever Disconnection Protect is set to.
		"GET /v5/account/info": () => ({
			retMsg: "OK",
			result: {
				marginMode: "REGULAR_MARGIN",
				updatedTime: String(Date.parse(createdAt)),
				unifiedMarginStatus: { uta2: 5, uta1: 3, classic: 1 }[accountMode],
				dcpStatus: "OFF",
				timeWindow: 0,
				smpGroup: 0,
				isMasterTrader: false,
				spotHedgingStatus: "OFF",
			},
		}),
		"GET /v5/account/wallet-balance": (account, _, query) => {
			const accountType = query.get("accountType");
			if (!accountType) return paramsError("accountType invalid");
			const coins = query.get("coin")?.split(",");
			return { result: { list: [walletEntry(account.portfolio, accountType, coins)] }, retMsg: "OK" };
		},
		"GET /v5/position/list": (account, _, query) => {
			const category = query.get("category");
			const symbol = query.get("symbol");
			const settleCoin = query.get("settleCoin");
			if (!["linear", "inverse", "option"].includes(category ?? "")) return paramsError("category invalid");
			if (category === "linear" && !symbol && !settleCoin) return paramsError("symbol or settleCoin is required");
			const { portfolio } = account;
			const named = findInstrument(category, symbol);
			// A request that names a symbol gets an entry for this symbol even if there is no position. Any other request gets only the open
			// positions.
			const list = named
				? [positionEntry(named, portfolio.positionOf(named))]
				: portfolio.positions
						.filter((position) => position.category === category && position.size !== 0)
						.filter(({ instrument }) => !symbol && (!settleCoin || instrument.settleCoin === settleCoin))
						.map((position) => positionEntry(position.instrument, position));
			return { result: { list, nextPageCursor: "", category }, retMsg: "OK" };
		},
		"GET /v5/asset/coin/query-info": (_account, _body, query) => {
			const coins = query.has("coin") ? [query.get("coin") ?? ""] : ["BTC", "ETH", "USDC", "USDT"];
			return { result: { rows: coins.map(coinInfo) }, retMsg: "success" };
		},
	};
}

/** Answers `/v5/market/instruments-info`, which needs no API key. */
export function instrumentsInfo(query: URLSearchParams) {
	const category = query.get("category");
	const symbol = query.get("symbol");
	const baseCoin = query.get("baseCoin");
	const all = instruments.filter((each) => each.category === category);
	if (all.length === 0) return paramsError("category invalid");
	const range = readPage(query, 1_000, 500);
	if (typeof range === "string") return paramsError(range);
	const list = all
		.filter((each) => (!symbol || each.symbol === symbol) && (!baseCoin || each.baseCoin === baseCoin))
		.slice(range.from, range.to)
		.map(instrumentInfo);
	if (category === "spot") return { result: { category, list }, retMsg: "OK" };
	if (category === "option") return { result: { category, nextPageCursor: "", list }, retMsg: "OK" };
	return { result: { category, list, nextPageCursor: "" }, retMsg: "OK" };
}

/** Answers `/v5/market/tickers`, which needs no API key. */
export function tickers(query: URLSearchParams) {
	const category = query.get("category");
	const all = instruments.filter((each) => each.category === category);
	if (all.length === 0) return paramsError("category invalid");
	const symbol = query.get("symbol");
	const list = all.filter((each) => !symbol || each.symbol === symbol).map(ticker);
	return { result: { category, list }, retMsg: "OK" };
}

function coinInfo(coin: string): object {
	const chain = {
		chainType: "Ethereum",
		confirmation: "6",
		withdrawFee: "3",
		depositMin: "0",
		withdrawMin: "3",
		chain: "ETH",
		chainDeposit: "1",
		chainWithdraw: "1",
		minAccuracy: "8",
		withdrawPercentageFee: "0",
		contractAddress: "",
	};
	return { name: coin, coin, remainAmount: "10000000", chains: [chain] };
}
