import { decimal } from "./format-decimal.ts";
import type { Instrument } from "./instruments.ts";
import { type Execution, type Portfolio, type Position, profitPerContract } from "./portfolio.ts";

const leverage = 10;

/** The value of one coin in US dollars, by the name of the coin. */
const usdOf: Readonly<Record<string, number>> = { USDT: 1, USDC: 1, USD: 1, BTC: 60_000, ETH: 3_000 };

/** An execution in the format of the `execution` topics, with the documented members in the documented sequence. */
export function executionPush({ order, ...execution }: Execution): object {
	return {
		category: order.category,
		symbol: order.instrument,
		execFee: decimal(execution.fee),
		execId: execution.id,
		execPrice: decimal(execution.price),
		execQty: decimal(execution.qty),
		execType: "Trade",
		execValue: decimal(execution.value),
		isMaker: execution.isMaker,
		feeRate: decimal(execution.feeRate),
		tradeIv: "",
		markIv: "",
		blockTradeId: "",
		markPrice: decimal(execution.price),
		indexPrice: "",
		underlyingPrice: "",
		leavesQty: decimal(execution.leavesQty),
		orderId: order.id,
		orderLinkId: order.linkId,
		orderPrice: order.price,
		orderQty: order.qty,
		orderType: order.orderType,
		stopOrderType: "UNKNOWN",
		side: order.side,
		execTime: String(execution.at),
		isLeverage: "0",
	};
}

/** An execution in the format of the `execution.fast` topics. The order link id is empty if the order was the maker. */
export function fastExecutionPush({ order, ...execution }: Execution): object {
	return {
		category: order.category,
		symbol: order.instrument,
		execId: execution.id,
		execPrice: decimal(execution.price),
		execQty: decimal(execution.qty),
		orderId: order.id,
		isMaker: execution.isMaker,
		orderLinkId: execution.isMaker ? "" : order.linkId,
		side: order.side,
		execTime: String(execution.at),
		seq: execution.sequence,
	};
}

/** The members of a position that occur both in pushes of the `position` topics and in the reply to `/v5/position/list`. */
function positionFacts(instrument: Instrument, position: Position | undefined) {
	const { size = 0, averagePrice = 0, realisedPnl = 0 } = position ?? {};
	const isInverse = instrument.category === "inverse";
	const value = averagePrice === 0 ? 0 : Math.abs(isInverse ? size / averagePrice : size * averagePrice);
	return {
		symbol: instrument.symbol,
		side: size === 0 ? "" : size > 0 ? "Buy" : "Sell",
		size: decimal(Math.abs(size)),
		price: decimal(averagePrice),
		value: decimal(value),
		margin: decimal(value / leverage),
		unrealised: decimal(size * profitPerContract(instrument, averagePrice, instrument.lastPrice)),
		realised: decimal(realisedPnl),
		mark: decimal(instrument.lastPrice),
		createdTime: String(position?.createdAt ?? 0),
		updatedTime: String(position?.updatedAt ?? 0),
		seq: position?.sequence ?? -1,
	};
}

/** A position in the format of the `position` topics, with the documented members in the documented sequence. */
export function positionPush(position: Position): object {
	const facts = positionFacts(position.instrument, position);
	return {
		positionIdx: 0,
		tradeMode: 0,
		riskId: 1,
		riskLimitValue: "2000000",
		symbol: facts.symbol,
		side: facts.side,
		size: facts.size,
		entryPrice: facts.price,
		leverage: String(leverage),
		positionValue: facts.value,
		positionBalance: facts.margin,
		markPrice: facts.mark,
		positionIM: facts.margin,
		positionMM: "0",
		takeProfit: "0",
		stopLoss: "0",
		trailingStop: "0",
		unrealisedPnl: facts.unrealised,
		curRealisedPnl: facts.realised,
		cumRealisedPnl: facts.realised,
		sessionAvgPrice: "0",
		createdTime: facts.createdTime,
		updatedTime: facts.updatedTime,
		tpslMode: "Full",
		liqPrice: "0",
		bustPrice: "",
		category: position.category,
		positionStatus: "Normal",
		adlRankIndicator: 0,
		autoAddMargin: 0,
		leverageSysUpdatedTime: "",
		mmrSysUpdatedTime: "",
		seq: facts.seq,
		isReduceOnly: false,
	};
}

/** A position in the format of `/v5/position/list`, with the documented members in the documented sequence. */
export function positionEntry(instrument: Instrument, position: Position | undefined): object {
	const facts = positionFacts(instrument, position);
	return {
		positionIdx: 0,
		riskId: 1,
		riskLimitValue: "2000000",
		symbol: facts.symbol,
		side: facts.side,
		size: facts.size,
		avgPrice: facts.price,
		positionValue: facts.value,
		tradeMode: 0,
		positionStatus: "Normal",
		autoAddMargin: 0,
		adlRankIndicator: 0,
		leverage: String(leverage),
		positionBalance: facts.margin,
		markPrice: facts.mark,
		liqPrice: "",
		bustPrice: "",
		positionMM: "0",
		positionIM: facts.margin,
		tpslMode: "Full",
		takeProfit: "",
		stopLoss: "",
		trailingStop: "0",
		unrealisedPnl: facts.unrealised,
		curRealisedPnl: facts.realised,
		cumRealisedPnl: facts.realised,
		seq: facts.seq,
		isReduceOnly: false,
		mmrSysUpdatedTime: "",
		leverageSysUpdatedTime: "",
		sessionAvgPrice: "",
		createdTime: facts.createdTime,
		updatedTime: facts.updatedTime,
	};
}

function coinFacts({ balances, realisedPnl }: Portfolio, coin: string) {
	const balance = balances.get(coin) ?? 0;
	return {
		equity: decimal(balance),
		usdValue: decimal(balance * (usdOf[coin] ?? 0)),
		realised: decimal(realisedPnl.get(coin) ?? 0),
	};
}

function totalUsd({ balances }: Portfolio): string {
	return decimal([...balances].reduce((sum, [coin, balance]) => sum + balance * (usdOf[coin] ?? 0), 0));
}

/** The wallet in the format of the topic `wallet`, with the documented members in the documented sequence. */
export function walletPush(portfolio: Portfolio): object {
	const total = totalUsd(portfolio);
	return {
		accountIMRate: "0",
		accountIMRateByMp: "0",
		accountMMRate: "0",
		accountMMRateByMp: "0",
		totalEquity: total,
		totalWalletBalance: total,
		totalMarginBalance: total,
		totalAvailableBalance: total,
		totalPerpUPL: "0",
		totalInitialMargin: "0",
		totalInitialMarginByMp: "0",
		totalMaintenanceMargin: "0",
		totalMaintenanceMarginByMp: "0",
		coin: [...portfolio.balances.keys()].map((coin) => {
			const facts = coinFacts(portfolio, coin);
			return {
				coin,
				equity: facts.equity,
				usdValue: facts.usdValue,
				walletBalance: facts.equity,
				availableToWithdraw: facts.equity,
				availableToBorrow: "",
				borrowAmount: "0",
				accruedInterest: "0",
				totalOrderIM: "0",
				totalPositionIM: "0",
				totalPositionMM: "0",
				unrealisedPnl: "0",
				cumRealisedPnl: facts.realised,
				bonus: "0",
				collateralSwitch: true,
				marginCollateral: true,
				locked: "0",
				spotHedgingQty: "0",
				spotBorrow: "0",
			};
		}),
		accountLTV: "0",
		accountType: "UNIFIED",
	};
}

/** The wallet in the format of `/v5/account/wallet-balance`, with the documented members in the documented sequence. */
export function walletEntry(portfolio: Portfolio, accountType: string, coins: readonly string[] | undefined): object {
	const total = totalUsd(portfolio);
	return {
		totalEquity: total,
		accountIMRate: "0",
		accountIMRateByMp: "0",
		totalMarginBalance: total,
		totalInitialMargin: "0",
		totalInitialMarginByMp: "0",
		accountType,
		totalAvailableBalance: total,
		accountMMRate: "0",
		accountMMRateByMp: "0",
		totalPerpUPL: "0",
		totalWalletBalance: total,
		accountLTV: "0",
		totalMaintenanceMargin: "0",
		totalMaintenanceMarginByMp: "0",
		coin: (coins ?? [...portfolio.balances.keys()]).map((coin) => {
			const facts = coinFacts(portfolio, coin);
			return {
				availableToBorrow: "",
				bonus: "0",
				accruedInterest: "0",
				availableToWithdraw: facts.equity,
				totalOrderIM: "0",
				equity: facts.equity,
				totalPositionMM: "0",
				usdValue: facts.usdValue,
				spotHedgingQty: "0",
				unrealisedPnl: "0",
				collateralSwitch: true,
				borrowAmount: "0",
				totalPositionIM: "0",
				walletBalance: facts.equity,
				cumRealisedPnl: facts.realised,
				locked: "0",
				marginCollateral: true,
				coin,
				spotBorrow: "0",
			};
		}),
	};
}
