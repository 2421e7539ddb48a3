import type { components } from "../generated/ibkr-session.ts";
import type { IbkrSession } from "./session.ts";

type Schemas = components["schemas"];

const assetTypes = "STK,CFD,OPT,FOP,WAR,FUT,BAG,PDC,CASH,IND,BOND,BILL,FUND,SLB,News,CMDTY,IOPT,ICU,ICS,PHYSS,CRYPTO";
const anyPeriod = ["STK", "CFD", "WAR", "IOPT", "FUT", "CASH", "IND", "BOND", "FUND", "CMDTY", "PHYSS", "CRYPTO"];

/**
 * The accounts in the format of `/iserver/accounts` and the topic `act`, with the recorded members in the recorded
 * sequence.
 */
export function accountsReply({ accounts, isPaper, id, serverInfo }: IbkrSession) {
	const props = {
		hasChildAccounts: false,
		supportsCashQty: true,
		liteUnderPro: false,
		noFXConv: false,
		isProp: false,
		supportsFractions: true,
		allowCustomerTime: false,
		autoFx: false,
	};
	return {
		accounts: [...accounts],
		acctProps: Object.fromEntries(accounts.map((account) => [account, props])),
		aliases: Object.fromEntries(accounts.map((account) => [account, account])),
		allowFeatures: {
			showGFIS: true,
			showEUCostReport: false,
			allowEventContract: true,
			allowFXConv: true,
			allowFinancialLens: false,
			allowMTA: true,
			allowTypeAhead: true,
			allowEventTrading: true,
			snapshotRefreshTimeout: 30,
			liteUser: false,
			showWebNews: true,
			research: true,
			debugPnl: true,
			showTaxOpt: true,
			showImpactDashboard: true,
			allowDynAccount: false,
			allowCrypto: false,
			allowFA: false,
			allowLiteUnderPro: false,
			allowedAssetTypes: assetTypes,
			restrictTradeSubscription: false,
			showUkUserLabels: false,
			sideBySide: true,
		},
		chartPeriods: Object.fromEntries(anyPeriod.map((type) => [type, ["*"]])),
		groups: [],
		profiles: [],
		selectedAccount: accounts[0] ?? null,
		serverInfo,
		sessionId: id,
		isFT: false,
		isPaper,
	} satisfies Schemas["SocketAct"]["args"];
}

/** The accounts in the format of `/portfolio/accounts`, with the documented members in the documented sequence. */
export function portfolioAccountsReply({ accounts }: Pick<IbkrSession, "accounts">): object[] {
	return accounts.map((id) => ({
		id,
		"PrepaidCrypto-Z": false,
		"PrepaidCrypto-P": false,
		brokerageAccess: true,
		accountId: id,
		accountVan: id,
		accountTitle: "",
		displayName: id,
		accountAlias: null,
		accountStatus: 1_644_814_800_000,
		currency: "USD",
		type: "DEMO",
		tradingType: "PMRGN",
		businessType: "IB_PROSERVE",
		ibEntity: "IBLLC-US",
		faclient: false,
		clearingStatus: "O",
		covestor: false,
		noClientTrading: false,
		trackVirtualFXPortfolio: true,
		parent: { mmc: [], accountId: "", isMParent: false, isMChild: false, isMultiplex: false },
		desc: id,
	}));
}
