import type { IbkrHttpOptions } from "@x/ibkr-session";
import type { IbkrBearerOptions } from "@x/ibkr-session/oauth";
import type { IbkrConsumerOptions, IbkrUserCredentials } from "@x/ibkr-session/oauth1";
import type { BackoffOptions, KeeperOptions, OrdersOnClose } from "@x/keepalive";
import type { BybitSessionClientOptions, BybitSessionOptions } from "@x/keepalive/bybit";
import type { DeribitClientOptions, DeribitSessionOptions } from "@x/keepalive/deribit";
import type { IbkrSessionOptions, IbkrSessionSocketOptions } from "@x/keepalive/ibkr";
import type { AlertsConfig } from "../alerts/alert-options.ts";
import type { DrillConfig } from "../drill/drill-results.ts";
import type { HistoryConfig } from "../history/history-config.ts";
import type { LeaderConfig } from "../leader/leader-config.ts";
import type { RelayConfig } from "../relay/relay-config.ts";
import type { StrategyConfig } from "../strategies/strategy-config.ts";
import type { Configured } from "./options.ts";

/** Options that every session may have, in addition to the options of its venue. */
interface AnySessionConfig {
	/** True if the session is open only on the machine that leads. Has no effect if the configuration has no section `leader`. */
	readonly leader?: boolean;
}

/** A session at Deribit. */
export interface DeribitConfig extends Configured<DeribitSessionOptions, "deribit">, AnySessionConfig {
	readonly venue: "deribit";
	/**
	 * The first part of the labels `<orderLabel>-<epoch>` that the bots give their orders. Each new leader has a higher epoch. Before the
	 * session is armed, orders with the label of an earlier leader are cancelled.
	 */
	readonly orderLabel?: string;
	readonly client: Configured<DeribitClientOptions, "deribit.client"> & {
		readonly credentials: {
			readonly clientId: string;
			readonly clientSecret: string;
			readonly grant?: "client_credentials" | "client_signature";
			readonly authScope?: string;
		};
	};
}

/** A session at Bybit. */
export interface BybitConfig extends Configured<BybitSessionOptions, "bybit">, AnySessionConfig {
	readonly venue: "bybit";
	readonly client: Configured<Omit<BybitSessionClientOptions, "apiSecret">, "bybit.client"> & {
		readonly apiKey: string;
		readonly apiSecret: string;
	};
}

/** A session at Interactive Brokers. A person logs in at a gateway unless `oauth1` or `oauth2` is set. */
export interface IbkrConfig extends Configured<IbkrSessionOptions, "ibkr">, AnySessionConfig {
	readonly venue: "ibkr";
	readonly client?: Configured<IbkrHttpOptions, "ibkr.client">;
	readonly socket?: boolean | Configured<IbkrSessionSocketOptions, "ibkr.socket">;
	readonly expect?: NonNullable<IbkrSessionOptions["expect"]>;
	/** Which TLS certificate the agent trusts at the gateway, given as its text (`ca`) or as its fingerprint. */
	readonly gateway?: { readonly ca: string } | { readonly fingerprint256: string };
	readonly oauth1?: Configured<IbkrConsumerOptions & IbkrUserCredentials, "ibkr.oauth1">;
	readonly oauth2?: Configured<IbkrBearerOptions, "ibkr.oauth2">;
}

/** One session. Plain data. */
export type SessionConfig = DeribitConfig | BybitConfig | IbkrConfig;

/** The options of the keeper, the object that keeps all sessions alive. */
export interface KeeperConfig extends Configured<KeeperOptions, "keeper"> {
	readonly backoff?: Partial<BackoffOptions>;
	readonly restarts?: NonNullable<KeeperOptions["restarts"]>;
}

/** Where the agent serves its HTTP API, and who may use it. */
export interface HttpConfig {
	readonly host: string;
	readonly port: number;
	/** The token that a call needs if it changes something. If no token is configured, such calls are refused. */
	readonly token?: string;
	/** The absolute path of a Unix socket that serves the same API. */
	readonly socket?: string;
	/** Who may connect to the Unix socket: only the user of the agent, or its group too. Default `owner`. */
	readonly socketAccess?: "owner" | "group";
}

/** A checked configuration that contains its secrets. Plain data, which must never be logged. */
export interface Config {
	readonly file: string;
	readonly ordersOnStop: OrdersOnClose;
	readonly http: HttpConfig;
	/** The file in which the agent keeps its state. `file` is an absolute path. */
	readonly state: { readonly file: string };
	readonly log: { readonly level: "debug" | "info" | "warn" | "error" };
	readonly keeper: KeeperConfig;
	readonly history: HistoryConfig;
	readonly alerts: AlertsConfig;
	readonly drill: DrillConfig;
	readonly strategies: Readonly<Record<string, StrategyConfig>>;
	/** The settings of the relay, which passes calls of bots on over the sessions' connections; undefined if there is no relay. */
	readonly relay?: RelayConfig;
	/** Where agents agree which machine leads; undefined when no other machine runs the sessions. */
	readonly leader?: LeaderConfig;
	readonly sessions: Readonly<Record<string, SessionConfig>>;
}
