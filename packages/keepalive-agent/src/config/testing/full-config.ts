import type { AlertsConfig, SessionAlertOptions } from "../../alerts/alert-options.ts";
import type { ChannelConfig } from "../../alerts/channels/channel-config.ts";
import type { DrillConfig } from "../../drill/drill-results.ts";
import type { GivenHistory } from "../../history/history-config.ts";
import type { LeaderConfig } from "../../leader/leader-config.ts";
import type { GivenRelay } from "../../relay/relay-config.ts";
import type { GivenStrategy } from "../../strategies/strategy-config.ts";
import type { BybitConfig, DeribitConfig, IbkrConfig, KeeperConfig } from "../config.ts";

/** A type with all options required, so that a new option that is not set here does not compile. */
type All<T> = T extends readonly unknown[] ? T : T extends object ? { [Name in keyof T]-?: T[Name] } : T;

const secret = "env:SECRET";

const hedge: All<Omit<DeribitConfig, "client">> & { client: All<DeribitConfig["client"]> } = {
	venue: "deribit",
	client: {
		url: "wss://test.deribit.com/ws/api/v2",
		connectTimeoutMs: 5_000,
		callTimeoutMs: 5_000,
		closeTimeoutMs: 1_000,
		whenCreditsAreSpent: "wait",
		credentials: { clientId: secret, clientSecret: secret, grant: "client_credentials", authScope: "session:bot" },
	},
	armingPermission: "account:read_write",
	intervalSeconds: 10,
	pingMs: 1_200,
	pongTimeoutMs: 960,
	cancelScope: "account",
	orderLabel: "hedge",
	verifyEveryMs: 60_000,
	leader: true,
};

const maker: All<Omit<BybitConfig, "client">> & { client: All<BybitConfig["client"]> } = {
	venue: "bybit",
	client: {
		apiKey: secret,
		apiSecret: secret,
		restUrl: "https://api-testnet.bybit.com",
		wsUrl: "wss://stream-testnet.bybit.com/v5/private",
		recvWindowMs: 5_000,
	},
	products: ["DERIVATIVES", "SPOT"],
	windowSeconds: 10,
	maxActiveTimeSeconds: 30,
	settleMs: 10_000,
	pingMs: 1_200,
	pongTimeoutMs: 900,
	verifyEveryMs: 60_000,
	callTimeoutMs: 3_000,
	othersKeepAlive: false,
	leader: false,
};

const broker: All<Omit<IbkrConfig, "oauth1" | "oauth2">> = {
	venue: "ibkr",
	client: { baseUrl: "https://localhost:5000/v1/api", callTimeoutMs: 12_000, userAgent: "agent" },
	gateway: { fingerprint256: Array.from({ length: 32 }, () => "AB").join(":") },
	compete: true,
	logoutOnClose: false,
	tickleMs: 20_000,
	ttlMs: 300_000,
	pollMs: 1_000,
	readyTimeoutMs: 120_000,
	yieldMs: 60_000,
	initBackoffMs: 60_000,
	maxTakeoversPerDay: 10,
	maxInitsPerDay: 100,
	region: "europe",
	socket: { ticMs: 30_000, deadMs: 35_000 },
	expect: { accounts: ["U1"], loginType: "paper" },
	leader: true,
};

const keeper: All<KeeperConfig> = {
	backoff: { firstMs: 500, baseMs: 3_000, capMs: 30_000, factor: 2, unreachableCapMs: 5_000 },
	restarts: { burst: 30, everyMs: 60_000 },
	stableMs: 30_000,
	openTimeoutMs: 180_000,
	closeTimeoutMs: 10_000,
	stopTimeoutMs: 9_000,
	blockedRetryMs: 60_000,
	stallMs: 1_000,
};

const history: All<Omit<Exclude<GivenHistory, boolean>, "file">> = {
	postgresUrl: secret,
	postgresSchema: "keepalive",
	maxDays: 90,
	maxBytes: 200_000_000,
};

/** A reference to the address of a service. The address has to be a URL, and is a secret like a key. */
const address = "env:ADDRESS";

type Channel<Type> = All<Extract<ChannelConfig, { readonly type: Type }>>;

const channels = {
	hook: { type: "webhook", webhookUrl: address, token: secret, minSeverity: "info" } satisfies Channel<"webhook">,
	team: { type: "slack", webhookUrl: address, minSeverity: "warn" } satisfies Channel<"slack" | "discord">,
	chat: {
		type: "telegram",
		botToken: secret,
		chatId: "-100",
		apiUrl: "https://api.telegram.org",
		minSeverity: "warn",
	} satisfies Channel<"telegram">,
	oncall: {
		type: "pagerduty",
		routingKey: secret,
		apiUrl: "https://events.pagerduty.com",
		minSeverity: "page",
	} satisfies Channel<"pagerduty">,
};

const limits: All<SessionAlertOptions> = { notReadySeconds: 60, expectedSeconds: 900, exposureSeconds: 60 };

const alerts: All<AlertsConfig> = {
	pageUrl: "https://keeper.example/",
	...limits,
	sessions: { hedge: limits },
	channels,
	healthcheck: { pingUrl: address, intervalSeconds: 60, sessions: ["hedge", "broker"], reportsFailure: false },
};

const strategies = {
	bot: { sessions: ["maker"], toleranceMs: 5_000, pulseFile: "pulse", shared: true },
} satisfies Record<string, GivenStrategy>;

const relay: All<GivenRelay> = {
	port: 7301,
	orderRate: { perSecond: 5, burst: 20 },
	bots: {
		bot: {
			token: secret,
			sessions: ["hedge"],
			ordersOnDisconnect: "cancel",
			cancelWithinMs: 5_000,
			keepsOrdersOnClose: false,
			staysConnected: false,
		} satisfies All<GivenRelay["bots"][string]>,
	},
};

const leader: All<LeaderConfig> = {
	postgresUrl: secret,
	table: "keepalive_leader",
	ttlMs: 15_000,
	renewMs: 5_000,
	marginMs: 2_000,
	pollMs: 1_000,
	handOverMs: 60_000,
};

/** A configuration that sets every option except the options of OAuth. Its types are those of the sessions' own options. */
export const fullConfig = {
	ordersOnStop: "keep",
	keeper,
	history,
	alerts,
	drill: { maxAgeDays: 30 } satisfies All<DrillConfig>,
	strategies,
	relay,
	leader,
	sessions: { hedge, maker, broker },
} as const;
